"""The mode lens in Python: three runs on the same luck, one clock, and what came of each."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from pipeline_sim import Lens, Pipeline, Scenario
from pipeline_sim.console import sources
from pipeline_sim.console.columns import unpack
from tests.stories import pipeline

from .test_laws import worlds

SHOP: dict[str, Any] = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}, "Deploy"]}
PUSHES = [{"at": f"{5 * number}m", "message": letter} for number, letter in enumerate("ABCD")]
WORLD: dict[str, Any] = {"pushes": PUSHES, "actions": {"*": {"duration": 60}}, "approvals": {"*": {"response": "30m"}}}


def lens(stages: dict[str, Any] | None = None, seed: int = 1, **world: Any) -> Lens:
    return pipeline(stages or SHOP).lens(Scenario.load(WORLD | world), seed=seed)


def carried(one: Lens, mode: str) -> list[list[str]]:
    return [names for _, _, _, names in one.sides[mode].deployments()]


def test_four_pushes_and_a_pending_approval_by_mode() -> None:
    """A waits for its approval; B and C are overtaken by D, which brings them along. In a queue, all come one by one;
    in parallel, all come at once."""
    one = lens()
    assert carried(one, "SUPERSEDED") == [["A"], ["B", "C", "D"]]
    assert carried(one, "QUEUED") == carried(one, "PARALLEL") == [["A"], ["B"], ["C"], ["D"]]
    assert [len(side.superseded()) for side in one.sides.values()] == [2, 0, 0]
    assert one.sentence().splitlines() == [
        "SUPERSEDED: 2 deployments, 2 superseded, 26m waited in front of stages; execution 1 carries A; execution 4 "
        "carries B, C, D.",
        "QUEUED: 4 deployments, 0 superseded, 2h 36m waited in front of stages; execution 1 carries A; execution 2 carries "
        "B; execution 3 carries C; execution 4 carries D.",
        "PARALLEL: 4 deployments, 0 superseded, nothing waited in front of stages; execution 1 carries A; execution 2 "
        "carries B; execution 3 carries C; execution 4 carries D.",
    ]


def test_the_luck_is_the_same_in_every_mode() -> None:
    one = lens(seed=5, actions={"*": {"duration": {"p50": 60, "p95": 600}, "failure": 0.3}})
    drawn = []
    for side in one.sides.values():
        executions = side.simulation.state.pipelines["shop"].executions
        drawn.append({number: (attempt.status, (attempt.ended or 0) - attempt.started)
                      for number, each in executions.items() if "Build" in each.stages
                      and (attempt := each.stages["Build"].latest("Compile"))})
    assert len({status for status, _ in drawn[2].values()} | {each for _, each in drawn[2].values()}) > 2
    assert drawn[0].items() <= drawn[2].items()
    assert drawn[1].items() <= drawn[2].items()


def test_one_clock_ticks_whenever_anything_happens_in_any_mode() -> None:
    one = lens()
    times = {record.time for side in one.sides.values() for record in side.simulation.records}
    assert one.moments == sorted(times)
    lead = unpack(one.film)
    assert len(lead["said"]) == len(one.moments)
    said = [lead["texts"][i] for i in lead["said"]]
    assert said[0].startswith("In all: ")
    assert any("SUPERSEDED: Execution 3: Superseded" in each and "QUEUED: " in each for each in said)
    assert one.end == max(side.simulation.now for side in one.sides.values())


def test_time_and_position_say_the_same() -> None:
    one = lens()
    one.time = 1000
    assert one.position == sum(moment <= 1000 for moment in one.moments)
    one.position = 3
    assert one.time == one.moments[2]


def test_pushes_with_the_same_message_or_none_are_told_apart() -> None:
    one = lens(pushes=[{"at": 0, "message": "fix"}, {"at": "5m", "message": "fix"}, {"at": "50m"}])
    assert [name for name, _ in unpack(one.modes)["pushes"]] == ["fix 1", "fix 2", "push 3"]
    assert carried(one, "PARALLEL") == [["fix 1"], ["fix 2"], ["push 3"]]


def test_a_mode_that_aws_refuses_is_told_and_left_out() -> None:
    rolls = {**SHOP, "Prod": {"actions": ["Deploy"], "onFailure": {"result": "ROLLBACK"}}}
    one = lens(rolls)
    assert list(one.sides) == ["SUPERSEDED", "QUEUED"]
    assert "PARALLEL: AWS would refuse it." in one.sentence()
    assert list(unpack(one.modes)["missing"]) == ["PARALLEL"]


def test_a_world_without_end_is_run_for_a_day_or_as_long_as_one_says() -> None:
    endless = Scenario.load({"pushes": [{"every": "2h"}]})
    assert pipeline(SHOP).lens(endless).end == 86_400
    assert pipeline(SHOP).lens(endless, until="3h").end == 10_800


def test_a_saved_page_holds_all_and_asks_nobody(tmp_path: Path) -> None:
    wild = Lens(Pipeline.load(pipeline(SHOP).structure), Scenario.load(
        WORLD | {"pushes": [{"at": 0, "message": "</script><script>alert(1)</script>"}]}))
    text = wild.save(tmp_path / "modes.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert text.count("</script>") == 2
    assert "default-src 'none'" in text
    bundle = wild._repr_mimebundle_()[0]
    assert bundle["text/plain"] == wild.sentence()
    assert "srcdoc=" in bundle["text/html"]
    assert "<script>alert" not in bundle["text/html"]


def test_without_a_kernel_there_is_a_picture_of_every_mode_and_what_came_of_it() -> None:
    """At the clock's moment: at 09:17 A waits for its approval in all modes, and B waits in the queue alone."""
    one = lens()
    at_the_end = one.still()
    one.time = 17 * 60
    text = one.still()
    assert "At 09:17:" in text and text != at_the_end
    assert text.count("<img ") == text.count("data:image/svg+xml;base64,") == 3
    assert all(mode in text for mode in one.sides)
    assert "SUPERSEDED: 2 deployments, 2 superseded" in text and "QUEUED: 4 deployments, 0 superseded" in text
    drawn = [base64.b64decode(each).decode() for each in re.findall(r"base64,([^\"]+)", text)]
    assert ['id="token-2"' in each for each in drawn[:2]] == [False, True], "2 was superseded in one mode alone"


def test_a_mode_that_aws_refuses_is_told_in_the_still_picture() -> None:
    text = lens({**SHOP, "Prod": {"actions": ["Deploy"], "onFailure": {"result": "ROLLBACK"}}}).still()
    assert text.count("<img ") == 2 and "<p><b>PARALLEL</b>: AWS would refuse it." in text


@settings(max_examples=15)
@given(worlds())
def test_any_pipeline_in_any_world_can_be_looked_at(world: Any) -> None:
    body, said, seed = world
    one = Lens(Pipeline.load(body), Scenario.load(said), seed=seed, until=60)
    assert one.still()
    assert set(one.sides) | set(one.missing) == {"SUPERSEDED", "QUEUED", "PARALLEL"}
    assert one.moments == sorted(set(one.moments))


def test_the_front_end_of_the_lens_is_small() -> None:
    own = sources.bare([path.read_text("utf-8") for path in (sources.STATIC / "lens").glob("*.js")])
    assert len(own.encode()) <= 8_000
