"""The pictures: what they say, that nothing in them can do harm, and that nobody needs the colours."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.pipeline.model import Pipeline, Stage
from pipeline_sim.views.graph import (
    HINT,
    HINT_IN_BROWSER,
    CannotDraw,
    Marks,
    action_id,
    mimebundle,
    render,
    scene,
    stage_id,
    svg,
    transition_id,
)
from pipeline_sim.views.graph.icons import icon
from pipeline_sim.views.graph.marks import DARK, LIGHT, LOOKS, THEMES, TOKENS, Theme, status_key
from pipeline_sim.views.graph.shapes import Direction
from tests.corpus import corpus_files
from tests.graph_shapes import MARKS, PIPELINES, action, ids, moment, pipeline, shop

SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {f"{SVG}{tag}" for tag in ("svg", "style", "title", "g", "rect", "text", "path", "circle")}


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without graphviz's program."""
    monkeypatch.setenv("PATH", str(tmp_path))


def exact(shown: Pipeline, marks: Marks | None = None, **how: object) -> ET.Element:
    return ET.fromstring(svg(shown, marks, engine="exact", **how))  # type: ignore[arg-type]


def by_id(root: ET.Element) -> dict[str, ET.Element]:
    return {each.get("id", ""): each for each in root.iter() if each.get("id")}


def texts(element: ET.Element) -> list[str]:
    return [each.text or "" for each in element.iter(f"{SVG}text")]


def title(element: ET.Element) -> str:
    return element.findtext(f"{SVG}title") or ""


# ---------------------------------------------------------------------------------------------- what it says


def test_every_stage_action_transition_and_condition_has_its_place_as_id_and_its_name_beside() -> None:
    found = by_id(exact(shop()))
    assert ids(shop()) <= found.keys()
    assert found["stage-1"].get("data-name") == "Build"
    assert found["action-1-2"].get("data-name") == "Unit"


def test_ids_are_found_by_name() -> None:
    assert stage_id(shop(), "Build") == "stage-1"
    assert action_id(shop(), "Build", "Unit") == "action-1-2"
    assert transition_id(shop(), "Prod") == "transition-2"


def test_an_action_says_its_provider_as_the_console_does_and_a_source_where_it_looks() -> None:
    found = by_id(exact(shop()))
    assert texts(found["action-1-0"]) == ["Compile", "AWS CodeBuild"]
    assert texts(found["action-0-0"]) == ["Code", "Connection (Git)", "shop/web @ main"]
    assert texts(found["action-0-1"]) == ["Config", "Amazon S3", "shop-config/env.zip"]


def test_an_approval_says_so_in_words_and_with_a_sign() -> None:
    approval = by_id(exact(shop()))["action-2-0"]
    assert "Manual approval" in texts(approval)
    assert any(each.get("class") == "sign" for each in approval.iter())
    assert "approval" in (approval.get("class") or "").split()


def test_conditions_retry_and_rollback_stand_on_their_stages() -> None:
    found = by_id(exact(shop()))
    assert texts(found["entry-2"]) == ["Entry condition or fail"]
    assert texts(found["failure-1"]) == ["Automatic retry"]
    assert texts(found["failure-2"]) == ["Automatic rollback"]
    assert title(found["success-2"]) == "Success condition: Alarm (CloudWatchAlarm); otherwise ROLLBACK"


def test_no_secret_of_a_configuration_is_drawn() -> None:
    assert "very-secret" in str(shop())
    assert "very-secret" not in svg(shop(), engine="exact", artifacts=True) + svg(shop(), artifacts=True)


def test_a_status_is_a_sign_a_word_a_border_and_a_class() -> None:
    found = by_id(exact(shop(), moment()))
    assert found["action-1-1"].get("class") == "action status-Failed"
    assert texts(found["action-1-1"])[-1] == "Failed"
    assert texts(found["action-1-2"])[-1] == "Didn't Run"
    assert texts(found["action-2-0"]) == ["Sign-off", "Manual approval", "Waiting for approval", "1"]


