"""How a student works on a challenge: real operations on a run that goes no further than its deadline, counted and judged.

    visit = Visit(case_of("disabled-transition"))
    visit.call("GetPipelineState")
    visit.call("EnableStageTransition", stageName="Prod", transitionType="Inbound")
    visit.check().solved
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...aws.account import ask
from ...aws.cli_door import Done, aws
from ...scenario import duration
from ...simulation import Simulation
from ..words import say
from .case import HINT, MISTAKE, Case, Hint, arrived, open_claims
from .steps import AUTHOR_ONLY, CALL, DELIVER, PUSH, READ, Step, done, perform

FORBIDDEN = (*AUTHOR_ONLY, "decide")


class Verdict(NamedTuple):
    """What a check came to: whether the pipeline is mended, the score of 100, and why not, where it is not."""

    solved: bool
    score: int
    sentence: str = ""


class Visit:
    """A student at a challenge. `simulation` is the run, at the moment at which it has come."""

    def __init__(self, case: Case, *, language: str = "en") -> None:
        self.case, self.language = case, language
        self.begin()

    def begin(self) -> None:
        """From the start, as if nothing had been done."""
        self.simulation: Simulation = arrived(self.case)
        self._before = len(self.simulation.inputs)
        self.looks = self.mistakes = self.hinted = 0
        self.verdict = Verdict(False, 0)

    # ---------------------------------------------------------------------------------------------- what a student does

    def call(self, operation: str, /, *, by: str = "", **request: Any) -> Any:
        """An operation of CodePipeline. The only pipeline's name may be left out, and `execution=2` stands for an id, as
        in scenarios. Raises `Refused`."""
        return perform(self.simulation, Step(CALL, operation, request, by))

    def ask(self, service: str, operation: str, /, *, by: str = "", **request: Any) -> dict[str, Any]:
        """An operation of a service beside it: `ask("iam", "PutRolePolicy", …)`. Raises `Refused`."""
        before = len(self.simulation.inputs)
        try:
            return ask(self.simulation, service, operation, request, by)
        finally:
            self._looked(before)

    def aws(self, command: str, *, by: str = "") -> Done:
        """A command of the aws CLI."""
        before = len(self.simulation.inputs)
        try:
            return aws(self.simulation, command, by=by or None)
        finally:
            self._looked(before)

    def _looked(self, before: int) -> None:
        """What leaves no trace in the run has only read."""
        self.looks += len(self.simulation.inputs) == before

    def client(self, service: str = "codepipeline", *, by: str | None = None) -> Any:
        """A boto3 client of the account."""
        return self.simulation.client(service, by=by)

    def push(self, source: str = "", **revision: Any) -> str:
        """A developer pushes."""
        return str(perform(self.simulation, Step(PUSH, source, revision)))

    def deliver(self, webhook: str, **delivery: Any) -> str | None:
        """The sender of a webhook delivers (again); what stands against it."""
        found: str | None = perform(self.simulation, Step(DELIVER, webhook, delivery))
        return found

    def wait(self, how_long: int | str = "10m") -> int:
        """Let time pass, to the deadline at most; how many seconds are left."""
        self.simulation.run(min(self.simulation.now + duration(how_long), max(self.case.deadline, self.simulation.now)))
        return self.left

    def next(self) -> int:
        """Let time pass up to the next event, to the deadline at most; how many seconds are left."""
        sim, before = self.simulation, len(self.simulation.records)
        while len(sim.records) == before and self.left:
            sim.run(min(max(int(sim.env.peek()), sim.now), self.case.deadline) if sim.live else self.case.deadline)
        return self.left

    @property
    def left(self) -> int:
        """Seconds until the deadline."""
        return max(self.case.deadline - self.simulation.now, 0)

    # ---------------------------------------------------------------------------------------------- hints and judgement

    def hint(self) -> Hint | None:
        """The next hint; None where there is no further one."""
        if self.hinted == len(self.case.hints):
            return None
        self.hinted += 1
        return self.case.hints[self.hinted - 1]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was done since the student arrived."""
        return tuple(done(one) for one in self.simulation.inputs[self._before:])

    @property
    def cost(self) -> int:
        """Points spent: for calls, hints and mistakes."""
        return sum(step.cost for step in self.steps) + READ * self.looks + HINT * self.hinted + MISTAKE * self.mistakes

    @property
    def score(self) -> int:
        """Of 100: all of it for whoever spends no more than the best known solution."""
        return round(100 * self.case.par / max(self.case.par, self.cost))

    def check(self) -> Verdict:
        """Whether it is mended: time passes to the deadline in a copy of the run, and the goal is looked at there."""
        if self.verdict.solved:
            return self.verdict
        against = self._against()
        if against:
            self.mistakes += 1
        self.verdict = Verdict(not against, 0 if against else self.score, against)
        return self.verdict

    def _against(self) -> str:
        foul = next((step.kind for step in self.steps if step.kind in FORBIDDEN), "")
        if foul:
            return say("clinic.foul", self.language, what=foul)
        end = self.simulation.fork(self.case.deadline)
        if not open_claims(self.case, end):
            return ""
        return say("clinic.not_yet" if self.left else "clinic.over", self.language)
