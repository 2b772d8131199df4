"""What graphviz is told, and what is made of what it draws. dot's own placing differs by version and is not tested."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.pipeline.model import Pipeline, Stage
from pipeline_sim.views.graph import CannotDraw, Marks, dot_source, render, svg
from pipeline_sim.views.graph.dot_drawing import like_ours
from pipeline_sim.views.graph.marks import DARK, LIGHT
from tests.graph_shapes import MARKS, PIPELINES, action, ids, moment, pipeline, shop

HAS_DOT = shutil.which("dot") is not None
SVG = "{http://www.w3.org/2000/svg}"


def labels(source: str) -> list[ET.Element]:
    """The tables of a DOT source. They are well-formed, or this fails."""
    found = re.findall(r"label=<(<(?:TABLE|FONT).*?</(?:TABLE|FONT)>)>(?: |\]|$)", source, re.MULTILINE)
    assert len(found) == source.count("label=<<")
    return [ET.fromstring(label) for label in found]


def words(label: ET.Element) -> list[str]:
    return [text for text in label.itertext() if text.strip()]


def cells(source: str) -> dict[str, ET.Element]:
    return {cell.get("ID", ""): cell for label in labels(source) for cell in label.iter("TD") if cell.get("ID")}


def edges(source: str) -> list[str]:
    return re.findall(r'^\t("?[^\s\[]+"? -> [^\s\[]+)', source, re.MULTILINE)


# ---------------------------------------------------------------------------------------------- the source


def test_stages_and_transitions_are_nodes_under_their_ids() -> None:
    source = dot_source(shop())
    nodes = set(re.findall(r'^\t"([a-z]+-\d+)" \[', source, re.MULTILINE))
    assert nodes == {"stage-0", "stage-1", "stage-2", "transition-1", "transition-2"}
    assert all(f"id=\"{node}\"" in source for node in nodes)
    assert all(name in cells(source) for name in ids(shop()) if name.startswith(("action", "entry", "success", "failure")))


def test_parallel_actions_share_a_row_and_sequential_ones_follow_below_an_arrow() -> None:
    build = next(label for label in labels(dot_source(shop())) if "Compile" in words(label))
    rows = [[cell.get("ID") for cell in row if (cell.get("ID") or "").startswith("action")] for row in build.iter("TR")]
    assert [row for row in rows if row] == [["action-1-0", "action-1-1"], ["action-1-2"]]
    told = words(build)
    assert told.index("Lint") < told.index("↓") < told.index("Unit")


@pytest.mark.parametrize(("direction", "way"), [("TB", "s"), ("LR", "e")])
def test_edges_lead_from_stage_to_switch_to_stage(direction: str, way: str) -> None:
    source = dot_source(shop(), direction=direction)  # type: ignore[arg-type]
    assert f"rankdir={direction}" in source
    assert len(edges(source)) == 4
    head = "" if direction == "TB" else ":head"
    assert re.search(rf'"stage-0"{head}:{way} -> "transition-1":switch', source)


def test_statuses_tokens_and_reasons_are_told() -> None:
    source = dot_source(shop(), moment())
    found = cells(source)
    assert words(found["action-1-1"]) == ["Lint", "AWS CodeBuild", "✗ Failed"]
    assert words(found["action-1-2"])[-1] == "○ Didn't Run"
    assert "► Waiting for approval" in words(found["action-2-0"])
    assert found["transition-2-switch"].get("TITLE") == (
        "Transition Build to Prod: disabled: Freeze until Monday; waiting: #3, #4")
    switch = next(label for label in labels(source) if "Disabled" in words(label))
    assert words(switch) == ["4", "3", "×", "Disabled"]
    assert "style=dashed" in source


def test_a_failed_card_has_a_thick_border_and_a_running_one_a_dashed() -> None:
    found = cells(dot_source(shop(), moment()))
    tables = {name: next(found[name].iter("TABLE")) for name in ("action-1-0", "action-1-1")}
    assert {name: table.get("BORDER") for name, table in tables.items()} == {"action-1-0": "2", "action-1-1": "4"}
    running = [table.get("STYLE") for table in found["action-2-0"].iter("TABLE") if table.get("STYLE")]
    assert "ROUNDED,DASHED" in running


def test_artifacts_are_edges_with_names_on_request() -> None:
    assert "class=artifact" not in dot_source(shop()).replace('"', "")
    source = dot_source(shop(), artifacts=True)
    found = [(maker, taker) for maker, taker in re.findall(r'"stage-(\d)" -> "stage-(\d)"', source)]
    assert sorted(found) == [("0", "1"), ("0", "2"), ("1", "2")]
    assert words(cells(source)["action-2-1"])[-1] == "in: App, Env"


def test_the_themes_colour_the_page() -> None:
    assert f'bgcolor="{LIGHT.page}"' in dot_source(shop())
    assert f'bgcolor="{DARK.page}"' in dot_source(shop(), theme="dark")
    assert "bgcolor=transparent" in dot_source(shop(), theme="auto")


def test_each_light_colour_stands_for_one_dark_one() -> None:
    style = ET.fromstring(like_ours(as_dot_writes(shop()), shop(), None, "auto") or "").findtext(f"{SVG}style") or ""
    pairs = re.findall(r"\[fill='(#\w+)'\]\{fill:(#\w+)\}", style)
    assert len(pairs) == len({first for first, _ in pairs}) >= 31


@given(PIPELINES, MARKS, st.sampled_from(("TB", "LR", None)), st.booleans())
@settings(max_examples=60)
def test_no_name_breaks_out_of_its_label(shown: Pipeline, marks: Marks | None, direction: str, artifacts: bool) -> None:
    source = dot_source(shown, marks, artifacts=artifacts, direction=direction)  # type: ignore[arg-type]
    found = labels(source)
    assert {each.tag for label in found for each in label.iter()} <= {"TABLE", "TR", "TD", "FONT", "B", "BR"}
    told = [text for label in found for text in label.itertext()]
    told += [cell.get("TITLE", "") for label in found for cell in label.iter("TD")]
    runs = [run for text in told for run in re.findall(r"\\+", text)]
    assert all(len(run) % 2 == 0 for run in runs), "dot would take a single backslash for an escape"


# ---------------------------------------------------------------------------------------------- the drawing


def as_dot_writes(shown: Pipeline, leave_out: str = "") -> bytes:
    """The skeleton of what dot writes: a DOCTYPE, encoded hyphens, links round cells, titles of its own."""
    def group(name: str, inner: str) -> str:
        coded = name.replace("-", "&#45;")
        if name.startswith(("stage", "transition")):
            return f'<g id="{coded}" class="node {name.split("-")[0]}"><title>{coded}</title>{inner}</g>'
        link = f'<a xlink:href="javascript:alert(1)" xlink:title="{escape(name)}" target="_self">{inner}</a>'
        return f'<g id="a_{coded}">{link}</g>'

    shape = '<path fill="#f4f6f8" stroke="transparent" d="M0,0"/><text font-family="F" font-size="12.00">t</text>'
    body = "".join(group(name, shape) for name in sorted(ids(shown)) if name != leave_out)
    return ('<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://example.invalid/svg11.dtd">'
            '<svg width="611pt" height="113pt" viewBox="0 0 611 113" xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink"><g id="graph0" class="graph">{body}</g></svg>').encode()


def test_dots_drawing_gets_our_ids_classes_and_titles_and_leads_nowhere() -> None:
    drawn = like_ours(as_dot_writes(shop()), shop(), moment(), "light")
    assert drawn is not None
    assert "javascript" not in drawn and "DOCTYPE" not in drawn and "href" not in drawn and "transparent" not in drawn
    root = ET.fromstring(drawn)
    found = {each.get("id"): each for each in root.iter() if each.get("id")}
    assert found.keys() == ids(shop())
    assert found["action-1-1"].get("class") == "action status-Failed"
    assert found["transition-2"].get("class") == "transition disabled"
    ours = ET.fromstring(svg(shop(), moment(), engine="exact"))
    for each in ours.iter():
        if each.get("id") in found:
            twin = found[each.get("id")]
            assert (twin.get("class"), twin.get("data-name"), twin.findtext(f"{SVG}title")) == (
                each.get("class"), each.get("data-name"), each.findtext(f"{SVG}title"))
    assert (root.get("width"), root.get("role"), root.get("class")) == ("611", "img", "pipeline-sim theme-light")


@pytest.mark.parametrize("drawn", [as_dot_writes(shop(), "action-1-2"), as_dot_writes(shop(), "transition-1"), b"<svg"])
def test_a_dot_that_draws_something_else_is_not_trusted(drawn: bytes) -> None:
    assert like_ours(drawn, shop(), None, "light") is None


def test_dot_itself_draws_every_element_where_it_is_installed() -> None:
    if not HAS_DOT:  # then the other half of the promise holds
        with pytest.raises(CannotDraw):
            svg(shop(), engine="dot")
        return
    names = pipeline(Stage('s\\N<b>&amp;"', (action("<script>\\L"), action("שלום 📦", order=2))), Stage("", (action(""),)),
                     name="\\G ]]>")
    for shown in (shop(), names, pipeline(), pipeline(Stage("empty", ()))):
        for theme in ("light", "auto"):
            root = ET.fromstring(svg(shown, moment(), engine="dot", artifacts=True, theme=theme))
            found = {each.get("id"): each for each in root.iter() if each.get("id")}
            assert found.keys() >= ids(shown)
            assert not [each for each in root.iter() if each.tag in (f"{SVG}script", f"{SVG}a")]
    root = ET.fromstring(svg(names, engine="dot"))
    assert "<script>\\L" in [each.text for each in root.iter(f"{SVG}text")]


@pytest.mark.parametrize(("ending", "begin"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_bitmaps_are_drawn_where_dot_is_installed(tmp_path: Path, ending: str, begin: bytes) -> None:
    target = tmp_path / f"p.{ending.upper()}"
    if not HAS_DOT:  # then the other half of the promise holds
        with pytest.raises(CannotDraw):
            render(shop(), target)
        return
    drawn = render(shop(), target, moment(), theme="dark")
    assert (drawn.format, drawn.engine, drawn.hint) == (ending, "dot", "")
    assert target.read_bytes().startswith(begin)


@given(PIPELINES, MARKS, st.booleans())
@settings(max_examples=12)
def test_dot_draws_any_shape_or_we_do(shown: Pipeline, marks: Marks | None, artifacts: bool) -> None:
    root = ET.fromstring(svg(shown, marks, artifacts=artifacts, engine="dot" if HAS_DOT else "auto"))
    assert {each.get("id") for each in root.iter()} >= ids(shown)