def test_without_marks_no_status_is_told() -> None:
    assert not any("status" in (each.get("class") or "") for each in exact(shop()).iter())


def test_no_two_statuses_look_alike_to_who_sees_no_colours() -> None:
    assert len({(look.word, look.glyph) for look in LOOKS.values()}) == len(LOOKS)
    assert len({icon(status) for status in LOOKS}) == len(LOOKS)  # where there is no room for a word
    assert LOOKS["Succeeded"].border == LOOKS["Failed"].border
    assert LOOKS["Failed"].weight >= 2 * LOOKS["Succeeded"].weight
    assert LOOKS["InProgress"].border != LOOKS["Succeeded"].border


def test_an_unknown_status_is_told_in_its_own_word() -> None:
    found = by_id(exact(shop(), Marks(status={"stage-0": "Snoozing"})))
    assert "Snoozing" in texts(found["stage-0"])
    assert found["stage-0"].get("class") == "stage status-DidntRun"


def test_a_disabled_transition_says_so_and_its_title_says_why() -> None:
    found = by_id(exact(shop(), moment()))
    assert texts(found["transition-2"]) == ["Disabled", "3", "4"]
    assert title(found["transition-2"]) == "Transition Build to Prod: disabled: Freeze until Monday; waiting: #3, #4"
    assert title(found["transition-1"]) == "Transition Source to Build: enabled"
    assert texts(found["transition-1"]) == []


def test_tokens_are_where_the_executions_are() -> None:
    root = exact(shop(), moment())
    places = {each.get("id"): parent.get("id") for parent in root.iter(f"{SVG}g") for each in parent
              if (each.get("class") or "").startswith("token")}
    assert places == {"token-1": "action-2-0", "token-2": "stage-1", "token-3": "transition-2",
                      "token-4": "transition-2"}
    assert "waiting" in (by_id(root)["token-3"].get("class") or "")


def test_a_crowd_in_front_of_a_stage_is_counted() -> None:
    crowd = Marks(tokens=dict.fromkeys(range(1, 51), "transition-1"))
    drawn = texts(by_id(exact(shop(), crowd, direction="TB"))["transition-1"])
    assert drawn == ["1", "2", "3", "4", "+46"]


def test_who_waits_in_front_of_the_pipeline_is_drawn_too() -> None:
    assert "transition-0" not in by_id(exact(shop(), Marks()))
    assert texts(by_id(exact(shop(), Marks(tokens={7: "transition-0"})))["transition-0"]) == ["7"]


def test_artifacts_are_named_at_both_ends() -> None:
    found = by_id(exact(shop(), artifacts=True))
    assert texts(found["outputs-1-0"]) == ["App"]
    assert texts(found["inputs-2-1"]) == ["App, Env"]
    assert "outputs-1-0" not in by_id(exact(shop()))


def test_a_long_name_is_cut_on_the_card_and_whole_in_the_title() -> None:
    name = "n" * 100
    card = by_id(exact(pipeline(Stage("S", (action(name),)))))["action-0-0"]
    assert all(name not in text for text in texts(card))
    assert name in title(card)
    assert card.get("data-name") == name


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_cards_and_switches_are_drawn_where_the_scene_has_them(direction: Direction) -> None:
    found = by_id(exact(shop(), moment(), direction=direction))
    laid = scene(shop(), direction)
    cards = {each.id: (each.box, "card") for stage in laid.stages for group in stage.groups for each in group.actions}
    cards |= {stage.id: (stage.box, "card") for stage in laid.stages}
    cards |= {chip.id: (chip.box, "card") for stage in laid.stages for chip in stage.chips}
    cards |= {each.id: (each.switch, "switch") for each in laid.transitions[1:]}
    assert cards.keys() == ids(shop())
    for name, (box, kind) in cards.items():
        rect = next(each for each in found[name] if each.get("class") == kind)
        assert [rect.get(key) for key in ("x", "y", "width", "height")] == [str(number) for number in box]


