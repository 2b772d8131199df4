"""docs/scenario.md says every key, and its examples are true."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.pipeline.document import load_document
from pipeline_sim.scenario.behaviour import EVENTS
from pipeline_sim.scenario.check import KEYS
from pipeline_sim.scenario.check.parts import SETTINGS
from pipeline_sim.scenario.coming import (
    ALARM_KEYS,
    ALARM_STATES,
    DELIVERY_KEYS,
    PUSH_KEYS,
    STREAM_KEYS,
    TRANSITION_KEYS,
)
from pipeline_sim.scenario.parse import (
    APPROVER_KEYS,
    BEHAVIOUR_KEYS,
    OUTCOME_KEYS,
    RETRY_KEYS,
    RETRY_MODES,
    STATUSES,
    WORKERS,
)
from pipeline_sim.scenario.schedules import SCHEDULE_KEYS

HOUSE = Path(__file__).parent.parent
PAGE = (HOUSE / "docs" / "scenario.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def web_shop() -> Pipeline:
    """The pipeline of the page, with a condition so that rules can be spoken of."""
    structure: dict[str, Any] = json.loads((HOUSE / "notebooks" / "pipelines" / "web-shop.json").read_text())["pipeline"]
    rule = {"name": "Smoke", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
            "configuration": {"FunctionName": "smoke"}}
    prod = next(stage for stage in structure["stages"] if stage["name"] == "Prod")
    for gate in ("beforeEntry", "onSuccess"):
        prod[gate] = {"conditions": [{"result": "FAIL", "rules": [rule]}]}
    return Pipeline.load({"pipeline": structure})


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 12


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_is_a_scenario_for_the_web_shop(number: int) -> None:
    scenario = Scenario.load(EXAMPLES[number], [web_shop()])
    assert Scenario.load(scenario.to_yaml()) == scenario
    assert len(scenario.describe().splitlines()) > 1 or set(scenario.data) <= {"account", "region", "by", "polling"}


def test_the_examples_together_use_every_key() -> None:
    said = {key for example in EXAMPLES for key in load_document(example)}
    assert said == set(KEYS)


def test_the_words_about_precedence_are_true() -> None:
    usual, changed = (Scenario.load(example, [web_shop()]) for example in EXAMPLES[1:3])
    unit = web_shop().stage("Test").action("Unit")
    assert (usual.behaviour("Test", unit).duration.at(0), usual.behaviour("Test", unit).failure) == (120, 0.05)
    assert changed.behaviour("Test", unit).failure == 0.2


@pytest.mark.parametrize("word", sorted({
    *KEYS, *BEHAVIOUR_KEYS, *OUTCOME_KEYS, *APPROVER_KEYS, *PUSH_KEYS, *STREAM_KEYS, *TRANSITION_KEYS, *ALARM_KEYS,
    *DELIVERY_KEYS, *SCHEDULE_KEYS, *RETRY_KEYS, *RETRY_MODES, *SETTINGS, *EVENTS, *ALARM_STATES, *WORKERS, *STATUSES}))
def test_every_key_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_python_on_the_page_gives_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    results = doctest.testfile(str(HOUSE / "docs" / "scenario.md"), module_relative=False, encoding="utf-8")
    assert results.attempted > 5
    assert results.failed == 0
