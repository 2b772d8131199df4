"""A student at a challenge: what is done, counted, forbidden and told, without a browser."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim import Refused
from pipeline_sim.cli import main
from pipeline_sim.study import Challenge, Visit, grade
from pipeline_sim.study.clinic.case import HINT, MISTAKE
from pipeline_sim.study.clinic.reading import case_of, challenges
from pipeline_sim.study.clinic.steps import perform, told

from .test_study_widgets import texts

OPEN: dict[str, Any] = {"stageName": "Prod", "transitionType": "Inbound"}
KIM = "arn:aws:iam::111122223333:user/kim"


def visit(key: str = "disabled-transition") -> Visit:
    return Visit(case_of(key))


def challenge(key: str = "disabled-transition") -> Challenge:
    return Challenge(key, progress=None)


def door(one: Challenge, name: str, **body: Any) -> Any:
    return one.console.ask(name, {"k": len(one.console.records), **body})


# ---------------------------------------------------------------------------------------------- the visit


def test_whoever_looks_and_mends_at_once_has_all_points() -> None:
    one = visit()
    state = one.call("GetPipelineState")
    assert state["stageStates"][2]["inboundTransitionState"]["enabled"] is False
    one.call("EnableStageTransition", **OPEN)
    assert one.cost == 6
    assert one.check() == (True, 100, "")
    assert grade(one) == 10


def test_hints_mistakes_and_needless_changes_cost_points() -> None:
    one = visit()
    assert one.hint() is not None
    assert one.hint() is not None
    assert one.hint() is None
    assert not one.check().solved
    one.push()
    one.call("EnableStageTransition", **OPEN)
    assert one.cost == 2 * HINT + MISTAKE + 2 * 5
    assert one.check().score == round(100 * one.case.par / one.cost) == 43
    assert one.check().score == 43, "asking again changes nothing"
    assert grade(one, points=5) == 2.15


def test_reading_is_cheap_in_every_service_and_a_refused_call_is_not_free() -> None:
    one = visit("approver-policy")
    one.aws("iam list-user-policies --user-name kim")
    one.ask("iam", "GetUser", UserName="kim")
    assert one.cost == 2
    with pytest.raises(Refused):
        one.call("PutApprovalResult", by=KIM, stageName="Prod", actionName="Approve",
                 result={"status": "Approved", "summary": ""})
    assert one.cost == 7


def test_boto3_and_the_aws_command_mend_as_well_as_a_call() -> None:
    one = visit()
    one.client().enable_stage_transition(pipelineName="shop", **OPEN)
    assert one.check().solved
    two = visit()
    two.aws("aws codepipeline enable-stage-transition --pipeline-name shop --stage-name Prod --transition-type Inbound")
    assert two.check().solved


def test_time_goes_no_further_than_the_deadline() -> None:
    one = visit()
    assert one.wait("20m") == 600
    assert one.wait("3h") == 0
    assert one.simulation.now == one.case.deadline
    one.call("EnableStageTransition", **OPEN)
    verdict = one.check()
    assert not verdict.solved
    assert verdict.sentence.startswith("The time is over")
    assert grade(one) == 0


def test_the_world_itself_is_not_to_be_changed() -> None:
    one = visit("flaky-test")
    one.simulation.decide("Test/Api", "Succeeded")
    one.call("RetryStageExecution", stageName="Test", execution=1, retryMode="FAILED_ACTIONS")
    assert "No student can do that" in one.check().sentence


def test_to_ask_for_the_grade_is_no_mistake() -> None:
    one = visit()
    assert grade(one) == 0
    assert one.mistakes == 0
    one.call("EnableStageTransition", **OPEN)
    assert grade(one) == 10


def test_begin_again_forgets_everything() -> None:
    one = visit()
    one.hint()
    one.push()
    one.begin()
    assert one.cost == 0
    assert one.simulation.now == one.case.arrive


@pytest.mark.parametrize("case", challenges(), ids=lambda one: one.key)
def test_the_best_known_solution_scores_100_in_a_visit(case: Any) -> None:
    one = Visit(case)
    for step in case.solution:
        if step.kind == "wait":
            one.wait(step.name)
        else:
            perform(one.simulation, step)
        assert told(step)
    assert one.check() == (True, 100, "")


# ---------------------------------------------------------------------------------------------- the widget


def test_without_a_kernel_the_complaint_and_the_picture_can_be_read_and_no_solution() -> None:
    case = case_of("disabled-transition")
    data = Challenge(case, progress=None)._repr_mimebundle_()[0]
    assert data["text/plain"].startswith(case.title) and case.complaint.strip() in data["text/plain"]
    assert case.title in data["text/html"] and "data:image/svg+xml;base64," in data["text/html"]
    assert not any(hint.text in data["text/html"] for hint in case.hints)
    assert "EnableStageTransition" not in data["text/html"] and "enable-stage-transition" not in data["text/html"]


def test_the_console_of_a_challenge_shows_what_aws_shows_and_no_why() -> None:
    one = challenge()
    facts = door(one, "about", thing="stage-2")
    assert facts["why"]["sentence"].startswith("A challenge")
    assert facts["why"]["causes"] == []
    assert facts["api"]
    assert facts["trail"]
    offers = door(one, "offers", thing="transition-2")
    assert offers["why"] == facts["why"]["sentence"], "where to look, and no reason"
    names = {row["id"] for row in door(one, "offers", thing="pipeline")["offers"]}
    assert "start" in names
    assert not {name for name in names if name.startswith(("alarm", "seed"))}
    whole = json.dumps([facts, offers], default=str)
    assert "Audit until Monday" in whole, "AWS shows the reason"


def test_an_act_in_the_console_counts_and_time_stands_still() -> None:
    one = challenge()
    before = one.visit.simulation.now
    offer = next(row for row in door(one, "offers", thing="transition-2")["offers"] if row["operation"] ==
                 "EnableStageTransition" and not row["refused"])
    door(one, "act", thing="transition-2", offer=offer["id"], values={})
    assert one.visit.simulation.now == before
    assert "Points spent: 5" in texts(one.box)
    one._check()
    assert "100 of 100" in texts(one.box)
    assert "A challenge" not in door(one, "about", thing="stage-2")["why"]["sentence"], "why? is open now"


def test_the_past_is_not_to_be_changed() -> None:
    one = challenge()
    with pytest.raises(ValueError, match="past cannot be changed"):
        one.console.ask("act", {"k": 3, "thing": "pipeline", "offer": "start", "values": {}})


def test_the_console_lets_time_pass_to_the_deadline() -> None:
    one = challenge()
    door(one, "more", step=True)
    assert one.visit.left == 0, "nothing happens any more by itself"
    two = challenge()
    door(two, "more", until=two.visit.simulation.now + 60)
    assert two.visit.left == two.case.within - 60


def test_commands_are_run_and_shown_escaped() -> None:
    one = challenge()
    one.commands.value = "aws codepipeline get-pipeline-state --name shop --query 'name'\naws codepipeline '<b>x'"
    one._run()
    told = one.output.value
    assert "shop" in told
    assert "<b>x" not in told
    one.commands.value = ""
    one._run()
    assert one.output.value == ""


def test_what_commands_came_to_before_can_be_looked_up_the_newest_first() -> None:
    one = challenge()
    for query in ("name", "length(stageStates)"):
        one.commands.value = f"aws codepipeline get-pipeline-state --name shop --query '{query}'"
        one._run()
    assert "length(stageStates)" in one.output.value
    assert "--query 'name'" not in html.unescape(one.output.value)
    assert "--query 'name'" in html.unescape(one.earlier.value)
    for _ in range(12):
        one._run()
    assert one.earlier.value.count("<b>$ ") == 10
    one._again()
    assert one.earlier.value == ""


def test_hints_come_one_by_one_and_a_wrong_check_is_told() -> None:
    one = challenge()
    one._check()
    assert "Not mended yet." in texts(one.box)
    one._hint()
    assert one.case.hints[0].text in texts(one.box)
    assert one.case.hints[1].text not in texts(one.box)
    one._hint()
    assert one.more.disabled


def test_after_the_solution_everything_is_explained(tmp_path: Path) -> None:
    one = Challenge("order-of-approval", progress=tmp_path / "mine.json")
    assert one.case.because not in texts(one.box)
    for step in one.case.solution:
        perform(one.visit.simulation, step)
    one.check()  # type: ignore[attr-defined]
    shown = texts(one.box)
    assert "What was wrong" in shown
    assert "start-pipeline-execution" in shown
    assert json.loads((tmp_path / "mine.json").read_text())["answers"][0]["kind"] == "challenge"
    one._again()
    assert "What was wrong" not in texts(one.box)
    assert not one.ready.disabled


def test_an_unknown_challenge_is_told_with_a_near_name() -> None:
    with pytest.raises(ValueError, match="Did you mean 'flaky-test'"):
        challenge("flaky-tests")


# ---------------------------------------------------------------------------------------------- a teacher's own


OWN = """
challenges:
  - key: mine
    title: Stands still
    complaint: Release 1 does not arrive.
    because: The transition was disabled.
    domain: troubleshooting
    task: "4.1"
    world:
      pushes: 0s
      calls: [{at: 30s, operation: DisableStageTransition, stageName: Prod, transitionType: Inbound, reason: x}]
    arrive: 1h
    within: 30m
    goal: ["e1.stages.Prod == 'Succeeded'"]
    hints: [{text: It is disabled., claim: "state.Prod.inboundTransitionState.enabled == `false`"}]
    solution: [{call: EnableStageTransition, stageName: Prod, transitionType: Inbound}]