def test_who_cannot_see_the_picture_is_told_it() -> None:
    root = exact(shop(), moment())
    assert root.get("role") == "img"
    assert root.get("aria-label") == ("Pipeline web-shop: Source [Succeeded] (Code, Config) → Build [Failed] "
                                      "(Compile, Lint, Unit) → Prod [In progress] (Sign-off, Deploy)")


# ---------------------------------------------------------------------------------------------- any names, any shape


@given(PIPELINES, MARKS, st.sampled_from(("TB", "LR", None)), st.sampled_from((None, 360)), st.booleans(),
       st.sampled_from(("light", "dark", "auto")))
@settings(max_examples=100)
def test_anything_can_be_drawn_and_nothing_drawn_can_act(
        shown: Pipeline, marks: Marks | None, direction: str, width: int | None, artifacts: bool, theme: str) -> None:
    root = exact(shown, marks, direction=direction, width=width, artifacts=artifacts, theme=theme)
    assert {each.tag for each in root.iter()} <= HARMLESS
    assert not [key for each in root.iter() for key in each.attrib if key.startswith("on") or "href" in key]
    assert all("url(" not in value for each in root.iter() for value in each.attrib.values() if value.startswith("url"))
    found = [each.get("id", "") for each in root.iter() if each.get("id")]
    assert len(found) == len(set(found))
    assert ids(shown) <= set(found)
    assert all(re.fullmatch(r"[a-z]+(-\d+){1,2}", name) for name in found)


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_style_holds_no_word_of_a_definition_and_leads_nowhere(theme: str) -> None:
    sheet = exact(shop(), theme=theme).findtext(f"{SVG}style") or ""
    assert sheet == exact(pipeline(Stage("}</style>", ())), theme=theme).findtext(f"{SVG}style")
    assert "url" not in sheet and "@import" not in sheet
    assert ("prefers-color-scheme" in sheet) == (theme == "auto")
    selectors = [part for rule in re.findall(r"([^{}]+)\{", sheet.replace("@media (prefers-color-scheme:dark){", ""))
                 for part in rule.split(",")]
    assert selectors
    assert all(part.startswith(f".theme-{theme} ") for part in selectors), "it would colour the page around it"


def test_the_themes_auto_and_light_differ_in_the_page_only() -> None:
    assert [each.get("class") for each in exact(shop()) if each.get("class") == "page"] == ["page"]
    assert not [each for each in exact(shop(), theme="auto") if each.get("class") == "page"]


@pytest.mark.parametrize("file", corpus_files("json/*.json"))
def test_real_definitions_are_drawn(file: Path, no_dot: None) -> None:
    shown = Pipeline.load(file, lenient=True)
    assert ids(shown) <= by_id(ET.fromstring(svg(shown, artifacts=True))).keys()


# ---------------------------------------------------------------------------------------------- colours


