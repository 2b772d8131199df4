"""Artifacts: each name made once, and made by the time it is needed (1.3, 1.5, 3)."""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault, near
from .walk import STAGE, STRUCTURE, Draft, PlacedAction, Reader

CLONE = "CODEBUILD_CLONE_REF"


def look_at_artifacts(draft: Draft) -> Iterator[Fault]:
    made: dict[str, PlacedAction] = {}
    for action in draft.actions:
        for place, name in enumerate(action.names("outputArtifacts")):
            if name in made:  # the rule: UG22, its class: knowledge
                yield action.fault(STRUCTURE, f"The output artifact '{name}' is made by {made[name].where} already.",
                                   "Artifact names must be unique in the pipeline.", f"outputArtifacts[{place}]")
            made.setdefault(name, action)
    for reader in draft.readers:
        for place, name in enumerate(reader.names("inputArtifacts")):
            yield from _reading(reader, name, f"inputArtifacts[{place}]", made)


def _reading(reader: Reader, name: str, below: str, made: dict[str, PlacedAction]) -> Iterator[Fault]:
    """An input is the output of an action that has ended [knowledge] and that really makes it."""
    error = STRUCTURE if isinstance(reader, PlacedAction) else STAGE
    against = _against_reading(reader, name, made)
    if against:
        yield reader.fault(error, *against, below)
        return
    doubt = _against_content(reader, name, made[name])
    if doubt:
        yield reader.fault(error, *doubt, below, warning=True)


def _against_content(reader: Reader, name: str, maker: PlacedAction) -> tuple[str, str] | None:
    """A clone reference is for CodeBuild alone (2.2); CloudFormation writes only the file that it is told to (2.4)."""
    if maker.settings.get("OutputArtifactFormat") == CLONE and isinstance(reader, PlacedAction) and (
            reader.kind.provider not in ("CodeBuild", "Commands", "ECRBuildAndPublish")):
        return (f"'{name}' is a reference to clone by ({CLONE}), which {reader.kind.provider} cannot use.",
                f"Use CODE_ZIP in {maker.where}, or a CodeBuild action in between.")
    if maker.kind.provider == "CloudFormation" and "OutputFileName" not in maker.settings:
        return f"{maker.where} has no OutputFileName, so nothing is in '{name}'.", "Add OutputFileName there."
    return None


def _against_reading(reader: Reader, name: str, made: dict[str, PlacedAction]) -> tuple[str, str] | None:
    """Why an input artifact is not there in time, and what to do."""
    maker = made.get(name)
    if maker is None:
        return _never_made(reader, name, made)
    if reader.sees(maker):
        return None
    if maker is reader:
        return f"The action reads the artifact '{name}' that it makes itself.", "Give the output another name."
    if isinstance(reader, PlacedAction) and maker.stage == reader.stage and maker.order == reader.order:
        return (f"Input artifact '{name}' is made by {maker.where} in the same action group.",
                f"Give {reader.name} a higher runOrder than {maker.order}.")
    return f"Input artifact '{name}' is made later, by {maker.where}.", f"Move {maker.where} before {reader.where}."


def _never_made(reader: Reader, name: str, made: dict[str, PlacedAction]) -> tuple[str, str]:
    earlier = [known for known, action in made.items() if reader.sees(action)]
    other = next((known for known in earlier if known.lower() == name.lower()), None)
    if other:
        return (f"Input artifact '{name}' is made by no earlier action; {made[other].where} makes '{other}'.",
                f"Write '{other}': names are case sensitive.")
    return (f"Input artifact '{name}' is not declared as an output of any preceding action.",
            near(name, earlier) or f"Made before: {', '.join(earlier) or 'nothing'}.")
