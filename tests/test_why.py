"""Why a place is as it is: one sentence, the chain of causes, and the rule behind each."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.ids import execution_id
from pipeline_sim.record import ExecutionChanged, StageChanged, Start
from pipeline_sim.simulation import Simulation
from pipeline_sim.state import fold
from pipeline_sim.views.why import Answer, places
from pipeline_sim.views.why import why as ask
from pipeline_sim.views.why.answer import Cause
from tests.shop import ROLE, action, approve, build, deploy, do, simulate, source, stage, structure

BOB = "arn:aws:iam::111122223333:user/bob"


def why(sim: Simulation, place: str | int, **more: Any) -> Answer:
    """The answer, after a look that its causes are sentences."""
    answer = ask(sim.state, place, sim.records, **more)
    for sentence in (answer.sentence, *(cause.sentence for cause in answer.causes)):
        assert sentence.endswith("."), sentence
        assert ".." not in sentence, sentence
    return answer


def causes(answer: Answer) -> list[str]:
    return [cause.sentence for cause in answer.causes]


def waiting_for_approval(**scenario: Any) -> Simulation:
    """Execution 1 waits for the approval in Prod since 09:04:10, execution 2 stands in front since 09:14:10."""
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}], **scenario)
    sim.run("20m")
    return sim


# ---------------------------------------------------------------------------------------------- waiting


def test_before_anything_has_started_a_stage_says_so() -> None:
    answer = why(simulate(), "Prod")
    assert answer.sentence == "Prod has not run, because no execution of shop has started yet."


def test_a_stage_that_nobody_has_reached_is_explained_by_who_is_on_the_way() -> None:
    sim = simulate()
    sim.push()
    sim.run("2m")
    answer = why(sim, "Prod/Deploy")
    assert answer.sentence == ("Prod/Deploy has not run: execution 1 is in Build since 09:00:10: "
                               "Build/Compile runs since 09:00:10; Build/Lint runs since 09:00:10.")


def test_an_execution_in_front_of_a_locked_stage_names_the_holder_and_what_that_waits_for() -> None:
    answer = why(waiting_for_approval(), 2)
    assert answer.sentence == (
        "Execution 2 waits in front of Prod since 09:14:10, because Prod is locked by execution 1, which waits for the "
        "approval Prod/Approve; nobody has answered Prod/Approve since 09:04:10; it times out at Mon 14 Jan 09:04:10.")
    assert [cause.rule for cause in answer.causes] == ["stage-lock", "approval-pending", "approval-timeout"]


def test_the_stage_itself_and_its_actions_tell_the_same_story() -> None:
    sim = waiting_for_approval()
    assert why(sim, "Prod").sentence == (
        "Prod is held by execution 1: nobody has answered Prod/Approve since 09:04:10; it times out at Mon 14 Jan "
        "09:04:10.")
    assert causes(why(sim, "Prod"))[-1] == "Execution 2 waits in front of Prod."
    assert why(sim, "Prod/Approve").sentence.startswith("Nobody has answered Prod/Approve since 09:04:10 (execution 1)")
    assert why(sim, "Prod/Deploy").sentence.startswith(
        "Prod/Deploy has not run in execution 1, because Prod/Approve, of an earlier run order, still must succeed")
    assert why(sim, "Prod/Deploy", execution=2).sentence.startswith(
        "Prod/Deploy has not run in execution 2: execution 2 waits in front of Prod")


def test_a_time_out_that_the_action_sets_itself_is_told() -> None:
    gate = {**approve(), "timeoutInMinutes": 60}
    sim = simulate(structure(stage("Source", source()), stage("Gate", gate)))
    sim.push()
    sim.run("10m")
    assert why(sim, "Gate").sentence.endswith("it times out at 10:00:10.")
    sim.run()
    assert why(sim, "Gate/Approve").sentence == (
        "Nobody answered the approval Gate/Approve within 1h, so it failed at 10:00:10 (execution 1).")


def test_a_disabled_transition_says_who_disabled_it_when_and_why() -> None:
    sim = simulate()
    do(sim, "DisableStageTransition", stageName="Prod", transitionType="Inbound", reason="Friday", by=BOB)
    sim.push()
    sim.run("20m")
    answer = why(sim, "Prod")
    assert answer.sentence == (
        "Prod has not run: execution 1 waits in front of it since 09:04:10, because the transition into Prod is "
        "disabled: Friday; bob disabled it at 09:00.")
    assert answer.causes[0].rule == "transition-disabled"


def test_the_way_out_of_a_stage_can_be_disabled_too() -> None:
    sim = simulate()
    do(sim, "DisableStageTransition", stageName="Build", transitionType="Outbound", reason="look first", by=BOB)
    sim.push()
    sim.run("20m")
    assert "because the transition out of Build is disabled: look first; bob disabled it" in why(sim, 1).sentence


def test_who_is_not_first_in_a_line_hears_who_came_before() -> None:
    sim = simulate(pushes=[{"at": f"{minute}m"} for minute in range(0, 40, 10)], mode="QUEUED")
    sim.run("1h")
    assert causes(why(sim, 4))[-1] == "Executions 2 and 3 came before it in the line."
    assert causes(why(sim, "Prod"))[-1] == "Executions 2, 3 and 4 wait in front of Prod."


def test_a_build_that_queues_for_capacity_says_how_many_are_before_it() -> None:
    sim = simulate(structure(stage("Source", source()), stage("Build", build("A"), build("B"), build("C"))),
                   capacity={"CodeBuild": 1})
    sim.push()
    sim.run("2m")
    assert why(sim, "Build/B").sentence == (
        "Build/B waits since 09:00:10 for a free slot of CodeBuild, first in the line (execution 1).")
    assert "with 1 before it in the line" in why(sim, "Build/C").sentence


def test_a_job_that_no_worker_takes() -> None:
    jenkins = action("Ask", "Jenkins", category="Build")
    jenkins["actionTypeId"]["owner"] = "Custom"
    sim = simulate(structure(stage("Source", source()), stage("Do", jenkins)), actions={"Do/Ask": {"worker": "outside"}})
    sim.push()
    sim.run("2m")
    answer = why(sim, "Do/Ask")
    assert answer.sentence == "No job worker has taken the job of Do/Ask since 09:00:10 (execution 1)."
    assert answer.rule == "job-worker"


def test_a_function_that_has_said_nothing_yet() -> None:
    """Nobody polls for the job of a Lambda function: it has it, and must answer."""
    sim = simulate(structure(stage("Source", source()), stage("Do", action("Ask", "Lambda", {"FunctionName": "f"}))),
                   actions={"Do/Ask": {"worker": "outside"}})
    sim.push()
    sim.run("2m")
    answer = why(sim, "Do/Ask")
    assert answer.sentence == "Do/Ask waits for its function f, which has reported no result since 09:00:10 (execution 1)."
    assert answer.rule == "lambda-must-answer"


def test_parallel_executions_are_in_a_stage_together() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}], mode="PARALLEL")
    sim.run("20m")
    answer = why(sim, "Prod")
    assert answer.sentence == "Prod is run by executions 1 and 2 at once."
    assert len(answer.causes) == 4


# ---------------------------------------------------------------------------------------------- ended


def test_a_failed_action_says_its_error_and_whether_it_may_be_retried() -> None:
    sim = simulate(actions={"Build/Compile": {"attempts": {1: {"status": "Failed", "message": "two tests are red"}}}})
    sim.push()
    sim.run()
    assert why(sim, 1).sentence == (
        "Execution 1 failed in Build at 09:04:10, because Build/Compile failed (JobFailed: two tests are red).")
    assert causes(why(sim, "Build/Compile")) == [
        "Nobody has retried Build so far, though it may be.",
        "There is no earlier success of Build in version 1 to roll back to."]
    assert why(sim, "Prod").sentence == ("Prod has not run: execution 1 failed in Build at 09:04:10, because "
                                         "Build/Compile failed (JobFailed: two tests are red).")


def test_a_retry_that_a_newer_execution_forbids_is_told_in_awss_words() -> None:
    sim = simulate(actions={"Build/Compile": {"executions": {1: {1: {"status": "Failed"}}}}},
                   pushes=[{"at": 0}, {"at": "10m"}])
    sim.run("15m")
    assert ("Retrying Build would be refused with NotLatestPipelineExecutionException: Execution 2 has entered Build "
            "since; only the latest can be retried.") in causes(why(sim, 1))


def test_a_rollback_that_could_be_asked_for_and_one_that_would_be_refused() -> None:
    prod = stage("Prod", {**deploy(order=1), "inputArtifacts": [{"name": "Src"}]})
    sim = simulate(structure(stage("Source", source()), prod), pushes=[{"at": 0}, {"at": "20m"}, {"at": "40m"}],
                   actions={"Prod/Deploy": {"duration": "5m", "executions": {2: {1: {"status": "Failed"}}}}})
    sim.run("30m")
    assert "Prod can be rolled back to execution 1." in causes(why(sim, 2))
    sim.run("42m")
    assert ("Rolling Prod back to execution 1 would be refused with UnableToRollbackStageException: Prod is active: "
            "execution 3 runs Prod/Deploy.") in causes(why(sim, 2))


def test_a_missing_permission_is_the_roles() -> None:
    reads = {"Effect": "Allow", "Action": ["codecommit:*", "s3:*"], "Resource": "*"}
    sim = simulate(roles={ROLE: [{"Version": "2012-10-17", "Statement": [reads]}]})
    sim.push()
    sim.run()
    answer = why(sim, "Build/Compile")
    assert "(PermissionError: " in answer.sentence
    assert "codebuild:StartBuild" in answer.sentence
    assert answer.rule == "permission-error"


def test_a_condition_that_is_being_looked_at() -> None:
    check = {"name": "Window", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow",
                                              "version": "1"}, "configuration": {"Cron": "* * 10 ? * *"}}
    gate = {"conditions": [{"result": "FAIL", "rules": [check]}]}
    sim = simulate(structure(stage("Source", source()), stage("Build", build(), beforeEntry=gate)),
                   settings={"deployment_window": "wait"})
    sim.push()
    sim.run("5m")
    assert why(sim, "Build").sentence == (
        "Build is held by execution 1: the entry condition of Build is being looked at since 09:00:10 by its rule Window, "
        "which waits for its deployment window to open at 10:00.")
    assert why(sim, "Build/Compile").sentence.startswith("Build/Compile has not run in execution 1, because the entry")


def test_while_siblings_run_a_failure_is_not_yet_the_stages() -> None:
    sim = simulate(actions={"Build/Lint": {"duration": "1m", "failure": 1}})
    sim.push()
    sim.run("2m")
    assert why(sim, "Build").sentence == ("Build is held by execution 1: Build/Compile runs since 09:00:10; "
                                          "Build/Lint has failed; what runs beside it runs to its end.")


def test_later_run_orders_do_not_start_after_a_failure() -> None:
    sim = simulate(approvals={"*": {"response": "5m", "probability": 0, "by": BOB}})
    sim.push()
    sim.run()
    assert why(sim, "Prod/Deploy").sentence == (
        "Prod/Deploy has not run in execution 1, because Prod/Approve of an earlier run order did not succeed, and no "
        "later run order starts after that; Prod/Approve was rejected by bob.")


def test_superseded_executions_name_who_superseded_them_where() -> None:
    sim = simulate(pushes=[{"at": f"{minute}m"} for minute in range(0, 40, 10)])
    sim.run("1h")
    assert why(sim, 2).sentence == "Execution 2 was superseded in front of Prod at 09:24:10 by execution 3."
    assert why(sim, 3).sentence == "Execution 3 was superseded in front of Prod at 09:34:10 by execution 4."
    assert why(sim, 3).rule == "superseded-mode"


def test_a_storm_in_front_of_the_first_stage() -> None:
    sim = simulate(pushes=[{"at": f"{second}s"} for second in range(9)])
    sim.run("9s")
    assert [why(sim, number).sentence.rsplit(" ", 1)[1] for number in range(2, 9)] == [
        f"{number}." for number in range(3, 10)]


def test_an_older_execution_that_comes_later_is_the_one_that_is_superseded() -> None:
    """Told by hand: such an order needs a retry that AWS would refuse today."""
    def starts(number: int) -> ExecutionChanged:
        return ExecutionChanged(0, "shop", number, "InProgress", start=Start(1, "SUPERSEDED", "CloudWatchEvent"))

    def arrives(time: int, number: int) -> StageChanged:
        return StageChanged(time, "shop", number, "Prod", "Inbound")

    def superseded(time: int, number: int) -> ExecutionChanged:
        return ExecutionChanged(time, "shop", number, "Superseded")

    state = fold([*simulate().records, *map(starts, range(1, 6)), arrives(10, 3), arrives(20, 5), superseded(20, 3),
                  arrives(30, 2), superseded(30, 2), arrives(40, 4), superseded(40, 4)])
    told = [ask(state, number).sentence.rsplit(" ", 1)[1] for number in (2, 3, 4)]
    assert told == ["5.", "5.", "5."]


def test_an_execution_that_is_stopped_in_front_of_a_stage_never_enters() -> None:
    sim = waiting_for_approval()
    do(sim, "StopPipelineExecution", execution=2, reason="wrong branch")
    answer = why(sim, 2)
    assert answer.sentence == "Execution 2 was stopped in front of Prod at 09:20 (wrong branch)."
    assert causes(answer) == ["It never entered, so it cannot be retried."]


def test_stop_and_wait_waits_for_what_runs() -> None:
    sim = simulate()
    sim.push()
    sim.run("2m")
    do(sim, "StopPipelineExecution", execution=1, reason="lunch")
    assert why(sim, 1).sentence.startswith("Execution 1 is being stopped (lunch): what runs in Build runs to its end, "
                                           "nothing new starts; Build/Compile runs since 09:00:10")
    sim.run()
    assert why(sim, 1).sentence == "Execution 1 was stopped in Build at 09:04:10, after what ran had ended (lunch)."


def test_an_abandoned_action_may_go_on_at_its_provider() -> None:
    sim = simulate()
    sim.push()
    sim.run("2m")
    do(sim, "StopPipelineExecution", execution=1, abandon=True)
    assert why(sim, 1).sentence.startswith("Execution 1 was stopped in Build at 09:02, abandoning what ran; "
                                           "Build/Compile was abandoned: its provider may go on;")
    assert why(sim, "Build/Compile").rule == "stop-abandon"


def test_an_update_cancels_and_says_which_version_came() -> None:
    sim = waiting_for_approval()
    sim.call("UpdatePipeline", pipeline=structure())
    assert why(sim, 2).sentence == (
        "Execution 2 was cancelled in front of Prod at 09:20, because the pipeline was updated while it was under way "
        "(version 1, now 2).")


def test_an_action_that_an_older_version_did_not_have() -> None:
    sim = waiting_for_approval(approvals={"*": {"response": "1m"}})
    sim.call("UpdatePipeline", pipeline=structure(
        stage("Source", source()), stage("Build", build(makes=("Out",))),
        stage("Prod", approve(), deploy(), deploy("Smoke", order=3))))
    assert why(sim, "Prod/Smoke").sentence == (
        "Prod/Smoke has not run in execution 2, because version 1 of the pipeline, which it runs, has no such action.")


def test_a_success_says_how_long_it_took_and_what_came_since() -> None:
    sim = simulate(approvals={"*": {"response": "1m"}}, pushes=[{"at": 0}, {"at": "20m"}])
    sim.run("22m")
    assert why(sim, 1).sentence == "Execution 1 succeeded at 09:06:10, 6m 10s after its start."
    answer = why(sim, "Prod")
    assert answer.sentence == "Prod was last passed by execution 1 at 09:06:10."
    assert causes(answer) == ["Execution 2 is in Build since 09:20:10: Build/Compile runs since 09:20:10; "
                              "Build/Lint runs since 09:20:10."]


def test_a_rollback_says_where_it_went() -> None:
    sim = simulate(approvals={"*": {"response": "1m"}}, pushes=[{"at": 0}, {"at": "20m"}])
    sim.run()
    do(sim, "RollbackStage", stageName="Prod", targetPipelineExecutionId=execution_id(sim.seed, "shop", 1))
    sim.run()
    assert why(sim, 3).sentence == "Execution 3 has taken Prod back to execution 1 at 09:28:10."


def test_an_automatic_rollback_is_told_with_the_failure_that_brought_it() -> None:
    prod = stage("Prod", {**deploy(order=1), "inputArtifacts": [{"name": "Src"}]}, onFailure={"result": "ROLLBACK"})
    sim = simulate(structure(stage("Source", source()), prod), pushes=[{"at": 0}, {"at": "20m"}],
                   actions={"Prod/Deploy": {"executions": {2: {1: {"status": "Failed"}}}}})
    sim.run()
    assert "Execution 3 was begun at once to take Prod back to execution 1." in causes(why(sim, 2))


def test_a_missing_variable_and_a_full_queue_fail_before_the_first_stage() -> None:
    sim = simulate(structure(mode="QUEUED", variables=[{"name": "Region"}]))
    sim.call("StartPipelineExecution", name="shop")
    assert why(sim, 1).sentence == ("Execution 1 failed at 09:00 before it entered a stage, because no value for the "
                                    "pipeline variables Region, which have no default.")
    crowd = simulate(mode="QUEUED", settings={"execution_limit": 1}, pushes=[{"at": 0}, {"at": "1s"}])
    crowd.run("2s")
    assert why(crowd, 2).sentence == ("Execution 2 failed at 09:00:01 before it entered a stage, because the limit of "
                                      "executions in QUEUED mode was reached.")


def test_a_skipped_stage_names_the_rule_that_skipped_it() -> None:
    check = {"name": "Wanted", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck",
                                              "version": "1"},
             "configuration": {"Variable": "#{variables.Deploy}", "Operator": "EQ", "Value": "yes"}}
    gate = {"conditions": [{"result": "SKIP", "rules": [check]}]}
    sim = simulate(structure(stage("Source", source()), stage("Build", build(makes=("Out",))),
                             stage("Prod", deploy(), beforeEntry=gate),
                             variables=[{"name": "Deploy", "defaultValue": "no"}]))
    sim.push()
    sim.run()
    assert why(sim, "Prod").sentence == (
        "Prod was skipped by execution 1 at 09:04:10, because the entry condition of Prod did not pass (Wanted: 'no' "
        "EQ 'yes' is false).")
    assert why(sim, "Prod/Deploy").sentence.startswith("Prod/Deploy has not run in execution 1, because the entry")


# ---------------------------------------------------------------------------------------------- pushes


def test_a_push_that_a_filter_stopped_says_which() -> None:
    sim = simulate()
    started = sim.push(branch="main")
    stopped = sim.push(branch="feature/cart")
    sim.run("5m")
    assert why(sim, stopped).sentence == (f"Push 2 ({stopped[:8]}) at 09:00 started nothing, because App follows the "
                                          "branch main, not feature/cart.")
    assert why(sim, "push 2") == why(sim, stopped)
    assert f"Push 1 ({started[:8]}) arrived at 09:00: execution 1 of shop took it at App." == why(sim, started).sentence


def test_a_push_that_was_overtaken_is_in_a_newer_revision() -> None:
    sim = simulate(structure(stage("Source", source(PollForSourceChanges="true")), stage("Build", build())),
                   polling="1m")
    sim.run("1s")
    sim.push(message="first")
    sim.push(message="second")
    sim.run("10m")
    assert "took a newer one, which holds it" in why(sim, "push 1").sentence


# ---------------------------------------------------------------------------------------------- places


def test_executions_are_named_by_number_or_id_and_a_stage_goes_before_a_number() -> None:
    sim = simulate(structure(stage("Source", source()), stage("7", build())))
    sim.push()
    sim.run("1m")
    names = (1, "1", "#1", "execution 1", execution_id(sim.seed, "shop", 1), "shop")
    same = {why(sim, place).sentence for place in names}
    assert same == {"Execution 1 is in 7 since 09:00:10: 7/Compile runs since 09:00:10."}
    assert why(sim, "7").sentence.startswith("7 is held by execution 1")


def test_with_several_pipelines_the_place_names_its_own() -> None:
    sim = simulate(structure(), structure(name="tools"))
    sim.call("StartPipelineExecution", name="tools")
    assert why(sim, "tools:Source").sentence.startswith("Source is held by execution 1")
    assert why(sim, "shop:Source").sentence == "Source has not run, because no execution of shop has started yet."
    assert "tools:Prod/Deploy" in places(sim.state)
    with pytest.raises(ValueError, match="Nothing here is called 'Prod'"):
        why(sim, "Prod")


def test_an_unknown_name_gets_the_near_one() -> None:
    with pytest.raises(ValueError, match="Nothing here is called 'Prod/Deplo'.*Did you mean 'Prod/Deploy'"):
        why(simulate(), "Prod/Deplo")
    with pytest.raises(ValueError, match="no execution 9; it has had 0"):
        why(simulate(), "Prod/Deploy", execution=9)


def test_names_keep_their_letters_at_the_beginning_of_a_sentence() -> None:
    sim = simulate(structure(stage("source", source("app")), stage("prod", build("compile"))))
    assert why(sim, "prod").sentence.startswith("prod has not run")


def test_every_place_has_an_answer_at_every_moment() -> None:
    sim = simulate(pushes=[{"at": f"{minute}m"} for minute in range(0, 60, 7)], capacity={"CodeBuild": 1},
                   actions={"Build/*": {"failure": 0.3}, "Prod/Deploy": {"failure": 0.3}},
                   approvals={"*": {"response": "9m", "probability": 0.7}}, retry={"after": "3m"})
    sim.run()
    for k in range(1, len(sim.records)):
        state = fold(sim.records[:k])
        for place in (*places(state), *map(str, state.pipelines["shop"].executions)):
            assert ask(state, place).sentence.endswith(".")


def test_in_a_notebook_an_answer_is_a_sentence_and_a_list_and_names_are_no_markup() -> None:
    shown = Answer("Prod", "Prod waits for <b>.", (Cause("The lock."),))
    assert shown._repr_html_() == "<div>Prod waits for &lt;b&gt;.</div><ul style='margin:.3em 0'><li>The lock.</li></ul>"
    assert repr(shown) == str(shown) == "Prod waits for <b>.\n  - The lock."