def light(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_have_a_contrast_of_four_and_a_half_on_whatever_they_lie(theme: Theme) -> None:
    tints = [shade.tint for shade in theme.shades.values()]
    for paper in (theme.page, theme.stage, theme.head, theme.card, *tints):
        assert contrast(theme.text, paper) >= 4.5
        assert contrast(theme.soft, paper) >= 4.5
    for shade in theme.shades.values():
        for paper in (theme.stage, theme.card, theme.page, shade.tint):
            assert contrast(shade.ink, paper) >= 4.5
    for shade in theme.shades.values():
        assert contrast(shade.ink, theme.head) >= 4.5, "a stage's status stands in its head"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_signs_and_arrows_have_a_contrast_of_three(theme: Theme) -> None:
    for shade in theme.shades.values():
        for paper in (theme.page, theme.stage, theme.card, shade.tint):
            assert contrast(shade.line, paper) >= 3
    for page in (LIGHT.page, DARK.page, "#ffffff", "#111111"):
        assert contrast(theme.quiet, page) >= 3, "arrows lie on the page itself, which a notebook colours"


def test_numbers_on_tokens_can_be_read() -> None:
    assert all(contrast(ink, fill) >= 4.5 for fill, ink in TOKENS)


def test_every_status_has_its_colours_in_both_themes() -> None:
    for theme in THEMES.values():
        assert {look.hue for look in LOOKS.values()} <= theme.shades.keys()
    assert status_key("Didn't Run") == "DidntRun"


# ---------------------------------------------------------------------------------------------- with and without dot


def test_without_dot_the_picture_is_drawn_all_the_same(no_dot: None) -> None:
    assert svg(shop()) == svg(shop(), engine="exact")


def test_where_no_process_can_be_started_the_picture_is_drawn_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise OSError(138, "Function not implemented")

    monkeypatch.setattr("graphviz.Digraph.pipe", refuse)
    assert svg(shop()) == svg(shop(), engine="exact")


def test_dot_alone_is_refused_where_it_is_missing(no_dot: None) -> None:
    with pytest.raises(CannotDraw, match="apt install graphviz"):
        svg(shop(), engine="dot")


def test_a_given_width_is_kept_by_drawing_without_dot() -> None:
    assert exact(shop(), width=360).get("width") == "360"
    assert svg(shop(), width=360) == svg(shop(), width=360, engine="exact")


# ---------------------------------------------------------------------------------------------- files


def test_an_svg_and_a_dot_are_written_without_dot_and_a_line_says_how_to_get_it(no_dot: None, tmp_path: Path) -> None:
    drawn = render(shop(), tmp_path / "p.svg")
    assert (drawn.format, drawn.engine, drawn.hint) == ("svg", "exact", HINT)
    assert "conda install -c conda-forge graphviz" in drawn.hint
    assert by_id(ET.parse(tmp_path / "p.svg").getroot()).keys() >= ids(shop())
    assert render(shop(), tmp_path / "p.dot").hint == ""
    assert (tmp_path / "p.dot").read_text("utf-8").startswith("digraph pipeline {")


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_without_dot_a_bitmap_is_refused_with_the_way_out(no_dot: None, tmp_path: Path, ending: str) -> None:
    with pytest.raises(CannotDraw) as refused:
        render(shop(), tmp_path / f"p.{ending}")
    assert "apt install graphviz" in str(refused.value)
    assert str(tmp_path / "p.svg") in str(refused.value)
    assert not (tmp_path / f"p.{ending}").exists()


@pytest.mark.parametrize("name", ["p.gif", "p", "svg"])
def test_an_unknown_ending_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotDraw, match=r"\.svg, \.png, \.pdf, \.dot"):
        render(shop(), tmp_path / name)


# ---------------------------------------------------------------------------------------------- notebooks


class _Images(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "img":
            self.images.append(dict(attrs))

    handle_startendtag = handle_starttag


def test_a_notebook_shows_an_image_that_untrusted_notebooks_keep(no_dot: None) -> None:
    bundle = shop()._repr_mimebundle_()
    assert bundle == mimebundle(shop())
    shown = _Images(bundle["text/html"])
    assert shown.tags <= {"div", "img"}
    (image,) = shown.images
    head, _, data = (image["src"] or "").partition(",")
    assert head == "data:image/svg+xml;base64"
    assert by_id(ET.fromstring(base64.b64decode(data))).keys() >= ids(shop())
    assert image["alt"] == bundle["text/plain"]
    assert "max-width:100%" in (image["style"] or "")


def test_a_notebook_without_dot_says_how_to_get_it(no_dot: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "conda install -c conda-forge graphviz" in mimebundle(shop())["text/html"]
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert HINT_IN_BROWSER.split(",")[0] in mimebundle(shop())["text/html"]
    assert "conda" not in mimebundle(shop())["text/html"]


@given(PIPELINES)
@settings(max_examples=20)
def test_a_name_cannot_leave_the_alternative_text(shown: Pipeline) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        seen = _Images(mimebundle(shown)["text/html"])
    assert seen.tags <= {"div", "img"}
    assert len(seen.images) == 1
    assert seen.images[0].keys() == {"alt", "style", "src"}


def test_graphviz_is_not_imported_before_it_is_used() -> None:
    code = "import sys, pipeline_sim.views.graph; print('graphviz' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
