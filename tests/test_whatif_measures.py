"""What is measured over many runs is, run by run, what the views say of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.views import cost, metrics
from pipeline_sim.whatif import Result, compare, measures, parts, replicate, streamed
from pipeline_sim.whatif.adding import unsure, untold
from pipeline_sim.whatif.passes import sums_of
from pipeline_sim.whatif.plan import NotAnArray, plan_of
from pipeline_sim.whatif.runs import blocks
from pipeline_sim.whatif.sums import Bill, Sample, of_simulations

from .stories import pipeline
from .whatif_worlds import worlds

SHOP: dict[str, Any] = {"Source": ["App"], "Test": [["Unit", "Lint"]], "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD: dict[str, Any] = {
    "actions": {"*": {"duration": {"p50": "2m", "p95": "6m"}}, "Test/Unit": {"failure": 0.2},
                "Prod/Deploy": {"failure": 0.1}},
    "approvals": {"*": {"response": {"exponential": "10m"}}}, "pushes": [{"every": "12m", "for": "6h"}],
    "transitions": [{"stage": "Prod", "from": "1h", "to": "90m"}]}


def many(runs: int = 30, mode: str = "SUPERSEDED", **world: Any) -> Result:
    return replicate(pipeline(SHOP, mode=mode), Scenario.load({**WORLD, **world}), runs, seed=5)


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_tables_add_up_to_what_the_views_count_in_the_simulation(world: Any) -> None:
    body, said, seed = world
    shop, scenario = Pipeline.load(body), Scenario.load(said)
    try:
        plan = plan_of(shop, scenario)
    except NotAnArray:
        return
    if untold(shop, plan):
        return
    ours = sums_of(shop, scenario, seed, 2, Bill())
    quick = Result(shop, scenario, 2, seed, next(blocks(shop, scenario, 2, seed, detail=False)).executions, "arrays")
    many = streamed(shop, scenario, 2, seed) if not scenario.silent else None
    assert not many or np.repeat(many.seconds, many.counts).tolist() == sorted(ours.leads.value.tolist())
    for run in range(2):
        theirs = of_simulations([(run, Simulation(shop, scenario, seed=seed + run).run())], shop, Bill())
        assert {name: column[run] for name, column in ours.columns.items()} == pytest.approx(
            {name: column[0] for name, column in theirs.columns.items()})
        assert chosen(ours.leads, run) == chosen(quick.leads, run) == sorted(theirs.leads.value.tolist())
        assert chosen(ours.restores, run) == sorted(theirs.restores.value.tolist())


def test_who_restored_production_within_one_second_is_asked_of_the_simulation() -> None:
    shop = pipeline({"Source": ["App"], "Prod": ["Deploy", "Verify"]}, mode="PARALLEL")
    scenario = Scenario.load({"actions": {"Prod/*": {"duration": {"sample": [1, 5, 9]}, "failure": 0.2}},
                              "pushes": [4 * push for push in range(12)]})
    tables = next(blocks(shop, scenario, 30, 2))
    assert 5 < len(unsure(tables, shop, plan_of(shop, scenario))) < 30
    found = sums_of(shop, scenario, 2, 30, Bill())
    seen = [metrics.measure(Simulation(shop, scenario, seed=2 + run).run().records) for run in range(30)]
    assert [chosen(found.restores, run) for run in range(30)] == [sorted(one.restore_times) for one in seen]
    assert found["failures"].tolist() == [sum(deployed.failed for deployed in one.deployments) for one in seen]


def chosen(sample: Sample, run: int) -> list[int]:
    return sorted(sample.value[sample.run == run].tolist())


@pytest.mark.parametrize("mode", ["SUPERSEDED", "QUEUED", "PARALLEL"])
def test_the_measures_of_a_single_run_are_those_of_the_views(mode: str) -> None:
    result = replicate(pipeline(SHOP, mode=mode), Scenario.load(WORLD), 1, seed=9)
    sim = result.run(0).simulation()
    seen, bill = metrics.measure(sim.records), cost.ledger(sim.records)
    for name, value in {
        "succeeded share": seen.success_share, "superseded": seen.superseded_share, "throughput": seen.throughput,
        "deployment frequency": seen.deployment_frequency, "change failure rate": seen.change_failure_rate,
        "changes per deployment": seen.changes_per_deployment, "utilisation: Prod": seen.stages[2].utilisation,
        "load: Test": seen.stages[1].load, "cost builds": sum(one.build_amount for one in bill.executions),
        "cost V1": sum(one.v1 for one in cost.compare(sim.records)),
        "cost V2": sum(one.v2 for one in cost.compare(sim.records)), "action minutes":
        sum(one.minutes for one in bill.lines), "lead time": sum(seen.lead_times) / len(seen.lead_times),
        **{f"waiting: {cause}": seconds / seen.executions for cause, seconds in seen.waits.items()},
    }.items():
        assert result.measure(name).value == pytest.approx(value), name
    assert sorted(result.leads.value.tolist()) == sorted(seen.lead_times)
    assert sorted(result.sums.restores.value.tolist()) == sorted(seen.restore_times)
    assert result.bottleneck is not None and result.bottleneck.stage == seen.bottleneck
    assert result.by == "arrays"


def test_where_the_simulation_does_the_runs_it_says_the_measures_too() -> None:
    shop = pipeline({**SHOP, "Prod": {"actions": ["Deploy"], "onFailure": {"result": "ROLLBACK"}}})
    scripted = {"actions": {**WORLD["actions"], "Test/Lint": {"executions": {2: ["Failed"]}}}, "retry": {"after": "5m"}}
    result = replicate(shop, Scenario.load({**WORLD, **scripted}), 12, seed=3)
    assert result.by.startswith("simulation (The scenario scripts")
    sims = [result.run(run).simulation() for run in range(12)]
    seen = [metrics.measure(sim.records) for sim in sims]
    assert result.measure("change failure rate").value == pytest.approx(
        sum(one.failed for run in seen for one in run.deployments) / sum(len(run.deployments) for run in seen))
    assert sorted(result.leads.value.tolist()) == sorted(lead for run in seen for lead in run.lead_times)
    assert result.actions["attempts"].sum() == sum(
        len(attempts) for sim in sims for one in sim.state.pipelines["shop"].executions.values()
        for stage in one.stages.values() for attempts in stage.attempts.values())


def test_the_tables_add_up_to_the_measures() -> None:
    result = many()
    waits, visits = result.waits, result.stages
    assert waits["seconds"].sum() / result.sums["executions"].sum() == pytest.approx(result.measure("waiting").value)
    inside = (visits["ended"] - visits["entered"])[(visits["entered"] >= 0) & (visits.column("stage") == "Prod")]
    assert inside.sum() == result.sums["load:Prod"].sum()
    assert set(waits.column("cause").tolist()) == {"stage lock", "approval", "disabled transition"}
    assert set(result.waiting) == {"stage lock", "approval", "disabled transition"}
    assert set(waits.where(waits.column("cause") == "approval").column("action").tolist()) == {"Ok"}
    frame = result.actions.pandas()
    assert list(frame.columns)[:6] == ["run", "number", "stage", "action", "status", "attempts"]
    assert set(frame["status"]) == {"Succeeded", "Failed"}
    assert "rows" in result.actions._repr_html_()


def test_some_runs_have_tables_where_those_of_all_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline_sim.whatif import result as result_of

    result = many()
    whole = result.actions
    monkeypatch.setattr(result_of, "ROOM_FOR_TABLES", 2000)
    with pytest.raises(ValueError, match=r"take fewer runs, as in tables\(0, 100\)"):
        many().actions  # noqa: B018
    assert result.tables(3, 2)[1].rows() == whole.where((whole["run"] == 3) | (whole["run"] == 4)).rows()


def test_every_measure_can_be_asked_and_says_what_it_is() -> None:
    result = many()
    for name in [*measures.MEASURES, "lead time p99.5", *(one.name for one in measures.of_stages(result.pipeline)),
                 *(one.name for one in measures.of_causes())]:
        one, about = result.measure(name), result.about(name)
        assert about.meaning and about.unit
        assert not one.count or one.low <= one.value <= one.high, name
        assert len(result.by_run(name)) == 30
    assert "success" in str(result)
    assert "&lt;" in replicate(pipeline({**SHOP, "A": ["x"]}, name="a.b-c"), Scenario.load(
        {**WORLD, "retry": {"after": "5m", "stages": "A"}}), 2)._repr_html_() or "superseded" in result._repr_html_()


# ---------------------------------------------------------------------------------------------- parts and differences


def test_a_difference_of_next_to_nothing_is_told_as_none() -> None:
    signed = measures.MEASURES["success"].signed
    assert [signed(one) for one in (-2.9e-9, 0.0, 0.00012, 0.0123)] == [
        "+0.0 points", "+0.0 points", "+0.012 points", "+1.2 points"]


def test_what_never_fails_in_either_world_shows_no_difference() -> None:
    """Other queues, so that another number of deployments is counted; none of them fails."""
    calm = {**WORLD, "actions": {"*": {"duration": {"p50": "2m", "p95": "6m"}}}}
    pair = compare((pipeline(SHOP), Scenario.load(calm)), "Test/*.duration=x2", 40)
    assert pair.difference("deployments").value != 0
    assert pair.verdict("change failure rate") == "no difference"
    gap = pair.difference("change failure rate")
    assert gap.low < 0 < gap.high, "as if it were known that it never fails"


def test_what_is_never_mended_is_no_time_to_restore() -> None:
    """Every second deployment fails. The last failure of a run, if nothing comes after it, has no time to restore."""
    world = Scenario.load({"actions": {"Prod/Deploy": {"failure": 0.5, "duration": 60}}, "pushes": [0, 600, 1200]})
    result = replicate(pipeline({"Source": ["App"], "Prod": ["Deploy"]}), world, 800)
    assert result.by == "arrays"
    one = result.measure("restored")
    # of three deployments: times broken = 1/2 + 1/4 + 1/4 (after a success), broken at the end = 1/2
    assert one.low <= 0.5 <= one.high
    assert "were mended before the run was over" in str(result)


def test_the_influence_of_runs_gives_the_same_interval_as_the_formula() -> None:
    result = many(300)
    for name in ("success", "lead time", "throughput", "cost", "deployments"):
        made = result.parts(name)
        reach = 1.96 * parts.influence(made).std(ddof=1) / 300 ** 0.5
        one = parts.estimate(made)
        assert 2 * reach == pytest.approx(one.high - one.low, rel=0.05), name


def test_the_interval_of_a_quantile_by_influence_is_as_wide_as_woodruffs() -> None:
    result = many(800)
    made = result.parts("lead time p75")
    one = parts.estimate(made)
    reach = 1.96 * parts.influence(made).std(ddof=1) / 800 ** 0.5
    assert 2 * reach == pytest.approx(one.high - one.low, rel=0.35)


def test_paired_differences_hold_what_they_promise() -> None:
    """95 % of the intervals of a known difference must hold it, for a mean, a ratio and a quantile."""
    chance = np.random.default_rng(3)
    held = np.zeros(3)
    for _ in range(300):
        shared, each = chance.normal(size=80), chance.integers(1, 4, 80)
        run = np.repeat(np.arange(80, dtype=np.int32), each)
        values = np.round(1000 * (shared[run] + chance.normal(size=len(run)))).astype(np.int64)
        moved = values + 500 + np.round(200 * chance.normal(size=len(run))).astype(np.int64)
        raised = shared + 0.5 + chance.normal(size=80) / 5
        pairs: list[tuple[parts.Parts, parts.Parts]] = [(parts.Mean(shared), parts.Mean(raised))]
        sums = [np.bincount(run, weights=one).astype(np.float64) for one in (values, moved)]
        pairs += [(parts.Ratio(sums[0], each.astype(np.float64)), parts.Ratio(sums[1], each.astype(np.float64)))]
        pairs += [(parts.Quantile(Sample(run, values), 0.5, 80), parts.Quantile(Sample(run, moved), 0.5, 80))]
        for place, ((one, two), truth) in enumerate(zip(pairs, (0.5, 500, 500), strict=True)):
            found = parts.difference(one, two)
            held[place] += found.low <= truth <= found.high
    assert (held / 300 > 0.91).all() and (held / 300 < 0.99).all(), held / 300