"""


def checked(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    path = tmp_path / "own.yaml"
    path.write_text(text)
    status = main(["challenge", "check", str(path)])
    return status, " ".join("".join(capsys.readouterr()).split())


def test_a_teachers_own_challenge_is_checked_and_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, OWN, capsys)[0] == 0
    one = Challenge("mine", files=[tmp_path / "own.yaml"], progress=None)
    one.call("EnableStageTransition", **OPEN)  # type: ignore[attr-defined]
    assert grade(one) == 10


@pytest.mark.parametrize(("old", "new", "told"), [
    ("key: mine", "key: Mine!", "small letters and hyphens"),
    ("title: Stands still", "tittle: x", "Did you mean 'title'?"),
    ('task: "4.1"', 'task: "9.9"', "is nothing in DVA-C02"),
    ("arrive: 1h", "arrive: soon", "challenges[0].arrive"),
    ("within: 30m", "within: 30m\n    before: [{wait: 1m, at: never}]", "before[0].at"),
    ("goal: [\"e1.stages.Prod == 'Succeeded'\"]", "goal: yes", "no list of claims"),
    ("goal: [\"e1.stages.Prod == 'Succeeded'\"]", "goal: [\"e1.stages.Build == 'Succeeded'\"]", "holds already"),
    ("hints: [{text:", "hints: [{txt:", "A hint has a text and a claim"),
    ("enabled == `false`", "enabled == `true`", "does not hold at the start"),
    ("call: EnableStageTransition", "cal: EnableStageTransition", "no kind of step"),
    ("solution: [{call: EnableStageTransition", "solution: [{iam: PutRollPolicy", "Did you mean 'PutRolePolicy'?"),
    ("solution: [", "solution: [{alarm: x}, ", "nothing that a student can do"),
    ("stageName: Prod, transitionType: Inbound}]\n", "stageName: Nowhere, transitionType: Inbound}]\n", "cannot be taken"),
    ("      pushes: 0s", "      pushs: 0s", "cannot be run"),
    ("challenges:\n", "other: 1\nchallenges:\n", "'other' means nothing here"),
])
def test_faults_are_told_with_place_and_remedy(
    old: str, new: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in OWN
    status, said = checked(tmp_path, OWN.replace(old, new), capsys)
    assert status == 1, said
    assert told in said


@pytest.mark.parametrize("text", ["", "challenges: 3", "challenges: [3]", "[]"])
def test_what_is_no_file_of_challenges_is_told(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, text, capsys)[0] == 1
    assert main(["challenge", "check", str(tmp_path / "none.yaml")]) == 2


def test_the_list_names_every_challenge(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["challenge", "list"]) == 0
    told = capsys.readouterr().out
    assert all(case.key in told for case in challenges())
    assert main(["challenge", "list", "--domain", "security"]) == 0
    assert "flaky-test" not in capsys.readouterr().out
    assert main(["challenge", "list", "--language", "xx"]) == 2
