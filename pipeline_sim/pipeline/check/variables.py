"""Variables: every `#{namespace.key}` names something that is there by then (1.5, 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..fault import Fault, near
from ..variables import Reference, references_in
from .walk import ACTION, STAGE, STRUCTURE, Draft, PlacedAction, Reader

RESERVED, PIPELINE = "codepipeline", "variables"
Spaces = Mapping[str, PlacedAction]


def look_at_variables(draft: Draft) -> Iterator[Fault]:
    spaces: dict[str, PlacedAction] = {}
    artifacts = {name for action in draft.actions for name in action.names("outputArtifacts")}
    for action in draft.actions:
        if namespace := action.body.get("namespace"):
            yield from _namespace(draft, action, namespace, spaces, artifacts)
            spaces.setdefault(namespace, action)
    for reader in draft.readers:
        for below, reference in references_in(reader.body):
            yield from _reference(draft, reader, below, reference, spaces)


def _namespace(
    draft: Draft, action: PlacedAction, namespace: str, spaces: Spaces, artifacts: set[str]
) -> Iterator[Fault]:
    """One use of each, none of the reserved words [UG22:reference-variables, class: knowledge]; `variables` is free
    where the pipeline declares none [PROBE-B]."""
    if namespace == RESERVED or (namespace == PIPELINE and draft.structure.get("variables")):
        yield action.fault(ACTION, f"The namespace '{namespace}' is reserved.", "Choose another.", "namespace")
    elif namespace in spaces:
        yield action.fault(ACTION, f"The namespace '{namespace}' is used by {spaces[namespace].where} already.",
                           "Namespaces must be unique in the pipeline.", "namespace")
    elif namespace in artifacts:
        yield action.fault(ACTION, f"The namespace '{namespace}' is the name of an artifact too.",
                           "The guide wants them to differ.", "namespace", warning=True)


def _reference(
    draft: Draft, reader: Reader, below: str, reference: Reference, spaces: Spaces
) -> Iterator[Fault]:
    """Well formed, to a namespace that there is [PROBE-B]."""
    error = ACTION if isinstance(reader, PlacedAction) else STAGE
    space = reference.namespace
    if not reference.well_formed:
        yield reader.fault(error, f"{reference.text} is no valid variable reference.",
                           "The form is #{namespace.key}.", below)
    elif space == RESERVED:
        if reference.key != "PipelineExecutionId":
            yield reader.fault(error, f"{reference.text}: the namespace codepipeline holds PipelineExecutionId only.",
                               "Write #{codepipeline.PipelineExecutionId}.", below)
    elif space in spaces:
        yield from _from_action(draft, reader, below, reference, spaces[space])
    elif space == PIPELINE:
        yield from _from_pipeline(draft, reader, below, reference)
    else:
        known = [name for name, action in spaces.items() if reader.sees(action)]
        yield reader.fault(error, f"{reference.text} refers to the namespace '{space}', which does not exist.",
                           near(space, [*spaces, PIPELINE, RESERVED]) or
                           f"Namespaces: {', '.join([*known, RESERVED])}.", below)


def _from_action(
    draft: Draft, reader: Reader, below: str, reference: Reference, producer: PlacedAction
) -> Iterator[Fault]:
    """From an action that has ended [UG22 rule, class: knowledge]. A key that it does not produce is found out when the
    reader runs (5)."""
    error = ACTION if isinstance(reader, PlacedAction) else STAGE
    if not reader.sees(producer):
        yield reader.fault(error, f"{reference.text} comes from {producer.where}, which does not run before "
                           f"{reader.where}.", "The producing action must be in an earlier stage or run order.", below)
        return
    known = _keys_of(draft, producer)
    if known is not None and reference.key not in known:
        yield reader.fault(error, f"{producer.where} produces no variable '{reference.key}': this will fail when it runs.",
                           near(reference.key, known) or f"It produces {', '.join(known) or 'none'}.", below, warning=True)


def _keys_of(draft: Draft, producer: PlacedAction) -> tuple[str, ...] | None:
    """The variables that an action can produce; None where only its build, function, stack or worker knows."""
    if producer.kind.provider == "Commands":
        return tuple(producer.body.get("outputVariables") or ())
    info = draft.info(producer.kind)
    return info.variables or None if info is not None else None


def _from_pipeline(draft: Draft, reader: Reader, below: str, reference: Reference) -> Iterator[Fault]:
    """Declared, and not in a source action [PROBE-B]."""
    declared = [variable.get("name", "") for variable in draft.structure.get("variables") or ()]
    if isinstance(reader, PlacedAction) and reader.kind.category == "Source":
        yield reader.fault(STRUCTURE, f"Pipeline-level variables cannot be used in source actions: {reference.text}.",
                           "Use a source revision override instead.", below)
    if reference.key not in declared:
        yield reader.fault(STRUCTURE, f"{reference.text} refers to a pipeline variable that has not been declared.",
                           near(reference.key, declared) or f"Declared: {', '.join(declared) or 'none'}.", below)
