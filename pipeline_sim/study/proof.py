"""Whether a question is true: each option's claim is held against a run, the right ones for true, the wrong for false."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..pipeline.fault import Fault
from ..pipeline.fault import Faults as Refused
from ..simulation import Simulation
from . import claim
from .document import document, proven_by
from .facts import known
from .question import EVIDENCE, Option, Prediction, Question
from .telling import moment
from .world import NoWorld, World, fresh, world


@dataclass(frozen=True)
class Shown:
    """What can be shown of a question or an option: a run, where in it to look, and the answer to why there."""

    run: Simulation
    position: int
    sentence: str
    causes: tuple[str, ...] = ()


def world_of(question: Question | Prediction, option: Option | None = None) -> World:
    """The world of a question, as one of its options would have it."""
    return world(question.world, option.given if option else None)


def holds(question: Question, option: Option) -> bool:
    """Whether an option's claim is true in its world. Raises `claim.Hollow` or `NoWorld` where nothing can be said."""
    return claim.holds(option.claim, document(world_of(question, option), claim.names(option.claim)))


def shown_by(option: Option) -> str:
    """By what an option is proven: `run`, `policy`, `check`, `catalogue`, or `evidence` alone."""
    return proven_by(claim.names(option.claim)) if option.claim else EVIDENCE


def faults(questions: Iterable[Question]) -> list[Fault]:
    """All that these questions assert and that is not so, in their order."""
    return [fault for question in questions for fault in _of(question)]


def _of(question: Question) -> Iterator[Fault]:
    for place, option in enumerate(question.options):
        said = _against(question, option)
        if said:
            yield Fault(f"{question.path}.options[{place}]", question.key, "ProofFault", *said)
    if question.moment or question.ask:
        yield from _showing(question)


def _against(question: Question, option: Option) -> tuple[str, str] | None:
    """What stands against an option, and what to do."""
    if not option.claim:
        if option.evidence in known():
            return None
        return f"No evidence has the key '{option.evidence}'.", "docs/evidence.md and the course's facts list them."
    try:
        true = holds(question, option)
    except (claim.Hollow, NoWorld, Refused, KeyError, TypeError) as problem:
        return f"The claim `{option.claim}` says nothing. {problem}", "Mend the claim or the world."
    if true == option.right:
        return None
    if option.right:
        return f"It is marked right, but the run contradicts `{option.claim}`.", "Mend the option, its claim or its world."
    return f"It is marked wrong, but the run shows `{option.claim}`.", "Mend the option, its claim or its world."


def _showing(question: Question | Prediction) -> Iterator[Fault]:
    try:
        show(question)
    except (ValueError, KeyError) as problem:
        yield Fault(f"{question.path}.moment", question.key, "ProofFault", str(problem), "Name a line that is recorded.")


def show(question: Question | Prediction, option: Option | None = None) -> Shown | None:
    """The run behind a question (that of its first right option, or its own where only that has the moment) or behind one
    option, at its decisive moment; None where no run is behind it.

    Where another option's own world lacks the question's moment, its end is shown. Raises ValueError where the right
    option's run lacks it, or nothing there can be asked, or the option's pipeline cannot be run.
    """
    first = _first(question)
    shown = option or first
    if isinstance(question, Question) and (shown is None or not shown.claim):
        return None
    ask = question.ask if isinstance(question, Question) else question.why
    one = world_of(question, shown)
    for tried in [one, world_of(question)] if shown is first else [one]:
        position = moment(tried.run.records, question.moment) if question.moment else len(tried.run.records)
        if position is not None:
            return _shown(tried, position, ask)
    if shown is first:
        raise ValueError(f"Nothing in the run begins with '{question.moment}'.")
    return _shown(one, len(one.run.records), "")


def _first(question: Question | Prediction) -> Option | None:
    """The option whose world shows how it is: the first that is right and has a claim."""
    options = question.options if isinstance(question, Question) else ()
    return next((one for one in options if one.right and one.claim), None)


def _shown(one: World, position: int, ask: str) -> Shown:
    from ..views.why import why

    run = fresh(one)
    if not ask:
        return Shown(run, position, "")
    told = why(run.at(position), ask, run.records[:position])
    return Shown(run, position, told.sentence, tuple(cause.sentence for cause in told.causes))


# ---------------------------------------------------------------------------------------------- predictions


def outcome(prediction: Prediction) -> str:
    """What the run says to a prediction, as one of its choices or a number. Raises `claim.Hollow` where nothing."""
    found = claim.value(prediction.query, document(world_of(prediction), claim.names(prediction.query)))
    if isinstance(found, bool):
        return "yes" if found else "no"
    if not isinstance(found, str | int | float):
        raise claim.Hollow(f"The query comes to {found!r}, which is nobody's answer.")
    return str(found)


def prediction_faults(predictions: Iterable[Prediction]) -> list[Fault]:
    """Predictions whose run gives no answer, or none of the choices, or lacks the moment."""
    return [fault for one in predictions for fault in _of_prediction(one)]


def _of_prediction(one: Prediction) -> Iterator[Fault]:
    try:
        found = outcome(one)
    except (claim.Hollow, NoWorld) as problem:
        yield Fault(f"{one.path}.query", one.key, "ProofFault", str(problem), "Mend the query or the world.")
        return
    if one.choices and found not in one.choices:
        yield Fault(f"{one.path}.choices", one.key, "ProofFault", f"The run says {found!r}, which is no choice.",
                    "Add it to the choices.")
    yield from _showing(one)
