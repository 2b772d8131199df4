"""What a run costs: a ledger with a line for every attempt that is billed, months with their free tiers, V1 against V2.

Prices are those of us-east-1 in USD [PRICE]; CodeBuild's rates are [WEB, knowledge] (11). All of them stand in
`PRICES`: `replace(PRICES, action_minute=0.003)` makes another table. Storage, keys, logs and the services that deploy
are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from ..calm import calm
from ..pipeline.model import Action, Rule
from ..record import Record
from ..state import Attempt, ExecutionState, PipelineState, RuleRun, State, fold
from .links import reached
from .names import moment
from .spans import rules_of

__all__ = ["PRICES", "Comparison", "Ledger", "Line", "Month", "Prices", "Total", "compare", "ledger", "replace"]

MINUTE, DAY = 60, 86_400
NEW = 30 * DAY
"""A V1 pipeline is free for so long after its creation [PRICE]."""


@dataclass(frozen=True)
class Prices:
    """USD. `builds` are build minutes by compute type; free tiers are for each account and month."""

    pipeline_month: float = 1.00
    action_minute: float = 0.002
    free_pipelines: int = 1
    free_action_minutes: int = 100
    free_build_minutes: int = 100
    builds: Mapping[str, float] = field(default_factory=lambda: {
        "general1.small": 0.005,
        "general1.medium": 0.010,
        "general1.large": 0.020,
        "general1.xlarge": 0.08,
        "general1.2xlarge": 0.20,
        "arm1.small": 0.0034,
        "arm1.large": 0.015,
        "windows.medium": 0.018,
        "windows.large": 0.036,
    })

    @property
    def break_even(self) -> float:
        """How many paid action minutes of V2 cost as much as a month of V1: 500."""
        return self.pipeline_month / self.action_minute


PRICES = Prices()
_FREE_TIER = frozenset({"general1.small", "arm1.small"})
_MANAGED = frozenset({"Commands", "ECRBuildAndPublish", "InspectorScan", "EKS"})
"""Compute that CodePipeline provides: billed by CodePipeline and by CodeBuild."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one attempt of an action (or run of a rule) is billed. `minutes` are action minutes of V2, each attempt
    rounded up; `amount` is their price before the free tier, 0 in a pipeline of type V1; the same of builds."""

    pipeline: str
    execution: int
    stage: str
    name: str
    attempt: int
    provider: str
    month: str
    seconds: int
    minutes: int
    amount: float
    compute: str = ""
    build_minutes: int = 0
    build_amount: float = 0.0
    note: str = ""
    type: str = "V2"


@dataclass(frozen=True, slots=True)
class Total:
    """The lines of one execution, added up, before free tiers."""

    pipeline: str
    execution: int
    minutes: int
    amount: float
    build_minutes: int
    build_amount: float

    @property
    def total(self) -> float:
        return self.amount + self.build_amount


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month's bill (UTC), free tiers taken off. `active` are the V1 pipelines that it charges or grants."""

    month: str
    minutes: int
    amount: float
    active: tuple[str, ...]
    pipelines_amount: float
    build_minutes: int
    build_amount: float

    @property
    def total(self) -> float:
        return self.amount + self.pipelines_amount + self.build_amount


@dataclass(frozen=True)
class Ledger:
    """Everything that was billed in a run."""

    lines: tuple[Line, ...]
    executions: tuple[Total, ...]
    months: tuple[Month, ...]
    prices: Prices

    @property
    def total(self) -> float:
        """The bill of all months."""
        return sum(month.total for month in self.months)

    def of(self, pipeline: str, execution: int) -> tuple[Line, ...]:
        """The lines of one execution."""
        return tuple(line for line in self.lines if (line.pipeline, line.execution) == (pipeline, execution))


def ledger(
    run: State | Iterable[Record],
    prices: Prices = PRICES,
    compute: Mapping[str, str] | None = None,
    now: int | None = None,
) -> Ledger:
    """The ledger of a run. `compute` says which CodeBuild projects run on what (`{"Build/*": "general1.medium"}`; the
    smallest, where it says nothing): a pipeline's definition does not know. What still runs is counted up to `now`."""
    state = run if isinstance(run, State) else _folded(run)
    computes = compute or {}
    unknown = set(computes.values()) - set(prices.builds)
    if unknown:
        raise ValueError(f"There is no price for {', '.join(sorted(unknown))}. Prices: {', '.join(prices.builds)}.")
    at = state.now if now is None else now
    with calm():
        lines = tuple(line for pipeline in _pipelines(state) for line in _lines(state, pipeline, prices, computes, at))
    return Ledger(lines, tuple(_totals(lines)), tuple(_months(state, lines, prices)), prices)


def _folded(records: Iterable[Record]) -> State:
    with calm():
        return fold(records)


