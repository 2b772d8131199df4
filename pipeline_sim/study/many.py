"""What may a claim say of how well a pipeline delivers? One run measured, and what if: many runs, with and without a change.

`whatif` in a question says how it is asked: `{change: "mode=QUEUED", runs: 500}`. Both worlds have the same luck.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..pipeline.fault import Faults
from ..views.metrics import measure
from .world import NoWorld, World

if TYPE_CHECKING:
    from ..whatif import Comparison, Result

RUNS, MOST = 300, 5000
KEYS = ("change", "runs")
MEASURES = ("success", "superseded", "delivered", "lead time", "lead time p50", "lead time p90", "deployments",
            "deployment frequency", "change failure rate", "time to restore", "waiting", "cost")
NEEDED = "Many runs need numpy and scipy: pip install 'pipeline-sim[whatif]'."


def metrics(world: World) -> dict[str, Any]:
    """The measures of the run: times in seconds, `deployments` with the numbers of the changes that each carried."""
    found = measure(world.run.records)
    return {
        "lead_time": found.lead_time, "lead_times": list(found.lead_times), "pending": found.pending,
        "deployment_frequency": found.deployment_frequency, "change_failure_rate": found.change_failure_rate,
        "time_to_restore": found.time_to_restore, "changes_per_deployment": found.changes_per_deployment,
        "bottleneck": found.bottleneck, "waits": dict(found.waits),
        "deployments": [{"execution": one.execution, "status": one.status, "carried": list(one.carried),
                         "failed": one.failed} for one in found.deployments],
        "stages": {one.stage: {"utilisation": one.utilisation, "visits": one.visits, "mean": one.mean,
                               "waited": one.waited} for one in found.stages}}


def what_if(world: World) -> dict[str, Any]:
    """The world in many runs: `base`, `now` (with the change) and `difference`, each by measure with `value`, `low` and
    `high` (95 %); of a difference the `verdict`, of a world also `least` and `most`, the extremes of single runs.
    Raises NoWorld."""
    try:
        from ..whatif import compare, replicate
    except ModuleNotFoundError as missing:
        raise NoWorld(NEEDED) from missing
    change, runs = _asked(world.said.get("whatif"))
    both = world.pipelines[0], world.scenario
    try:
        if not change:
            return {"runs": runs, "base": _measured(replicate(*both, runs, progress=False))}
        return {"runs": runs, **_compared(compare(both, change, runs, progress=False))}
    except Faults as refused:
        raise NoWorld(str(refused)) from None
    except ValueError as problem:
        raise NoWorld(f"That cannot be asked of many runs: {problem}") from None


def _asked(said: Any) -> tuple[str, int]:
    """The change and the number of runs. Raises NoWorld."""
    given = {key: one for key, one in said.items() if one is not None} if isinstance(said, Mapping) else said or {}
    if not isinstance(given, Mapping) or set(given) - set(KEYS):
        raise NoWorld(f"`whatif` may say {' and '.join(KEYS)}, as in {{change: \"mode=QUEUED\", runs: 500}}.")
    runs = given.get("runs", RUNS)
    if not isinstance(runs, int) or isinstance(runs, bool) or not 2 <= runs <= MOST:
        raise NoWorld(f"`whatif` says runs: {runs!r}. It must be a number from 2 to {MOST}.")
    return str(given.get("change", "")), runs


def _compared(pair: Comparison) -> dict[str, Any]:
    gaps = {name: pair.difference(name) for name in MEASURES}
    return {"base": _measured(pair.base), "now": _measured(pair.change),
            "difference": {name: {"value": _plain(gap.value), "low": _plain(gap.low), "high": _plain(gap.high),
                                  "verdict": pair.verdict(name)} for name, gap in gaps.items()}}


def _measured(result: Result) -> dict[str, Any]:
    return {name: _estimate(result, name) for name in MEASURES}


def _estimate(result: Result, name: str) -> dict[str, float | None]:
    one, runs = result.measure(name), sorted(value for value in map(float, result.by_run(name)) if value == value)
    return {"value": _plain(one.value), "low": _plain(one.low), "high": _plain(one.high),
            "least": runs[0] if runs else None, "most": runs[-1] if runs else None}


def _plain(value: float) -> float | None:
    """A number, or None where there is nothing to measure."""
    found = float(value)
    return found if found == found else None
