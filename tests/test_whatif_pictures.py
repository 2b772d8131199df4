"""Pictures say in their title what was found, look as their style says, and leave nothing behind."""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.views.graph.marks import DARK, LIGHT
from pipeline_sim.whatif import Result, compare, pictures, replicate, steady, sweep, tornado
from pipeline_sim.whatif.pictures.both import COLOUR, both
from pipeline_sim.whatif.pictures.times import in_line

from .stories import pipeline, structure

STAGES: dict[str, Any] = {"Source": ["App"], "Test": ["Unit", "Lint"], "Prod": [{"Ok": "Manual"}, "Deploy"]}
SHOP = pipeline(STAGES, mode="QUEUED")
WORLD = Scenario.load({
    "actions": {"Source/App": {"duration": 5}, "CodeBuild": {"duration": {"p50": "2m", "p95": "6m"}},
                "Test/Unit": {"failure": 0.2}},
    "approvals": {"*": {"response": {"exponential": "10m"}}}, "pushes": [{"every": "30m", "count": 8}]})


@pytest.fixture(scope="module")
def result() -> Result:
    return replicate(SHOP, WORLD, 60)


def every(result: Result, style: str) -> dict[str, pictures.Picture]:
    pair = compare((SHOP, WORLD), "parallel=Test/Unit,Test/Lint", 60)
    one = sweep(SHOP, WORLD, {"Test/Unit.failure": [0, 0.2, 0.5]}, 40)
    two = sweep(SHOP, WORLD, {"Test/Unit.failure": [0, 0.2], "mode": ["QUEUED", "PARALLEL"]}, 40)
    long = steady(replicate(SHOP, WORLD.but(pushes=[{"every": "1h", "count": 80}]), 20, seed=1))
    return {
        "lead times": result.picture(style), "comparison": pair.picture(style),
        "differences": pictures.differences(pair, style),
        "tornado": tornado(SHOP, WORLD, runs=40).picture(style), "curve": one.picture("success", style),
        "heat": two.picture("lead time", style), "timeline": result.worst().picture(style),
        "queue": pictures.queue(result, style), "measures": pictures.measures(result, style=style),
        "warm-up": long.picture(style)}