def _pipelines(state: State) -> Iterator[PipelineState]:
    yield from state.deleted
    yield from state.pipelines.values()


# ---------------------------------------------------------------------------------------------- lines


def _lines(
    state: State, pipeline: PipelineState, prices: Prices, computes: Mapping[str, str], now: int
) -> Iterator[Line]:
    for execution in pipeline.executions.values():
        for stage, run in execution.stages.items():
            for name, attempts in run.attempts.items():
                action = execution.definition.by_name[stage].by_name[name]
                for attempt in attempts:
                    yield _of_attempt(state, execution, stage, action, attempt, prices, computes, now)
            for gate, conditions in run.gates.items():
                rules = {rule.name: rule for rule in rules_of(execution.definition, stage, gate)}
                for condition in conditions:
                    for name, ran in condition.rules.items():
                        if rules[name].provider in ("CodeBuild", "Commands"):
                            yield _of_rule(state, execution, stage, rules[name], ran, prices, computes, now)


def _minutes(seconds: int) -> int:
    return -(-seconds // MINUTE)


def _of_attempt(
    state: State, execution: ExecutionState, stage: str, action: Action, attempt: Attempt, prices: Prices,
    computes: Mapping[str, str], now: int,
) -> Line:
    """Approvals and custom actions are free [PRICE]. A build is billed from where it got its slot; one that never began
    costs no build minutes."""
    end = attempt.ended if attempt.ended is not None else now
    free = _free(action)
    minutes = 0 if free else _minutes(end - attempt.started)
    kind = compute_of(action, f"{stage}/{action.name}", computes)
    build = _minutes(end - attempt.began) if kind and attempt.began is not None and reached(attempt) else 0
    return Line(
        execution.pipeline, execution.number, stage, action.name, attempt.number, action.provider,
        _month(state, attempt.started), end - attempt.started, minutes, _v2(execution, minutes, prices), kind, build,
        build * prices.builds.get(kind, 0.0), _note(action, attempt, free), execution.definition.type)


def _v2(execution: ExecutionState, minutes: int, prices: Prices) -> float:
    return minutes * prices.action_minute if execution.definition.type == "V2" else 0.0


def _free(action: Action) -> str:
    if action.is_approval:
        return "approvals are not billed"
    return "custom actions are not billed" if action.type.owner == "Custom" else ""


def _note(action: Action, attempt: Attempt, free: str) -> str:
    if free:
        return free
    if attempt.ended is None:
        return "still running: counted up to now"
    if attempt.status == "Abandoned":
        return "abandoned: what the provider did after that is not counted"
    if attempt.number > 1:
        return "a retry: paid again"
    return "billed by CodePipeline and by CodeBuild" if action.provider in _MANAGED else ""


def compute_of(action: Action, place: str, computes: Mapping[str, str]) -> str:
    """On what an action builds; empty where it does not build."""
    if action.provider == "Commands":
        return _named(action.configuration)
    if action.provider != "CodeBuild" and action.provider not in _MANAGED:
        return ""
    return _project(place, computes)


def _project(place: str, computes: Mapping[str, str]) -> str:
    return next((kind for glob, kind in computes.items() if fnmatchcase(place, glob)), "general1.small")


def _named(configuration: Mapping[str, str]) -> str:
    """`BUILD_GENERAL1_SMALL` as the table of prices names it. Windows comes in medium and large."""
    size = configuration.get("ComputeType", "BUILD_GENERAL1_SMALL").rsplit("_", 1)[-1].lower()
    if configuration.get("EnvironmentType", "").startswith("WINDOWS"):
        return "windows.large" if size == "large" else "windows.medium"
    return f"general1.{size}"


def _of_rule(
    state: State, execution: ExecutionState, stage: str, rule: Rule, ran: RuleRun, prices: Prices,
    computes: Mapping[str, str], now: int,
) -> Line:
    """Rules that build are billed by both services; other rules are not billed (our reading)."""
    end = ran.ended if ran.ended is not None else now
    kind = _project(f"{stage}/{rule.name}", computes)
    minutes = _minutes(end - ran.started)
    built = minutes if reached(ran) else 0
    return Line(execution.pipeline, execution.number, stage, rule.name, 1, rule.provider, _month(state, ran.started),
                end - ran.started, minutes, _v2(execution, minutes, prices), kind, built,
                built * prices.builds[kind], "a rule: billed by CodePipeline and by CodeBuild",
                execution.definition.type)


def _month(state: State, seconds: int) -> str:
    return moment(state, seconds).strftime("%Y-%m")


# ---------------------------------------------------------------------------------------------- totals


def _totals(lines: Iterable[Line]) -> Iterator[Total]:
    of: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        of.setdefault((line.pipeline, line.execution), []).append(line)
    for (pipeline, execution), own in of.items():
        yield Total(pipeline, execution, sum(line.minutes for line in own), sum(line.amount for line in own),
                    sum(line.build_minutes for line in own), sum(line.build_amount for line in own))


def _months(state: State, lines: Iterable[Line], prices: Prices) -> Iterator[Month]:
    of: dict[str, list[Line]] = {}
    for line in lines:
        of.setdefault(line.month, []).append(line)
    active = _active(state)
    for month in sorted({*of, *active}):
        yield _bill(month, of.get(month, []), tuple(active.get(month, ())), prices)


def _bill(month: str, lines: list[Line], active: tuple[str, ...], prices: Prices) -> Month:
    """The free tiers are taken off once, for all pipelines together [PRICE]; that of builds off the smallest types."""
    minutes = sum(line.minutes for line in lines if line.type == "V2")
    builds = sum(line.build_minutes for line in lines)
    amount = max(0, minutes - prices.free_action_minutes) * prices.action_minute
    free, build_amount = prices.free_build_minutes, 0.0
    for line in lines:
        taken = min(free, line.build_minutes) if line.compute in _FREE_TIER else 0
        free -= taken
        build_amount += (line.build_minutes - taken) * prices.builds.get(line.compute, 0.0)
    charged = max(0, len(active) - prices.free_pipelines)
    return Month(month, minutes, amount, active, charged * prices.pipeline_month, builds, build_amount)


def _active(state: State) -> dict[str, list[str]]:
    """The V1 pipelines that are active in a month: older than 30 days, and a change of the code ran through [PRICE].
    Those that were there when the clock started count as old."""
    found: dict[str, list[str]] = {}
    for pipeline in _pipelines(state):
        for month, started in _changed(state, pipeline).items():
            if pipeline.definition.type == "V1" and (not pipeline.created or started - pipeline.created > NEW):
                found.setdefault(month, []).append(pipeline.name)
    return found


def _changed(state: State, pipeline: PipelineState) -> dict[str, int]:
    """In which months an execution ran with a revision that none before it had; with the latest such start."""
    known, months = set[str](), dict[str, int]()
    for execution in pipeline.executions.values():
        taken = {revision.id for revision in execution.revisions.values()}
        if taken - known:
            months[_month(state, execution.started)] = execution.started
        known |= taken
    return months


# ---------------------------------------------------------------------------------------------- V1 against V2


@dataclass(frozen=True)
class Comparison:
    """What a pipeline would cost in a month as V1 and as V2, free tiers left aside (they are the account's). Builds
    cost the same in both. `break_even_executions` is how many executions a month, of the size of these, cost as much
    in V2 as in V1; None where they take no minutes."""

    pipeline: str
    month: str
    executions: int
    minutes: int
    v1: float
    v2: float
    break_even_minutes: float
    break_even_executions: float | None

    @property
    def cheaper(self) -> str:
        """`V1`, `V2`, or `equal`."""
        if abs(self.v1 - self.v2) < 1e-9:
            return "equal"
        return "V1" if self.v1 < self.v2 else "V2"

    def __str__(self) -> str:
        verdict = "they cost the same" if self.cheaper == "equal" else f"{self.cheaper} is cheaper"
        until = "" if self.break_even_executions is None else (
            f"; at {self.break_even_executions:.0f} executions like these a month both cost the same")
        count = f"{self.executions} execution{'s' if self.executions != 1 else ''}"
        return (f"{self.pipeline} in {self.month}: {self.minutes} action minutes in {count}, V2 {self.v2:.2f} USD, "
                f"V1 {self.v1:.2f} USD: {verdict}{until}.")


def compare(run: State | Iterable[Record], prices: Prices = PRICES, now: int | None = None) -> list[Comparison]:
    """V1 against V2, for each pipeline and month in which a change ran through it or an action was billed."""
    state = run if isinstance(run, State) else _folded(run)
    lines = ledger(state, prices, now=now).lines
    return [one for pipeline in _pipelines(state) for one in _compared(state, pipeline, lines, prices)]


def _compared(state: State, pipeline: PipelineState, lines: Iterable[Line], prices: Prices) -> Iterator[Comparison]:
    changed = _changed(state, pipeline)
    own = [line for line in lines if line.pipeline == pipeline.name]
    for month in sorted({*changed, *(line.month for line in own)}):
        of_month = [line for line in own if line.month == month]
        minutes, executions = sum(line.minutes for line in of_month), len({line.execution for line in of_month})
        even = prices.break_even * executions / minutes if minutes else None
        yield Comparison(pipeline.name, month, executions, minutes, prices.pipeline_month if month in changed else 0.0,
                         minutes * prices.action_minute, prices.break_even, even)
