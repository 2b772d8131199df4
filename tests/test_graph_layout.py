"""The exact layout: groups below each other, parallel actions side by side, nothing on top of anything."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.pipeline.model import Pipeline, Stage
from pipeline_sim.views.graph import overview, plain, scene
from pipeline_sim.views.graph.flows import MOST, flows
from pipeline_sim.views.graph.layout import CARD_MIN, INSET, NAME, NARROWEST
from pipeline_sim.views.graph.shapes import ActionBox, Box, Direction, Path, Scene
from pipeline_sim.views.graph.text import ELLIPSIS, clean, fit, width
from tests.graph_shapes import NAMES, PIPELINES, action, pipeline, shop

DIRECTIONS = ("TB", "LR")
ROOMS = st.sampled_from((None, 200, 360, 900, 1920))


def actions(laid: Scene) -> list[ActionBox]:
    return [each for stage in laid.stages for group in stage.groups for each in group.actions]


def box_of(laid: Scene, name: str) -> Box:
    return next(each.box for each in actions(laid) if each.name == name)


def chain(*counts: int) -> Pipeline:
    """Stages of so many parallel actions."""
    return pipeline(*(Stage(f"Stage{place}", tuple(action(f"A{place}-{n}") for n in range(count)))
                      for place, count in enumerate(counts)))


# ---------------------------------------------------------------------------------------------- where things lie


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_parallel_actions_lie_side_by_side_and_sequential_ones_below(direction: Direction) -> None:
    laid = scene(shop(), direction)
    compile_, lint, unit = (box_of(laid, name) for name in ("Compile", "Lint", "Unit"))
    assert compile_.y == lint.y and compile_.right < lint.x
    assert unit.y > compile_.bottom


def test_run_orders_need_not_be_consecutive() -> None:
    laid = scene(pipeline(Stage("S", (action("late", order=10), action("first"), action("then", order=3)))), "TB")
    assert [group.actions[0].name for group in laid.stages[0].groups] == ["first", "then", "late"]
    assert [group.actions[0].id for group in laid.stages[0].groups] == ["action-0-1", "action-0-2", "action-0-0"]


def test_stages_follow_each_other_along_the_direction() -> None:
    down, across = scene(shop(), "TB"), scene(shop(), "LR")
    assert [stage.box.x for stage in down.stages] == [down.stages[0].box.x] * 3
    assert all(before.box.bottom < after.box.y for before, after in zip(down.stages, down.stages[1:], strict=False))
    assert [stage.box.y for stage in across.stages] == [across.stages[0].box.y] * 3
    assert all(before.box.right < after.box.x for before, after in zip(across.stages, across.stages[1:], strict=False))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_transition_leads_from_the_edge_of_one_stage_to_the_edge_of_the_next(direction: Direction) -> None:
    laid = scene(shop(), direction)
    for before, after, way in zip(laid.stages, laid.stages[1:], laid.transitions[1:], strict=False):
        if direction == "TB":
            assert (way.path[0].y, way.path[-1].y) == (before.box.bottom, after.box.y)
        else:
            assert (way.path[0].x, way.path[-1].x) == (before.box.right, after.box.x)
        assert way.into == after.name


def test_a_short_pipeline_goes_from_left_to_right_and_a_long_one_from_top_to_bottom() -> None:
    assert scene(chain(1, 1, 1)).direction == "LR"
    assert scene(chain(*[1] * 12)).direction == "TB"
    assert scene(chain(1, 1, 1), width=360).direction == "TB"
    assert scene(chain(*[1] * 6), width=1900).direction == "LR"


def test_twelve_parallel_actions_become_rows_of_one_length() -> None:
    laid = scene(chain(1, 12), "TB")
    assert [len(row) for row in laid.stages[1].groups[0].rows] == [4, 4, 4]
    five = scene(chain(1, 5), "TB").stages[1].groups[0].rows
    assert [len(row) for row in five] == [3, 2]


def test_from_left_to_right_stages_that_do_not_fit_begin_a_new_row() -> None:
    laid = scene(chain(*[1] * 8), "LR", 1000)
    rows = sorted({stage.box.y for stage in laid.stages})
    assert len(rows) > 1
    assert laid.width <= 1000
    back = next(way for way, stage in zip(laid.transitions, laid.stages, strict=True) if stage.box.y == rows[1])
    assert len(back.path) == 6, "the arrow goes round, between the rows"


def test_the_layout_does_not_depend_on_the_run_only_on_whether_there_is_one() -> None:
    assert scene(shop(), "TB", marked=False).height < scene(shop(), "TB").height


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_who_waits_stands_in_front_of_the_stage_the_next_to_enter_first(direction: Direction) -> None:
    for stage, way in zip(scene(shop(), direction).stages, scene(shop(), direction).transitions, strict=True):
        first, second = way.tokens[:2]
        assert first.x > second.x
        before = stage.box.y - first.y if direction == "TB" else stage.box.x - first.x
        assert before > 0


def test_a_scene_travels_as_json() -> None:
    sent = json.loads(json.dumps(plain(scene(shop(), "TB", artifacts=True))))
    laid = scene(shop(), "TB", artifacts=True)
    stage = sent["stages"][1]
    assert stage["box"] == list(laid.stages[1].box)
    assert stage["groups"][0]["rows"][0][1]["name"] == "Lint"
    assert {flow["name"] for flow in sent["flows"]} == {"Src", "App", "Env"}


# ---------------------------------------------------------------------------------------------- any shape


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def within(inner: Box, outer: Box) -> bool:
    return (outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom)


@given(PIPELINES, st.sampled_from(DIRECTIONS), ROOMS, st.booleans(), st.booleans())
@settings(max_examples=100)
def test_nothing_lies_on_top_of_anything_and_a_given_width_is_kept(
        shown: Pipeline, direction: Direction, room: int | None, marked: bool, artifacts: bool) -> None:
    laid = scene(shown, direction, room, marked=marked, artifacts=artifacts)
    assert room is None or direction == "LR" or laid.width <= room or (artifacts and room < 360)
    page = Box(0, 0, laid.width, laid.height)
    assert all(apart(one.box, other.box) for one, other in combinations(laid.stages, 2))
    for stage in laid.stages:
        inside = [action.box for group in stage.groups for action in group.actions] + [c.box for c in stage.chips]
        assert within(stage.box, page)
        assert all(within(box, stage.box) for box in inside)
        assert all(apart(one, other) for one, other in combinations([stage.head, *inside], 2))
        assert all(before.box.bottom < after.box.y
                   for before, after in zip(stage.groups, stage.groups[1:], strict=False))
    for card in actions(laid):
        assert all(card.box.x + INSET == line.x and card.box.y < line.y < card.box.bottom for line in card.lines)


# ---------------------------------------------------------------------------------------------- artifacts


@given(PIPELINES, st.integers(200, 900))
@settings(max_examples=100)
def test_an_overview_has_a_sign_for_every_action_and_nothing_on_top_of_anything(shown: Pipeline, wide: int) -> None:
    laid = overview(shown, wide)
    assert laid.width == max(wide, NARROWEST)
    for stage, box in zip(shown.stages, laid.stages, strict=True):
        groups = [[int(each.id.split("-")[2]) for each in group.actions] for group in box.groups]
        assert [[stage.actions[place] for place in group] for group in groups] == [list(group) for group in stage.groups]
        parts = [box.head, *(chip.box for chip in box.chips), *(group.box for group in box.groups)]
        assert all(apart(one, other) for one, other in combinations(parts, 2))
        assert all(within(each.box, group.box) for group in box.groups for each in group.actions)
    signs = [each.box for each in actions(laid)]
    assert all(within(part, box.box) for box in laid.stages for part in (box.head, *(group.box for group in box.groups)))
    assert all(apart(one, other) for one, other in combinations(signs, 2))
    assert all(apart(one.box, other.box) for one, other in combinations(laid.stages, 2))


def test_an_artifact_flows_from_its_maker_to_each_later_taker() -> None:
    found = {flow.name: (flow.maker.id, [place.id for place, _ in flow.takers]) for flow in flows(shop())}
    assert found == {"Src": ("action-0-0", ["action-1-0", "action-1-1"]),
                     "App": ("action-1-0", ["action-1-2", "action-2-1"]), "Env": ("action-0-1", ["action-2-1"])}


def test_an_action_beside_the_maker_cannot_take_its_artifact() -> None:
    assert flows(pipeline(Stage("S", (action("M", makes=("X",)), action("T", takes=("X",)))))) == ()


def test_a_name_made_twice_flows_from_the_last_maker_before() -> None:
    twice = pipeline(Stage("S", (action("M1", makes=("X",)), action("M2", order=2, makes=("X",)),
                                 action("T", order=3, takes=("X",)))))
    assert [flow.maker.id for flow in flows(twice)] == ["action-0-1"]


def segments(path: Path) -> list[Box]:
    return [Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x), abs(a.y - b.y))
            for a, b in zip(path, path[1:], strict=False)]


@given(PIPELINES, st.sampled_from(DIRECTIONS))
@settings(max_examples=100)
def test_ways_of_artifacts_run_along_the_axes_and_never_over_a_card(shown: Pipeline, direction: Direction) -> None:
    laid = scene(shown, direction, artifacts=True)
    cards = [card.box for card in actions(laid)]
    for flow in laid.flows:
        for part in segments(flow.path):
            assert part.w == 0 or part.h == 0
            assert all(apart(part, Box(*card)) for card in cards)
            assert within(part, Box(0, 0, laid.width, laid.height))


@given(PIPELINES)
@settings(max_examples=100)
def test_from_top_to_bottom_no_two_artifacts_share_a_track(shown: Pipeline) -> None:
    if max((flow.track for flow in flows(shown)), default=0) >= MOST:
        return
    laid = scene(shown, "TB", artifacts=True)
    right = max((stage.box.right for stage in laid.stages), default=0)
    tracks = [(flow.id, part) for flow in laid.flows for part in segments(flow.path) if part.x > right and part.h]
    for (one, first), (other, second) in combinations(tracks, 2):
        assert one == other or first.x != second.x or first.bottom < second.y or second.bottom < first.y


# ---------------------------------------------------------------------------------------------- texts


def test_names_break_after_hyphens_and_before_capitals() -> None:
    assert fit("Deploy-to-production-cluster", 140, NAME, True, 2) == ("Deploy-to-", "production-cluster")
    assert fit("IntegrationTestsForCheckout", 120, NAME, True, 2) == ("IntegrationTests", "ForCheckout")


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    (line,) = fit("x" * 100, 100, NAME)
    assert line.endswith(ELLIPSIS)
    assert width(line, NAME) <= 100


def test_joined_signs_are_not_torn_apart() -> None:
    family, accent = "👩\u200d👩\u200d👧", "e\u0301"
    for room in range(60, 120):
        assert fit(family * 10, room, NAME)[0].removesuffix(ELLIPSIS) in {family * n for n in range(1, 10)}
        assert fit(accent * 40, room, NAME)[0].removesuffix(ELLIPSIS) in {accent * n for n in range(1, 40)}


@given(NAMES, st.integers(40, 300), st.booleans(), st.integers(1, 3))
def test_lines_fit_and_lose_nothing_unsaid(name: str, room: int, bold: bool, lines: int) -> None:
    found = fit(name, room, NAME, bold, lines)
    assert 1 <= len(found) <= lines
    assert all(width(line, NAME, bold) <= room for line in found)
    shown, whole = "".join(found).replace(" ", ""), clean(name).replace(" ", "")
    assert shown == whole or (shown.endswith(ELLIPSIS) and whole.startswith(shown[:-1]))


def test_the_narrowest_card_holds_the_words_that_matter() -> None:
    assert width("Manual approval", 12) <= CARD_MIN - 2 * INSET - 18
    assert width("Waiting for approval", 12, True) <= 2 * CARD_MIN
