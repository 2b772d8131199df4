"""Whether a challenge is true: the start fails, the solution mends it, no step of it is needless, each hint is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from ...pipeline.fault import Fault
from ...refused import Refused
from .. import claim
from ..document import document
from ..world import World
from .case import Case, arrived, open_claims, treated
from .steps import perform, told

KIND = "ChallengeFault"
IMPOSSIBLE = (Refused, ValueError, LookupError, TypeError)


def faults(cases: Iterable[Case]) -> list[Fault]:
    """All that these challenges assert and that is not so, in their order."""
    return [fault for case in cases for fault in _of(case)]


def _of(case: Case) -> Iterator[Fault]:
    try:
        start = arrived(case)
        left = treated(case, ())
    except IMPOSSIBLE as problem:
        yield _fault(case, "", f"The story cannot be run: {_said(problem)}", "Mend the pipeline, the world or `before`.")
        return
    for moment, sim in (("when the student arrives", start), ("when only time passes", left)):
        if not open_claims(case, sim):
            yield _fault(case, "goal", f"The goal holds already {moment}.", "Ask for what only a repair brings.")
    for place, hint in enumerate(case.hints):
        against = _against(World(case.world, made=start), hint.claim)
        if against:
            yield _fault(case, f"hints[{place}]", against, "Say what is so when the student arrives.")
    yield from _solution(case)


def _against(one: World, text: str) -> str:
    try:
        true = claim.holds(text, document(one, claim.names(text)))
    except claim.Hollow as problem:
        return str(problem)
    return "" if true else "What the hint says does not hold at the start."


def _solution(case: Case) -> Iterator[Fault]:
    try:
        end = treated(case, case.solution)
    except IMPOSSIBLE as problem:
        yield _fault(case, "solution", f"A step cannot be taken: {_said(problem)}", "Mend it.")
        return
    if end.now > case.deadline:
        yield _fault(case, "within", "The solution takes longer than there is time.", "Give more time.")
    still = open_claims(case, end)
    if still:
        yield _fault(case, "goal", f"After the solution this does not hold: {'; '.join(still)}", "Mend one of them.")
        return
    for place in range(len(case.solution)):
        if _works_without(case, place):
            yield _fault(case, f"solution[{place}]", f"The solution works without it: {told(case.solution[place])}",
                         "Leave it out, or ask for more in the goal.")


def _works_without(case: Case, place: int) -> bool:
    """Whether all other steps suffice; one that is then refused is passed over: a student would go on, too."""
    sim = arrived(case)
    for step in (*case.solution[:place], *case.solution[place + 1:]):
        with suppress(*IMPOSSIBLE):
            perform(sim, step)
    return not open_claims(case, sim.run(max(case.deadline, sim.now)))


def _said(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__


def _fault(case: Case, part: str, message: str, fix: str) -> Fault:
    return Fault(".".join(filter(None, (case.path, part))), case.key, KIND, message, fix)
