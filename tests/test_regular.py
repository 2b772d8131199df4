"""Regular expressions of a definition: the usual ones are tried, and those that could keep us busy for ever are not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline_sim import Pipeline
from pipeline_sim.pipeline import check
from pipeline_sim.pipeline.regular import LONGEST, against, fits

from .stories import simulation

HOSTILE = ["(a+)+", "(a*)*b", "(a|a)*", "(a|aa)+b", "([a-z]+)*!", "((a?)b?)*", "(x+x+)+y", r"(.*)\1", "(?=a+)b", "(?<!a)b",
           "(a{1,9}){1,9}", "a?" * 80 + "a" * 80, "(?:a|a)" * 30 + "b", "a" * (LONGEST + 1), "(" * 60 + "a" + "+)" * 60]


@pytest.mark.parametrize("expression", HOSTILE)
def test_what_could_take_for_ever_is_refused_before_it_is_tried(expression: str) -> None:
    with pytest.raises(ValueError, match="."):
        fits(expression, "a" * 100 + "!")


@pytest.mark.parametrize(("expression", "text", "does"), [
    ("main|release/.*", "release/7", True), ("main|release/.*", "topic", False), (r"v\d+\.\d+(-rc\d+)?", "v1.20-rc3", True),
    ("[0-9a-f]{40}", "0" * 40, True), ("(?i)MAIN", "main", True), (".*hotfix.*", "a hotfix for b", True), ("", "", True),
    ("(ab)+", "ababab", True), ("(main|next)?", "next", True), ("a.c", "a\nc", False)])
def test_the_usual_ones_are_tried(expression: str, text: str, does: bool) -> None:
    assert fits(expression, text) is does


def test_several_open_ends_are_for_short_texts_only() -> None:
    assert fits(".*a.*b", "xxaxb")
    with pytest.raises(ValueError, match="too many ways to try a text of 5000 characters"):
        fits(".*a.*b", "x" * 5000)


@given(st.recursive(st.sampled_from(["a", "b", ".", "[ab]", "(a|b)", "a?"]), lambda inner: st.one_of(
    st.tuples(inner, inner).map("".join), st.tuples(inner, inner).map("|".join),
    st.tuples(inner, st.sampled_from(["*", "+", "?", "{2,3}", "*?"])).map(lambda pair: f"({pair[0]}){pair[1]}")),
    max_leaves=8), st.text("ab", max_size=12))
def test_what_is_tried_is_tried_as_python_does(expression: str, text: str) -> None:
    assume(not against(expression))
    try:
        found = fits(expression, text)
    except ValueError:
        return  # too many ways
    assert found == bool(re.fullmatch(expression, text))


def ruled(expression: str) -> dict[str, Any]:
    rule = {"name": "branch", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck",
                                               "version": "1"},
            "configuration": {"Variable": "#{codepipeline.PipelineExecutionId}", "Operator": "MATCHES", "Value": expression}}
    return {"Source": ["App"], "Prod": {"actions": ["Deploy"], "beforeEntry": {"conditions": [
        {"result": "FAIL", "rules": [rule]}]}}}


@pytest.mark.parametrize("expression", ["(.+)+x", "(.|.)*x", "[", ".*.*.*.*.*.*.*x"])
def test_a_hostile_rule_fails_with_a_configuration_error(expression: str) -> None:
    one = simulation(ruled(expression), {"actions": {"*": {"duration": 1}}})
    one.call("StartPipelineExecution", name="shop")
    one.run()
    [rule] = one.call("ListRuleExecutions", pipelineName="shop")["ruleExecutionDetails"]
    assert rule["status"] == "Failed"
    assert rule["output"]["executionResult"]["errorDetails"]["code"] == "ConfigurationError"


def test_check_warns_of_it() -> None:
    faults = check.check(dict(Pipeline.load(simulation(ruled("(a+)+")).pipelines[0].structure).structure))
    assert any("could take for ever" in fault.message for fault in faults)

