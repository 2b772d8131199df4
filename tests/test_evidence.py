"""The evidence: every rule has its source, the page is the data, and what is named in the code is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import pipeline_sim
from pipeline_sim import explain
from pipeline_sim.scenario.check.parts import KEYS, SETTINGS
from pipeline_sim.views.evidence import KINDS, PARTS, page, rules

REPOSITORY = Path(__file__).parents[1]
PACKAGE = Path(pipeline_sim.__file__).parent


def test_the_page_in_the_docs_is_the_data() -> None:
    text = (REPOSITORY / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert text == page(), "make it anew: python -m pipeline_sim.views.evidence > docs/evidence.md"


def test_every_rule_is_whole() -> None:
    assert len(rules()) > 100
    for rule in rules().values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.key), rule.key
        assert rule.kind in KINDS
        assert rule.part in PARTS
        assert rule.says.endswith("."), rule.key
        assert not rule.title.endswith("."), rule.key
        assert re.fullmatch(r"\d+(\.\d+)?", rule.section), rule.key
        assert rule.tags or rule.kind == "decided", f"{rule.key} is said to be {rule.kind}: where?"


def test_kinds_and_tags_agree() -> None:
    for rule in rules().values():
        first = {tag.split(":")[0] for tag in rule.tags}
        if rule.kind == "measured":
            assert first & {"PROBE-A", "PROBE-B", "recorded events"}, rule.key
        if rule.kind == "documented":
            assert first - {"knowledge", "WEB", "PROBE-A", "PROBE-B", "recorded events"}, rule.key


def test_titles_and_keys_are_used_once() -> None:
    titles = [rule.title.lower() for rule in rules().values()]
    assert len(set(titles)) == len(titles)


def _keys_in(file: Path) -> set[str]:
    """Texts in a module of `why` that are keys by their form: the last argument of Clause, and tables of rules."""
    texts = {node.value for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
             if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}


def test_every_rule_that_an_answer_names_is_known() -> None:
    named = set[str]().union(*map(_keys_in, (PACKAGE / "views" / "why").glob("*.py")))
    assert len(named) > 25
    assert named <= set(rules()), named - set(rules())


def test_settings_are_those_of_a_scenario_and_all_of_them_are_explained() -> None:
    named = {rule.setting for rule in rules().values() if rule.setting}
    for setting in named:
        first, _, rest = setting.partition(".")
        assert first in KEYS, setting
        assert first != "settings" or rest in SETTINGS, setting
    assert {f"settings.{setting}" for setting in SETTINGS} <= named
    for rule in rules().values():
        assert not rule.choices or rule.default in rule.choices, rule.key
        if rule.setting.startswith("settings."):
            for choice in (*rule.choices, rule.default):
                SETTINGS[rule.setting.removeprefix("settings.")](choice)


@pytest.mark.parametrize("name", ["stage-lock", "stage lock", "A stage is locked", "a STAGE is locked", "superseded mode"])
def test_a_rule_is_explained_by_key_title_or_words(name: str) -> None:
    rule = explain(name)
    assert rule.key in ("stage-lock", "superseded-mode")
    assert "section 4.3" in str(rule)


def test_a_contested_rule_tells_its_setting() -> None:
    told = str(explain("deployment window"))
    assert "our decision" in told
    assert told.splitlines()[-1] == "  in a scenario: settings.deployment_window: fail (or wait)"


def test_an_unknown_rule_gets_near_names() -> None:
    with pytest.raises(ValueError, match=r"No single rule is called 'stage loc'. Did you mean .*stage-lock"):
        explain("stage loc")
    with pytest.raises(ValueError, match="approval-pending"):
        explain("approval")
    with pytest.raises(ValueError, match="names them all"):
        explain("zzz")


def test_every_line_of_the_register_of_contradictions_is_decided() -> None:
    decided = [rule for rule in rules().values() if rule.section == "15"]
    assert len(decided) >= 22
    assert {rule.kind for rule in decided} == {"decided"}
