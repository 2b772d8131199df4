"""Variables: every `#{namespace.key}` names something that is there by then (1.5, 5)."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue import action_type
from ..fault import Fault, near
from ..variables import Reference, references
from .stages import ACTION, STRUCTURE
from .walk import Draft, PlacedAction

RESERVED = "codepipeline"


def look_at_variables(draft: Draft) -> Iterator[Fault]:
    spaces: dict[str, PlacedAction] = {}
    declared = [str(variable.get("name", "")) for variable in draft.structure.get("variables") or ()]
    for action in draft.actions:
        if namespace := action.body.get("namespace"):
            yield from _namespace(action, str(namespace), spaces, bool(declared))
            spaces.setdefault(str(namespace), action)
    for action in draft.actions:
        for below, reference in _references(action):
            yield from _reference(action, below, reference, spaces, declared)


def _namespace(
    action: PlacedAction, namespace: str, spaces: dict[str, PlacedAction], declares: bool
) -> Iterator[Fault]:
    if namespace == RESERVED or (namespace == "variables" and declares):
        yield action.fault(ACTION, f"The namespace '{namespace}' is reserved.", "Choose another.", "namespace")
    elif namespace in spaces:
        yield action.fault(ACTION, f"The namespace '{namespace}' is used by {spaces[namespace].where} already.",
                           "Namespaces must be unique in the pipeline.", "namespace")


def _references(action: PlacedAction) -> Iterator[tuple[str, Reference]]:
    for key, text in action.settings.items():
        for reference in references(str(text)):
            yield f"configuration.{key}", reference
    for number, text in enumerate(action.body.get("commands") or ()):
        for reference in references(str(text)):
            yield f"commands[{number}]", reference


def _reference(
    action: PlacedAction, below: str, reference: Reference, spaces: dict[str, PlacedAction], declared: list[str]
) -> Iterator[Fault]:
    space, key = reference.namespace, reference.key
    if not reference.well_formed:
        yield action.fault(ACTION, f"{reference.text} is no valid variable reference.",
                           "The form is #{namespace.key}.", below)
    elif space == RESERVED:
        if key != "PipelineExecutionId":
            yield action.fault(ACTION, f"{reference.text}: the namespace codepipeline holds PipelineExecutionId only.",
                               "Write #{codepipeline.PipelineExecutionId}.", below)
    elif space in spaces:
        yield from _from_action(action, below, reference, spaces[space])
    elif space == "variables":
        yield from _from_pipeline(action, below, reference, declared)
    else:
        yield action.fault(ACTION, f"{reference.text} refers to the namespace '{space}', which does not exist.",
                           near(space, [*spaces, "variables", RESERVED]) or
                           f"Namespaces: {', '.join([*spaces, RESERVED])}.", below)


def _from_action(action: PlacedAction, below: str, reference: Reference, producer: PlacedAction) -> Iterator[Fault]:
    if not producer.before(action):
        yield action.fault(ACTION, f"{reference.text} comes from {producer.where}, which does not run before "
                           f"{action.where}.", "The producing action must be in an earlier stage or run order.", below)
        return
    known = _keys_of(producer)
    if known is not None and reference.key not in known:
        yield action.fault(ACTION, f"{producer.where} produces no variable '{reference.key}': the action will fail when it "
                           "runs.", near(reference.key, known) or f"It produces {', '.join(known) or 'none'}.", below,
                           warning=True)


def _keys_of(producer: PlacedAction) -> tuple[str, ...] | None:
    """The variables that an action can produce; None where only its build, function or stack knows."""
    if producer.kind.provider == "Commands":
        return tuple(map(str, producer.body.get("outputVariables") or ()))
    info = action_type(producer.kind)
    return info.variables or None if info is not None and producer.kind.owner != "Custom" else None


def _from_pipeline(action: PlacedAction, below: str, reference: Reference, declared: list[str]) -> Iterator[Fault]:
    if action.kind.category == "Source":
        yield action.fault(STRUCTURE, f"Pipeline-level variables cannot be used in source actions: {reference.text}.",
                           "Use a source revision override instead.", below)
    if reference.key not in declared:
        yield action.fault(STRUCTURE, f"{reference.text} refers to a pipeline variable that has not been declared.",
                           near(reference.key, declared) or f"Declared: {', '.join(declared) or 'none'}.", below)