@pytest.mark.parametrize("style", ["light", "dark", "projector"])
def test_every_picture_is_drawn_in_every_style(result: Result, style: str) -> None:
    before = dict(mpl.rcParams)
    for name, picture in every(result, style).items():
        root = ElementTree.fromstring(picture.bytes("svg"))
        assert root.tag.endswith("svg"), name
        assert name == "differences" or any(map(str.isdigit, picture.title)), f"{name} finds nothing: {picture.title}"
        assert to_hex(picture.figure.get_facecolor()) == (DARK if style == "dark" else LIGHT).page
    assert dict(mpl.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or mpl.get_backend().lower() != "agg" or not _figures()


def _figures() -> list[int]:
    return list(sys.modules["matplotlib.pyplot"].get_fignums())


def test_the_title_is_the_finding(result: Result) -> None:
    half, most = (result.lead_time_within(share).value for share in (0.5, 0.95))
    title = result.picture().title
    assert title.startswith("Half of all changes")
    for value in (half, most):
        assert pictures.style.short(value) in title
    slower = compare((SHOP, WORLD), "Prod/Deploy.duration=20m", 40)
    assert "longer on average" in slower.picture().title
    assert "no difference" in compare((SHOP, WORLD), (SHOP, WORLD), 10).picture().title
    assert "Worse: lead time" in pictures.differences(slower).title or "lead time" in pictures.differences(slower).title


def test_the_same_picture_gives_the_same_bytes_and_is_saved_by_its_ending(result: Result, tmp_path: Path) -> None:
    one, other = (result.picture().bytes("svg") for _ in range(2))
    assert one == other
    for ending, begins in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        assert result.picture().save(tmp_path / f"p.{ending}").read_bytes().startswith(begins)
    with pytest.raises(ValueError, match="svg, png, pdf"):
        result.picture().save(tmp_path / "p.bmp")
    assert result.picture().image().startswith("data:image/svg+xml;base64,")


def test_in_a_notebook_one_drawing_is_light_by_day_and_dark_by_night(result: Result) -> None:
    """Not two images: the notebook would be twice as large. Every picture's colours are variables with a value for each."""
    for name, picture in every(result, "light").items():
        html = picture._repr_mimebundle_()["text/html"]
        assert html.count("<img") == 1, name
        drawn = b64decode(html.split("base64,")[1].split('"')[0]).decode()
        assert ElementTree.fromstring(drawn).tag.endswith("svg"), name
        by_day, by_night = drawn.split("@media (prefers-color-scheme:dark)")
        for theme, part in ((LIGHT, by_day), (DARK, by_night)):
            assert all(f":{colour};" in part for colour in (theme.page, theme.text)), name
        assert not COLOUR.search(drawn.split("</style>", 1)[1]), f"{name}: a colour stayed"
        assert len(drawn) < len(picture.bytes("svg")), f"{name}: both themes are smaller than one with drawn letters"


def test_who_chooses_a_style_gets_it_by_day_and_by_night(result: Result) -> None:
    for style in ("dark", "projector"):
        html = result.picture(style)._repr_mimebundle_()["text/html"]
        assert b"prefers-color-scheme" not in b64decode(html.split("base64,")[1].split('"')[0])


def test_where_no_html_is_shown_there_is_a_plain_image(result: Result) -> None:
    shown = result.picture()._repr_mimebundle_()
    assert b64decode(shown["image/png"]).startswith(b"\x89PNG")
    assert len(shown["image/png"]) + len(shown["text/html"]) < 1.5 * len(b64encode(result.picture().bytes("png")))


def test_a_strange_name_is_told_as_it_is() -> None:
    shop = Pipeline.load(structure(STAGES, name='"><script>'), lenient=True)
    html = replicate(shop, WORLD, 5).worst().picture()._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert html.count("<") == 3


def test_drawings_that_differ_in_more_than_colours_are_not_made_one() -> None:
    light = '<svg xmlns="s"><path d="M 0 0" style="fill: #ffffff"/></svg>'
    assert both(light, light.replace("#ffffff", "#000000")) is not None
    assert both(light, light.replace("M 0 0", "M 0 1")) is None


def test_ends_on_the_same_side_are_named_side_by_side() -> None:
    """Of a knob that is worse both ways, one name lay on the other."""
    found = tornado(SHOP, WORLD, runs=40)
    first = found.bars[0]
    both_worse = replace(first, at_low=first.at_high, low="x0.5", high="x2")
    texts = [one.get_text().strip() for one in replace(found, bars=(both_worse,)).picture().figure.axes[0].texts]
    assert texts == ["×0.5, ×2"]


def test_names_are_no_mathematics() -> None:
    """A dollar sign in a name would be read as a formula, and an unfinished one would raise."""
    shop = Pipeline.load(structure(STAGES, name="a$b^{"), lenient=True)
    result = replicate(shop, WORLD, 20)
    for picture in (result.picture(), result.worst().picture(), pictures.queue(result)):
        assert b"svg" in picture.bytes("svg")


def test_the_line_in_front_of_a_stage_is_counted_as_the_tables_say(result: Result) -> None:
    at, lines = in_line(result, 2)
    visits = result.stages
    here = visits["stage"] == 2
    for run, moment in ((3, 60), (17, 120), (44, 30)):
        mine = here & (visits["run"] == run)
        standing = (visits["arrived"][mine] <= at[moment]) & (at[moment] < visits["entered"][mine])
        assert lines[run, moment] == standing.sum()
    assert lines.min() >= 0
    assert np.allclose(lines[:, -1], 0, atol=2)


def test_what_cannot_be_shown_says_why(result: Result) -> None:
    nothing = replicate(SHOP, WORLD.but("Test/Unit", failure=1), 5)
    with pytest.raises(ValueError, match="no lead time to show"):
        nothing.picture()
    with pytest.raises(ValueError, match="light, dark, projector"):
        result.picture("pink")
    with pytest.raises(ValueError, match="There is no stage 'Prd'"):
        pictures.queue(result, stage="Prd")
    with pytest.raises(ValueError, match="Nobody ever stands"):
        pictures.queue(replicate(SHOP, WORLD.but(pushes=[0]), 5))
    grid = sweep(SHOP, WORLD, {"Test/Unit.failure": [0, 1]}, 5)
    with pytest.raises(ValueError, match="this sweep has 1"):
        pictures.heat(grid)
    with pytest.raises(ValueError, match="do not differ"):
        pictures.differences(compare((SHOP, WORLD), (SHOP, WORLD), 5))
