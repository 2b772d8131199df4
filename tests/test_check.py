"""What AWS refuses of a definition: every rule of 1.5, each broken alone in a pipeline that is otherwise right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline_sim.pipeline.check import aws_message, check, first_error
from pipeline_sim.pipeline.fault import Fault
from tests.shop import action, approve, build, deploy, source, stage, structure

Edit = Callable[[dict[str, Any]], None]
VALIDATION, STRUCTURE, STAGE, ACTION = ("ValidationException", "InvalidStructureException",
                                        "InvalidStageDeclarationException", "InvalidActionDeclarationException")
V2 = "available for pipelines of type V2 only"


def refused(given: dict[str, Any], **known: Any) -> list[Fault]:
    return [fault for fault in check(given, **known) if not fault.warning]


def warned(given: dict[str, Any], **known: Any) -> list[Fault]:
    return [fault for fault in check(given, **known) if fault.warning]


def act(given: dict[str, Any], where: str) -> dict[str, Any]:
    """`Build/Compile` of a structure."""
    stage_name, name = where.split("/")
    body = next(one for one in given["stages"] if one["name"] == stage_name)
    found: dict[str, Any] = next(one for one in body["actions"] if one["name"] == name)
    return found


def connected(**more: Any) -> dict[str, Any]:
    """The shop with its source on a connection, so that it may have triggers."""
    hub = action("App", "CodeStarSourceConnection", {
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/c1", "FullRepositoryId": "a/b",
        "BranchName": "main"}, makes=("Src",))
    return structure(stage("Source", hub), stage("Build", build()), **more)


def gated(gate: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = structure(**more)
    given["stages"][1][gate] = body
    return given


def rule(provider: str = "LambdaInvoke", name: str = "Look", **settings: str) -> dict[str, Any]:
    return {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
            "configuration": settings or {"FunctionName": "look"}}


def condition(*rules: dict[str, Any], result: str = "FAIL") -> dict[str, Any]:
    return {"conditions": [{"result": result, "rules": list(rules) or [rule()]}]}


def trigger(**git: Any) -> dict[str, Any]:
    return {"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "App", **git}}


def filters(count: int) -> list[dict[str, Any]]:
    return [{"branches": {"includes": ["main"]}}] * count


# ---------------------------------------------------------------------------------------------- what is right


def test_a_right_pipeline_has_no_faults() -> None:
    assert check(structure()) == []
    assert check(connected(triggers=[trigger(push=filters(3), pullRequest=filters(3))])) == []


def test_every_gate_with_every_rule_is_right_in_a_v2_pipeline() -> None:
    rules = [rule("CloudWatchAlarm", "A", AlarmName="errors", WaitTime="5", AlarmStates="ALARM, OK"),
             rule("DeploymentWindow", "B", Cron="* * 9-17 ? * MON-FRI *", TimeZone="Europe/Berlin"),
             rule("VariableCheck", "C", Variable="#{variables.Go}", Value="y.*s", Operator="MATCHES"),
             {**rule("Commands", "D"), "configuration": {}, "commands": ["true"], "inputArtifacts": [{"name": "Src"}]},
             rule("CodeBuild", "E", ProjectName="probe")]
    given = gated("beforeEntry", condition(*rules), variables=[{"name": "Go"}])
    given["stages"][1]["onSuccess"] = condition(result="ROLLBACK")
    given["stages"][1]["onFailure"] = {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}}
    assert check(given) == []


def test_a_pipeline_without_a_type_is_of_the_type_that_it_uses() -> None:
    given = connected(triggers=[trigger()], mode="QUEUED")
    del given["pipelineType"]
    assert refused(given) == []


# ---------------------------------------------------------------------------------------------- single members


def _set(where: str, key: str, value: Any) -> Edit:
    def edit(given: dict[str, Any]) -> None:
        act(given, where)[key] = value
    return edit


def _at(*steps: Any, to: Any) -> Edit:
    def edit(given: dict[str, Any]) -> None:
        body: Any = given
        for step in steps[:-1]:
            body = body[step]
        body[steps[-1]] = to
    return edit


MEMBERS: list[tuple[str, Edit, str, str]] = [
    ("a pipeline's name with a space", _at("name", to="my shop"), "name", "pattern"),
    ("a pipeline's name that is too long", _at("name", to="n" * 101), "name", "less than or equal to 100"),
    ("a stage's name with a slash", _at("stages", 1, "name", to="Build/it"), "stages[1].name", "pattern"),
    ("a stage's name that is too long", _at("stages", 1, "name", to="s" * 101), "stages[1].name", "100"),
    ("an action's name with a space", _at("stages", 1, "actions", 0, "name", to="Compile it"),
     "stages[1].actions[0].name", "pattern"),
    ("an action's name that is too long", _at("stages", 1, "actions", 0, "name", to="a" * 101),
     "stages[1].actions[0].name", "less than or equal to 100"),
    ("an artifact's name with a dot", _at("stages", 1, "actions", 0, "outputArtifacts", 0, "name", to="Out.zip"),
     "stages[1].actions[0].outputArtifacts[0].name", "pattern"),
    ("a namespace with a dot", _set("Build/Compile", "namespace", "Build.Vars"), "stages[1].actions[0].namespace",
     "pattern"),
    ("a namespace that is too long", _set("Build/Compile", "namespace", "n" * 101), "stages[1].actions[0].namespace",
     "100"),
    ("run order 0", _set("Build/Compile", "runOrder", 0), "stages[1].actions[0].runOrder", "equal to 1"),
    ("run order 1000", _set("Build/Lint", "runOrder", 1000), "stages[1].actions[1].runOrder", "equal to 999"),
    ("a run order in between", _set("Build/Lint", "runOrder", 1.5), "stages[1].actions[1].runOrder", "integer"),
    ("51 variables", _at("variables", to=[{"name": f"V{n}"} for n in range(51)]), "variables", "equal to 50"),
    ("an empty configuration value", _at("stages", 1, "actions", 0, "configuration", "ProjectName", to=""),
     "stages[1].actions[0].configuration", "equal to 1"),
    ("a configuration value that is too long", _at("stages", 1, "actions", 0, "configuration", "ProjectName", to="p" * 1001),
     "stages[1].actions[0].configuration", "1000"),
    ("a role that is a placeholder", _at("roleArn", to="<RoleArn>"), "roleArn", "arn:aws"),
    ("a bucket's name that is too short", _at("artifactStore", "location", to="ab"), "artifactStore.location", "3"),
    ("a mode in small letters", _at("executionMode", to="queued"), "executionMode", "enum"),
    ("a category that is none", _at("stages", 1, "actions", 0, "actionTypeId", "category", to="build"),
     "stages[1].actions[0].actionTypeId.category", "enum"),
    ("a member that AWS does not have", _set("Build/Compile", "inputArtifact", []),
     "stages[1].actions[0].inputArtifact", "did you mean 'inputArtifacts'"),
    ("a number where a text should be", _at("stages", 1, "actions", 0, "actionTypeId", "version", to=1),
     "stages[1].actions[0].actionTypeId.version", "string"),
    ("a missing role", lambda given: given.pop("roleArn"), "roleArn", "not be null"),
    ("missing stages", lambda given: given.pop("stages"), "stages", "not be null"),
    ("stages that are no list", _at("stages", to={"Source": {}}), "stages", "list"),
    ("a time-out that is too short", _set("Prod/Approve", "timeoutInMinutes", 4), "stages[2].actions[0].timeoutInMinutes",
     "equal to 5"),
]


@pytest.mark.parametrize(("what", "edit", "path", "word"), MEMBERS, ids=[row[0] for row in MEMBERS])
def test_a_broken_constraint_is_a_validation_error_at_its_place(what: str, edit: Edit, path: str, word: str) -> None:
    given = structure()
    given["stages"][2]["actions"][1]["inputArtifacts"] = [{"name": "Src"}]  # nothing depends on Compile's output
    edit(given)
    found = refused(given)
    assert [(fault.error, fault.path) for fault in found] == [(VALIDATION, path)]
    assert word in found[0].message
    assert found[0].fix


@pytest.mark.parametrize(("git", "path", "most"), [
    ({"push": filters(4)}, "triggers[0].gitConfiguration.push", "3"),
    ({"pullRequest": filters(4)}, "triggers[0].gitConfiguration.pullRequest", "3"),
    ({"push": [{"branches": {"includes": ["b"] * 9}}]}, "triggers[0].gitConfiguration.push[0].branches.includes", "8"),
    ({"push": [{"tags": {"excludes": ["b"] * 9}}]}, "triggers[0].gitConfiguration.push[0].tags.excludes", "8"),
])
def test_triggers_have_few_filters_and_patterns(git: dict[str, Any], path: str, most: str) -> None:
    found = refused(connected(triggers=[trigger(**git)]))
    assert [(fault.error, fault.path) for fault in found] == [(VALIDATION, path)]
    assert f"less than or equal to {most}" in found[0].message


@pytest.mark.parametrize("gate", ["beforeEntry", "onSuccess", "onFailure"])
def test_a_gate_has_one_condition_of_up_to_five_rules(gate: str) -> None:
    result = "ROLLBACK" if gate == "onFailure" else "FAIL"
    six = condition(*(rule(name=f"R{n}") for n in range(6)), result=result)
    path = f"stages[1].{gate}.conditions"
    assert [(one.error, one.path) for one in refused(gated(gate, six))] == [(VALIDATION, f"{path}[0].rules")]
    two = {"conditions": condition(result=result)["conditions"] * 2}
    assert [(one.error, one.path) for one in refused(gated(gate, two))] == [(VALIDATION, path)]
    assert [(one.error, one.path) for one in refused(gated(gate, {"conditions": []}))] == [(VALIDATION, path)]


# ---------------------------------------------------------------------------------------------- the structure


def many(count: int) -> dict[str, Any]:
    return structure(stage("Source", source()), *(stage(f"S{n}", approve()) for n in range(count - 1)))


def test_two_to_fifty_stages() -> None:
    assert refused(many(2)) == refused(many(50)) == []
    [fault] = refused(many(51))
    assert (fault.error, fault.path) == (STRUCTURE, "stages")
    assert "at most 50" in fault.message
    few = refused(many(1))
    assert [(one.error, one.path) for one in few] == [(STRUCTURE, "stages")] * 2
    assert "at least two" in few[0].message
    assert "source actions only" in few[1].message


def test_the_first_stage_holds_source_actions_only_and_at_least_one() -> None:
    [fault] = refused(structure(stage("Source", source(), approve()), stage("Build", build())))
    assert (fault.error, fault.path, fault.where) == (STRUCTURE, "stages[0].actions[1]", "Source/Approve")
    found = refused(structure(stage("First", approve()), stage("Then", approve())))
    assert {one.error for one in found} == {STRUCTURE}
    assert found[0].message == "The first stage has no source action."


def test_source_actions_are_in_the_first_stage() -> None:
    [fault] = refused(structure(stage("Source", source()), stage("Build", build(), {**source("Late"),
                                "outputArtifacts": [{"name": "More"}]})))
    assert (fault.error, fault.path, fault.where) == (STRUCTURE, "stages[1].actions[1]", "Build/Late")


def test_stage_names_and_the_names_of_actions_in_a_stage_are_used_once() -> None:
    [fault] = refused(structure(stage("Source", source()), stage("A", approve()), stage("A", approve())))
    assert (fault.error, fault.path) == (STAGE, "stages[2].name")
    assert "'A' is used more than once" in fault.message
    [fault] = refused(structure(stage("Source", source()), stage("A", approve(), approve())))
    assert (fault.error, fault.path, fault.where) == (ACTION, "stages[1].actions[1].name", "A/Approve")
    assert refused(structure(stage("Source", source()), stage("A", approve()), stage("B", approve()))) == []


def test_a_stage_has_one_to_fifty_actions() -> None:
    [fault] = refused(structure(stage("Source", source()), stage("A"), stage("B", approve())))
    assert (fault.error, fault.path) == (STAGE, "stages[1].actions")
    crowd = [approve(f"A{n}") for n in range(51)]
    assert refused(structure(stage("Source", source()), stage("A", *crowd[:50]))) == []
    [fault] = refused(structure(stage("Source", source()), stage("A", *crowd)))
    assert "at most 50" in fault.message


def test_a_pipeline_has_at_most_five_hundred_actions() -> None:
    stages = [stage(f"S{n}", *(approve(f"A{m}") for m in range(50))) for n in range(10)]
    assert [one.error for one in refused(structure(stage("Source", source()), *stages))] == ["LimitExceededException"]


def test_blockers_are_reserved() -> None:
    given = structure()
    given["stages"][1]["blockers"] = []
    assert refused(given) == []
    given["stages"][1]["blockers"] = [{"name": "Wait", "type": "Schedule"}]
    [fault] = refused(given)
    assert (fault.error, fault.path) == ("InvalidBlockerDeclarationException", "stages[1].blockers")


# ---------------------------------------------------------------------------------------------- action types


@pytest.mark.parametrize(("kind", "hint"), [
    ({"provider": "CodeBild"}, "Did you mean 'CodeBuild'?"),
    ({"category": "Deploy"}, "CodeBuild is category Build, owner AWS, version 1."),
    ({"owner": "ThirdParty"}, "CodeBuild is category Build, owner AWS, version 1."),
    ({"version": "2"}, "CodeBuild is category Build, owner AWS, version 1."),
    ({"provider": "Jenkins"}, "Owner Custom is for types of your own."),
])
def test_a_type_that_aws_does_not_have(kind: dict[str, str], hint: str) -> None:
    given = structure()
    act(given, "Build/Compile")["actionTypeId"].update(kind)
    [fault] = refused(given)
    assert (fault.error, fault.path) == (ACTION, "stages[1].actions[0].actionTypeId")
    assert fault.fix == hint


def jenkins(**settings: str) -> dict[str, Any]:
    kind = {"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}
    return structure(stage("Source", source()), stage("Build", {**build(), "actionTypeId": kind, "configuration": settings}))


DECLARED = {("Build", "Custom", "Jenkins", "1"): {
    "category": "Build", "provider": "Jenkins", "version": "1",
    "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
    "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
    "configurationProperties": [{"name": "ProjectName", "required": True, "key": True, "secret": False}]}}


def test_custom_types_are_those_that_the_account_has() -> None:
    assert refused(jenkins(Anything="goes")) == []
    [fault] = refused(jenkins(), custom_types={})
    assert fault.fix == "Create the custom action type first."
    assert refused(jenkins(ProjectName="shop"), custom_types=DECLARED) == []
    found = refused(jenkins(Project="shop"), custom_types=DECLARED)
    assert [one.path for one in found] == ["stages[1].actions[0].configuration",
                                           "stages[1].actions[0].configuration.Project"]
    assert found[0].fix == "Did you mean 'Project'?"


def test_a_required_key_that_is_missing_and_a_key_that_is_unknown() -> None:
    given = structure()
    act(given, "Build/Compile")["configuration"] = {"ProjektName": "shop"}
    missing, unknown = refused(given)
    assert (missing.error, missing.path) == (ACTION, "stages[1].actions[0].configuration")
    assert "lacks the required configuration 'ProjectName'" in missing.message
    assert (unknown.error, unknown.path) == (ACTION, "stages[1].actions[0].configuration.ProjektName")
    assert missing.fix == "Did you mean 'ProjektName'?"
    assert unknown.fix == "Did you mean 'ProjectName'?"


@pytest.mark.parametrize(("mode", "lacks"), [
    ("CREATE_UPDATE", ["TemplatePath", "RoleArn"]), ("REPLACE_ON_FAILURE", ["TemplatePath", "RoleArn"]),
    ("DELETE_ONLY", ["RoleArn"]), ("CHANGE_SET_REPLACE", ["ChangeSetName", "TemplatePath", "RoleArn"]),
    ("CHANGE_SET_EXECUTE", ["ChangeSetName"]),
])
def test_cloudformation_needs_what_its_mode_needs(mode: str, lacks: list[str]) -> None:
    stack = action("Stack", "CloudFormation", {"ActionMode": mode, "StackName": "shop"}, category="Deploy")
    found = refused(structure(stage("Source", source()), stage("Deploy", stack)))
    assert [one.message.split("'")[-2] for one in found] == lacks


def test_an_action_mode_that_there_is_not() -> None:
    stack = action("Stack", "CloudFormation", {"ActionMode": "CREATE_UPDAT", "StackName": "shop"}, category="Deploy")
    [fault] = refused(structure(stage("Source", source()), stage("Deploy", stack)))
    assert (fault.path, fault.fix) == ("stages[1].actions[0].configuration.ActionMode", "Did you mean 'CREATE_UPDATE'?")


def test_too_few_and_too_many_artifacts() -> None:
    given = structure()
    act(given, "Build/Lint")["inputArtifacts"] = []
    [fault] = refused(given)
    assert (fault.error, fault.path) == (ACTION, "stages[1].actions[1].inputArtifacts")
    assert "declares 0 input artifacts, which is less than the minimum count (1)" in fault.message
    given = structure()
    act(given, "Prod/Deploy")["outputArtifacts"] = [{"name": "Extra"}]
    [fault] = refused(given)
    assert (fault.error, fault.path) == (ACTION, "stages[2].actions[1].outputArtifacts")
    assert "more than the maximum count (0)" in fault.message
    given = structure()
    act(given, "Source/App")["outputArtifacts"] = []
    assert "1 output" not in refused(given)[0].message
    assert "declares 0 output artifacts, which is less" in refused(given)[0].message


def test_several_inputs_of_a_build_need_a_primary_one() -> None:
    two = {**build(), "inputArtifacts": [{"name": "Src"}, {"name": "Lib"}]}
    sources = stage("Source", source(), {**source("Lib"), "outputArtifacts": [{"name": "Lib"}]})
    [fault] = refused(structure(sources, stage("Build", two)))
    assert "'PrimarySource'" in fault.message
    two["configuration"]["PrimarySource"] = "Scr"
    [fault] = refused(structure(sources, stage("Build", two)))
    assert fault.fix == "Did you mean 'Src'?"


def test_a_lambda_deployment_without_an_input_needs_a_published_version() -> None:
    shift = action("Shift", "Lambda", {"FunctionName": "shop"}, category="Deploy")
    [fault] = refused(structure(stage("Source", source()), stage("Deploy", shift)))
    assert "'PublishedTargetVersion'" in fault.message
    shift["configuration"]["PublishedTargetVersion"] = "7"
    assert refused(structure(stage("Source", source()), stage("Deploy", shift))) == []


def test_a_scan_of_source_code_reads_an_artifact() -> None:
    scan = action("Scan", "InspectorScan", {"InspectorRunMode": "SourceCodeScan"}, makes=("Bill",), category="Invoke")
    [fault] = refused(structure(stage("Source", source()), stage("Scan", scan)))
    assert fault.path == "stages[1].actions[0].inputArtifacts"
    scan["configuration"] = {"InspectorRunMode": "ECRImageScan", "ECRRepositoryName": "shop"}
    assert refused(structure(stage("Source", source()), stage("Scan", scan))) == []


def test_what_only_a_commands_action_may_have() -> None:
    for key, value in (("commands", ["ls"]), ("outputVariables", ["A"]),
                       ("environmentVariables", [{"name": "A", "value": "b"}])):
        given = structure()
        act(given, "Build/Compile")[key] = value
        [fault] = refused(given)
        assert (fault.error, fault.path) == (ACTION, f"stages[1].actions[0].{key}")
    given = structure()
    act(given, "Build/Compile")["outputArtifacts"][0]["files"] = ["**"]
    [fault] = refused(given)
    assert fault.path == "stages[1].actions[0].outputArtifacts[0].files"


def test_a_commands_action_has_commands() -> None:
    run = action("Run", "Commands", reads=("Src",), makes=("Out",), commands=["ls"], outputVariables=["A"],
                 environmentVariables=[{"name": "A", "value": "b"}])
    run["outputArtifacts"][0]["files"] = ["**"]
    assert refused(structure(stage("Source", source()), stage("Run", run))) == []
    del run["commands"]
    [fault] = refused(structure(stage("Source", source()), stage("Run", run)))
    assert fault.path == "stages[1].actions[0].commands"


# ---------------------------------------------------------------------------------------------- artifacts


def test_an_artifact_that_nobody_makes() -> None:
    given = structure()
    act(given, "Build/Compile")["inputArtifacts"] = [{"name": "Checkout"}]
    [fault] = refused(given)
    assert (fault.error, fault.path) == (STRUCTURE, "stages[1].actions[0].inputArtifacts[0]")
    assert "not declared as an output of any preceding action" in fault.message
    assert fault.fix == "Made before: Src."


def test_an_artifact_whose_name_differs_in_capitals() -> None:
    given = structure()
    act(given, "Build/Compile")["inputArtifacts"] = [{"name": "src"}]
    [fault] = refused(given)
    assert "Source/App makes 'Src'" in fault.message
    assert fault.fix == "Write 'Src': names are case sensitive."


def test_an_artifact_that_is_made_later_in_the_same_group_or_by_the_reader_itself() -> None:
    given = structure()
    act(given, "Build/Lint")["inputArtifacts"] = [{"name": "Out"}]
    [fault] = refused(given)
    assert "made by Build/Compile in the same action group" in fault.message
    act(given, "Build/Lint")["runOrder"] = 2
    assert refused(given) == []
    act(given, "Build/Compile")["runOrder"] = 3
    [fault] = refused(given)
    assert "made later, by Build/Compile" in fault.message
    act(given, "Build/Compile")["inputArtifacts"] = [{"name": "Out"}]
    assert any("that it makes itself" in one.message for one in refused(given))


def test_an_output_name_is_used_once() -> None:
    given = structure()
    act(given, "Build/Lint")["outputArtifacts"] = [{"name": "Src"}]
    [fault] = refused(given)
    assert (fault.error, fault.path) == (STRUCTURE, "stages[1].actions[1].outputArtifacts[0]")
    assert "made by Source/App already" in fault.message


def test_rules_read_artifacts_that_are_there_by_then() -> None:
    probe = {**rule("CodeBuild", ProjectName="probe"), "inputArtifacts": [{"name": "Out"}]}
    [fault] = refused(gated("beforeEntry", condition(probe)))
    assert (fault.error, fault.path) == (STAGE, "stages[1].beforeEntry.conditions[0].rules[0].inputArtifacts[0]")
    assert refused(gated("onSuccess", condition(probe))) == []


# ---------------------------------------------------------------------------------------------- stores and Regions


def test_exactly_one_of_artifact_store_and_artifact_stores() -> None:
    given = structure()
    store = given["artifactStore"]
    given["artifactStores"] = {"eu-west-1": store}
    [fault] = refused(given)
    assert (fault.error, fault.message) == (STRUCTURE, "The pipeline has both artifactStore and artifactStores.")
    del given["artifactStore"]
    assert refused(given) == []
    del given["artifactStores"]
    [fault] = refused(given)
    assert "neither" in fault.message


def test_actions_in_several_regions_need_a_store_for_each() -> None:
    given = structure()
    act(given, "Prod/Deploy")["region"] = "us-east-1"
    assert refused(given) == [], "it may be the pipeline's own Region"
    [fault] = refused(given, region="eu-west-1")
    assert (fault.error, fault.path) == (STRUCTURE, "artifactStore")
    assert "several Regions (eu-west-1, us-east-1)" in fault.message
    given["artifactStores"] = {"eu-west-1": given.pop("artifactStore")}
    [fault] = refused(given, region="eu-west-1")
    assert (fault.path, fault.where) == ("stages[2].actions[1].region", "Prod/Deploy")
    assert "no artifact store for the Region us-east-1" in fault.message
    given["artifactStores"] = {"us-east-1": given["artifactStores"]["eu-west-1"]}
    [fault] = refused(given, region="eu-west-1")
    assert (fault.error, fault.path) == (STRUCTURE, "artifactStores")


def test_source_third_party_and_custom_actions_stay_in_the_pipelines_region() -> None:
    stores = {region: {"type": "S3", "location": "shop-artifacts"} for region in ("eu-west-1", "us-east-1")}
    given = structure(artifactStores=stores)
    del given["artifactStore"]
    act(given, "Source/App")["region"] = "us-east-1"
    [fault] = refused(given, region="eu-west-1")
    assert (fault.error, fault.path) == (ACTION, "stages[0].actions[0].region")
    snyk = action("Snyk", "Snyk", reads=("Src",), makes=("Seen",), category="Invoke", region="us-east-1")
    snyk["actionTypeId"]["owner"] = "ThirdParty"
    for far in (snyk, {**jenkins()["stages"][1]["actions"][0], "region": "us-east-1"}):
        given = structure(stage("Source", source()), stage("Far", far), artifactStores=stores)
        del given["artifactStore"]
        [fault] = refused(given, region="eu-west-1")
        assert (fault.error, fault.path) == (ACTION, "stages[1].actions[0].region")
        assert refused(given, region="us-east-1") == []


# ---------------------------------------------------------------------------------------------- V1 and V2


def old(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "pipelineType": "V1"}


@pytest.mark.parametrize(("given", "error", "path"), [
    (structure(mode="QUEUED"), STRUCTURE, "executionMode"),
    (structure(mode="PARALLEL"), STRUCTURE, "executionMode"),
    (structure(variables=[{"name": "A"}]), STRUCTURE, "variables"),
    (connected(triggers=[trigger()]), STRUCTURE, "triggers"),
    (gated("beforeEntry", condition()), STAGE, "stages[1].beforeEntry"),
    (gated("onSuccess", condition()), STAGE, "stages[1].onSuccess"),
    (gated("onFailure", {"result": "ROLLBACK"}), STAGE, "stages[1].onFailure"),
    (structure(stage("Source", source()), stage("Run", action("Run", "Commands", reads=("Src",), commands=["ls"]))),
     ACTION, "stages[1].actions[0]"),
    (structure(stage("Source", source()), stage("Image", action(
        "Image", "ECRBuildAndPublish", {"ECRRepositoryName": "shop"}, reads=("Src",), category="Build"))), ACTION,
     "stages[1].actions[0]"),
    (structure(stage("Source", source()), stage("Cluster", action(
        "Cluster", "EKS", {"ClusterName": "shop"}, reads=("Src",), category="Deploy"))), ACTION, "stages[1].actions[0]"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_only_a_v2_pipeline_has(given: dict[str, Any], error: str, path: str) -> None:
    assert refused(given) == []
    [fault] = refused(old(given))
    assert (fault.error, fault.path) == (error, path)
    assert V2 in fault.message


def test_a_parallel_pipeline_cannot_roll_back_on_failure() -> None:
    for body in ({"result": "ROLLBACK"}, condition(result="ROLLBACK")):
        assert refused(gated("onFailure", body)) == []
        [fault] = refused(gated("onFailure", body, mode="PARALLEL"))
        assert (fault.error, fault.path) == (STAGE, "stages[1].onFailure")


def test_on_failure_has_a_result_or_conditions() -> None:
    [fault] = refused(gated("onFailure", {"result": "ROLLBACK", **condition(result="ROLLBACK")}))
    assert (fault.error, fault.path) == (STAGE, "stages[1].onFailure")
    [fault] = refused(gated("onFailure", {"result": "ROLLBACK", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}}))
    assert fault.path == "stages[1].onFailure.retryConfiguration"
    [fault] = refused(gated("onFailure", {"result": "SKIP"}))
    assert fault.path == "stages[1].onFailure.result"


# ---------------------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(("gate", "wrong"), [("beforeEntry", "ROLLBACK"), ("beforeEntry", "RETRY"), ("onSuccess", "SKIP"),
                                             ("onSuccess", "RETRY"), ("onFailure", "FAIL"), ("onFailure", "SKIP")])
def test_each_gate_has_its_results(gate: str, wrong: str) -> None:
    [fault] = refused(gated(gate, condition(result=wrong)))
    assert (fault.error, fault.path) == (STAGE, f"stages[1].{gate}.conditions[0].result")


def test_skip_takes_only_two_kinds_of_rule() -> None:
    check_it = rule("VariableCheck", "B", Variable="#{codepipeline.PipelineExecutionId}", Value="a", Operator="EQ")
    assert refused(gated("beforeEntry", condition(rule(), check_it, result="SKIP"))) == []
    [fault] = refused(gated("beforeEntry", condition(rule("CloudWatchAlarm", AlarmName="a"), result="SKIP")))
    assert (fault.error, fault.where) == (STAGE, "Build/Look")


def test_rules_have_a_provider_and_the_keys_that_it_needs() -> None:
    [fault] = refused(gated("beforeEntry", condition(rule("LambdaInvok"))))
    assert fault.fix == "Did you mean 'LambdaInvoke'?"
    for provider, key in (("CloudWatchAlarm", "AlarmName"), ("CodeBuild", "ProjectName"), ("DeploymentWindow", "Cron"),
                          ("LambdaInvoke", "FunctionName")):
        given = gated("onSuccess", condition({**rule(provider), "configuration": {}}))
        [fault] = refused(given)
        assert f"lacks the required configuration '{key}'" in fault.message
    [fault] = refused(gated("onSuccess", condition({**rule("Commands"), "configuration": {}})))
    assert fault.message == "A Commands rule needs commands."
    [fault] = refused(gated("onSuccess", condition({**rule(), "commands": ["ls"]})))
    assert "takes no commands" in fault.message
    [fault] = refused(gated("onSuccess", condition(rule(), rule())))
    assert "'Look' is used twice" in fault.message


@pytest.mark.parametrize(("one", "key"), [
    (rule("DeploymentWindow", Cron="9-17 MON-FRI"), "Cron"),
    (rule("DeploymentWindow", Cron="* * 9 ? * * *", TimeZone="Europe/Berlim"), "Cron"),
    (rule("CloudWatchAlarm", AlarmName="a", AlarmStates="ALARM,BAD"), "AlarmStates"),
    (rule("CloudWatchAlarm", AlarmName="a", WaitTime="5m"), "WaitTime"),
    (rule("VariableCheck", Variable="#{codepipeline.PipelineExecutionId}", Value="(", Operator="MATCHES"), "Value"),
    (rule("VariableCheck", Variable="#{codepipeline.PipelineExecutionId}", Value="a", Operator="LIKE"), "Operator"),
    (rule(FunctionName="f", Extra="x"), "Extra"),
])
def test_a_rule_that_cannot_work_is_warned_of(one: dict[str, Any], key: str) -> None:
    given = gated("onSuccess", condition(one))
    assert refused(given) == []
    assert [fault.path for fault in warned(given)] == [f"stages[1].onSuccess.conditions[0].rules[0].configuration.{key}"]


# ---------------------------------------------------------------------------------------------- triggers, variables


def test_a_trigger_names_a_connections_source_action() -> None:
    [fault] = refused(structure(triggers=[trigger()]))
    assert (fault.error, fault.path) == (STRUCTURE, "triggers[0].gitConfiguration.sourceActionName")
    assert "'App' is of CodeCommit" in fault.message
    [fault] = refused(connected(triggers=[{**trigger(), "gitConfiguration": {"sourceActionName": "app"}}]))
    assert fault.fix == "Did you mean 'App'?"
    [fault] = refused(connected(triggers=[trigger(), trigger()]))
    assert "two triggers" in fault.message


def test_a_pipeline_variable_is_declared_once() -> None:
    [fault] = refused(structure(variables=[{"name": "A"}, {"name": "B"}, {"name": "A"}]))
    assert (fault.error, fault.path) == (STRUCTURE, "variables[2].name")
    assert "'A'" in fault.message


def asking(text: str, **more: Any) -> dict[str, Any]:
    """The shop with a question for the approver."""
    given = structure(**more)
    act(given, "Prod/Approve")["configuration"] = {"CustomData": text}
    return given


QUESTION = "stages[2].actions[0].configuration.CustomData"


def test_pipeline_variables_are_declared_and_not_for_source_actions() -> None:
    assert refused(asking("#{variables.Go}", variables=[{"name": "Go"}])) == []
    [fault] = refused(asking("#{variables.go}", variables=[{"name": "Go"}]))
    assert (fault.error, fault.path, fault.fix) == (STRUCTURE, QUESTION, "Did you mean 'Go'?")
    given = structure(variables=[{"name": "Branch"}])
    act(given, "Source/App")["configuration"]["BranchName"] = "#{variables.Branch}"
    [fault] = refused(given)
    assert (fault.error, fault.path) == (STRUCTURE, "stages[0].actions[0].configuration.BranchName")


@pytest.mark.parametrize(("text", "word"), [
    ("#{Nobody.CommitId}", "namespace 'Nobody', which does not exist"), ("#{CommitId}", "no valid variable reference"),
    ("#{}", "no valid variable reference"), ("#{codepipeline.Name}", "holds PipelineExecutionId only"),
])
def test_a_reference_to_nothing(text: str, word: str) -> None:
    [fault] = refused(asking(f"Shall we? {text}"))
    assert (fault.error, fault.path) == (ACTION, QUESTION)
    assert word in fault.message


def test_a_reference_to_an_action_that_has_ended() -> None:
    given = asking("#{Git.CommitId} #{codepipeline.PipelineExecutionId}")
    act(given, "Source/App")["namespace"] = "Git"
    assert check(given) == []
    act(given, "Prod/Approve")["configuration"]["CustomData"] = "#{Git.CommitID}"
    assert refused(given) == [], "AWS finds it out when the action runs"
    assert warned(given)[0].fix == "Did you mean 'CommitId'?"
    act(given, "Prod/Approve")["configuration"]["CustomData"] = "#{Gut.CommitId}"
    assert refused(given)[0].fix == "Did you mean 'Git'?"


def test_a_reference_to_an_action_that_runs_later_or_beside() -> None:
    given = structure()
    act(given, "Build/Compile")["namespace"] = "Made"
    act(given, "Build/Lint")["configuration"]["EnvironmentVariables"] = '[{"name": "A", "value": "#{Made.A}"}]'
    [fault] = refused(given)
    assert (fault.error, fault.path) == (ACTION, "stages[1].actions[1].configuration.EnvironmentVariables")
    assert "Build/Compile, which does not run before Build/Lint" in fault.message
    act(given, "Build/Lint")["runOrder"] = 2
    assert refused(given) == []


def test_rules_refer_to_what_has_ended_by_then() -> None:
    asks = rule("VariableCheck", Variable="#{Made.A}", Value="a", Operator="EQ")
    for gate, fine in (("beforeEntry", False), ("onSuccess", True)):
        given = gated(gate, condition(asks))
        act(given, "Build/Compile")["namespace"] = "Made"
        assert [one.error for one in refused(given)] == ([] if fine else [STAGE])
    [fault] = refused(gated("onSuccess", condition(asks)))
    assert fault.path == "stages[1].onSuccess.conditions[0].rules[0].configuration.Variable"


def test_a_namespace_is_used_once_and_is_no_reserved_word() -> None:
    given = structure()
    act(given, "Build/Compile")["namespace"] = act(given, "Build/Lint")["namespace"] = "Made"
    [fault] = refused(given)
    assert (fault.error, fault.path) == (ACTION, "stages[1].actions[1].namespace")
    given = structure()
    act(given, "Build/Compile")["namespace"] = "codepipeline"
    assert [one.message for one in refused(given)] == ["The namespace 'codepipeline' is reserved."]
    act(given, "Build/Compile")["namespace"] = "variables"
    assert refused(given) == [], "without declared variables the word is free"
    given["variables"] = [{"name": "A"}]
    assert [one.message for one in refused(given)] == ["The namespace 'variables' is reserved."]


# ---------------------------------------------------------------------------------------------- approvals


@pytest.mark.parametrize(("arn", "word"), [
    ("shop-topic", "format error"), ("arn:aws:sqs:eu-west-1:111122223333:shop", "'sqs' cannot be used"),
    ("arn:aws:sns:us-east-1:111122223333:shop", "not in the pipeline's Region eu-west-1"),
])
def test_an_approvals_topic_is_an_sns_topic_of_the_region(arn: str, word: str) -> None:
    given = structure()
    act(given, "Prod/Approve")["configuration"] = {"NotificationArn": arn}
    [fault] = refused(given, region="eu-west-1")
    assert (fault.error, fault.path) == (ACTION, "stages[2].actions[0].configuration.NotificationArn")
    assert word in fault.message


@pytest.mark.parametrize("arn", ["arn:aws:sns:eu-west-1:111122223333:shop.fifo", "arn:aws:sns:eu-west-1:999900001111:shop",
                                 "arn:aws-cn:sns:eu-west-1:111122223333:gone"])
def test_whether_the_topic_is_there_shows_when_the_action_runs(arn: str) -> None:
    given = structure()
    act(given, "Prod/Approve")["configuration"] = {"NotificationArn": arn}
    assert refused(given, region="eu-west-1") == []


# ---------------------------------------------------------------------------------------------- warnings


def _deploying(provider: str, **settings: str) -> dict[str, Any]:
    return structure(stage("Source", source()), stage("Deploy", action("It", provider, settings, reads=("Src",),
                                                                       category="Deploy")))


@pytest.mark.parametrize(("given", "path", "word"), [
    (_deploying("S3", BucketName="b", Extract="false"), "configuration", "no ObjectKey"),
    (_deploying("S3", BucketName="b", Extract="True"), "configuration.Extract", "'True' is no Extract"),
    (_deploying("ECS", ClusterName="c", ServiceName="s", DeploymentTimeout="90"), "configuration.DeploymentTimeout", "60"),
    (_deploying("CloudFormation", ActionMode="CREATE_UPDATE", StackName="s", RoleArn="r", TemplatePath="t.yaml"),
     "configuration.TemplatePath", "Artifact::file"),
    (_deploying("CloudFormation", ActionMode="CREATE_UPDATE", StackName="s", RoleArn="r", TemplatePath="Scr::t.yaml"),
     "configuration.TemplatePath", "'Scr', which is no input"),
    (_deploying("CloudFormation", ActionMode="DELETE_ONLY", StackName="s", RoleArn="r", ParameterOverrides="{a: 1}"),
     "configuration.ParameterOverrides", "no valid JSON"),
    (structure(stage("Source", source()), stage("Go", action("It", "CodePipeline", {"PipelineName": "shop"},
                                                             category="Invoke"))),
     "configuration.PipelineName", "starts itself"),
    (structure(stage("Source", source()), stage("Go", {**build("It"), "timeoutInMinutes": 9})), "timeoutInMinutes",
     "approval"),
    (structure(stage("Source", source()), stage("Go", {**build("It", makes=("a-b", "c")), "configuration": {
        "ProjectName": "p", "CombineArtifacts": "true", "BatchEnabled": "true"}})), "outputArtifacts", "hyphen"),
    (structure(stage("Source", source(OutputArtifactFormat="CODEBUILD_CLONE_REF")), stage("Go", {
        **deploy("It"), "inputArtifacts": [{"name": "Src"}]})), "inputArtifacts[0]", "clone"),
    (structure(stage("Source", source()), stage("Go", {**build("It"), "namespace": "Src"})), "namespace", "artifact too"),
    (structure(stage("Source", source()), stage("Go", {
        **build("It"), "roleArn": "arn:aws:iam::999900001111:role/other"})), "roleArn", "account 999900001111"),
])
def test_what_aws_takes_and_then_fails_is_warned_of(given: dict[str, Any], path: str, word: str) -> None:
    assert refused(given) == []
    [fault] = warned(given)
    assert (fault.path, fault.where.split("/")[1]) == (f"stages[1].actions[0].{path}", "It")
    assert word in fault.message
    assert fault.fix


def test_a_change_set_has_no_output_without_a_file() -> None:
    stack = action("Stack", "CloudFormation", {"ActionMode": "DELETE_ONLY", "StackName": "s", "RoleArn": "r"},
                   makes=("Out",), category="Deploy")
    given = structure(stage("Source", source()), stage("A", stack), stage("B", deploy()))
    assert warned(given)[0].message == "A/Stack has no OutputFileName, so nothing is in 'Out'."
    stack["configuration"]["OutputFileName"] = "out.json"
    assert check(given) == []


def test_tags_and_branches_in_one_filter_never_let_a_push_through() -> None:
    both = {"branches": {"includes": ["main"]}, "tags": {"includes": ["v*"]}}
    [fault] = warned(connected(triggers=[trigger(push=[both])]))
    assert fault.path == "triggers[0].gitConfiguration.push[0]"


def test_a_masked_secret_is_no_fault() -> None:
    hub = action("App", "GitHub", {"Owner": "a", "Repo": "b", "Branch": "main", "OAuthToken": "****"}, makes=("Src",),
                 category="Source")
    hub["actionTypeId"]["owner"] = "ThirdParty"
    assert check(structure(stage("Source", hub), stage("Build", build()))) == []


# ---------------------------------------------------------------------------------------------- all at once


def test_all_faults_are_told_at_once_members_first() -> None:
    given = structure()
    given["name"] = "my shop"
    act(given, "Build/Compile")["inputArtifacts"] = [{"name": "src"}]
    act(given, "Prod/Deploy")["configuration"] = {}
    assert [one.error for one in refused(given)] == [VALIDATION, ACTION, ACTION, STRUCTURE]


def test_the_consequences_of_a_fault_are_not_told_besides() -> None:
    given = structure()
    given["stages"][1]["actions"] = "Compile"
    act(given, "Prod/Deploy")["inputArtifacts"] = [{"name": "Src"}]
    assert [one.path for one in refused(given)] == ["stages[1].actions"]


def test_an_answer_of_the_api_has_all_broken_members_or_the_first_fault_of_the_structure() -> None:
    given = structure()
    given["name"] = "my shop"
    act(given, "Build/Compile")["runOrder"] = 0
    error, message = first_error(check(given))
    assert error == VALIDATION
    assert message.startswith("2 validation errors detected: Value 'my shop' at 'pipeline.name' failed to satisfy "
                              "constraint: Member must satisfy regular expression pattern")
    assert "Value '0' at 'pipeline.stages.2.member.actions.1.member.runOrder'" in message
    one = refused(gated("onFailure", {"result": "SKIP"}))
    assert first_error(one) == (STAGE, aws_message(one[0])) == (
        STAGE, "onFailure cannot have the result SKIP. (stages[1].onFailure.result)")
    given["name"], act(given, "Build/Compile")["runOrder"] = "shop", 1000
    assert aws_message(refused(given)[0]).startswith("1 validation error detected: Value '1000'")


def test_warnings_are_no_error_of_the_api() -> None:
    warning = warned(_deploying("S3", BucketName="b", Extract="false"))
    with pytest.raises(ValueError, match="no fault"):
        first_error(warning)


def test_a_scan_in_a_v1_pipeline_and_a_gate_before_the_source_are_doubtful() -> None:
    scan = action("It", "InspectorScan", {"InspectorRunMode": "SourceCodeScan"}, reads=("Src",), makes=("Bill",),
                  category="Invoke")
    given = old(structure(stage("Source", source()), stage("Go", scan)))
    assert refused(given) == []
    assert [one.path for one in warned(given)] == ["stages[1].actions[0]"]
    given = structure()
    given["stages"][0]["beforeEntry"] = condition()
    assert refused(given) == []
    assert [one.path for one in warned(given)] == ["stages[0].beforeEntry"]


def test_a_rule_takes_no_more_artifacts_than_its_provider() -> None:
    probe = {**rule(), "inputArtifacts": [{"name": "Src"}]}
    [fault] = refused(gated("onSuccess", condition(probe)))
    assert (fault.error, fault.path) == (STAGE, "stages[1].onSuccess.conditions[0].rules[0].inputArtifacts")


def test_artifacts_are_combined_in_batch_builds_only() -> None:
    given = structure()
    act(given, "Build/Compile")["configuration"]["CombineArtifacts"] = "true"
    assert [one.path for one in warned(given)] == ["stages[1].actions[0].configuration.CombineArtifacts"]
    act(given, "Build/Compile")["configuration"]["BatchEnabled"] = "true"
    assert check(given) == []


def test_an_action_in_another_account_needs_a_key_by_its_arn_and_is_no_custom_one() -> None:
    given = jenkins()
    given["stages"][1]["actions"][0]["roleArn"] = "arn:aws:iam::999900001111:role/other"
    store = given["artifactStore"]
    store["encryptionKey"] = {"type": "KMS", "id": "arn:aws:kms:eu-west-1:111122223333:key/k1"}
    assert [one.message for one in check(given)] == ["A custom action cannot be in another account."]
    given["stages"][1]["actions"][0]["actionTypeId"]["owner"] = "AWS"
    given["stages"][1]["actions"][0].update(build())
    assert check(given) == []
    store["encryptionKey"]["id"] = "arn:aws:kms:eu-west-1:111122223333:alias/shop"
    [fault] = warned(given)
    assert "alias" in fault.message and fault.path == "stages[1].actions[0].roleArn"


EC2 = {"InstanceTagKey": "role", "InstanceTagValue": "web", "InstanceType": "EC2"}
BLUE_GREEN = {"ApplicationName": "a", "DeploymentGroupName": "g", "TaskDefinitionTemplateArtifact": "Bin",
              "AppSpecTemplateArtifact": "Bin"}


@pytest.mark.parametrize(("provider", "given", "message"), [
    ("EC2", EC2, "does not say what to deploy"),
    ("EC2", {**EC2, "TargetDirectory": "/srv"}, "does not say what to deploy"),
    ("EC2", {**EC2, "TargetDirectory": "/srv", "PostScript": "start.sh"}, ""),
    ("EC2", {**EC2, "DeploySpec": "deploy.yml"}, ""),
    ("EKS", {"ClusterName": "c"}, "does not say what to deploy"),
    ("EKS", {"ClusterName": "c", "ManifestFiles": "k8s/*.yaml"}, ""),
    ("ServiceCatalog", {"ProductId": "p", "TemplateFilePath": "t.json"}, "does not say what to deploy"),
    ("ServiceCatalog", {"ProductId": "p", "ConfigurationFilePath": "c.json"}, ""),
    ("CodeDeployToECS", BLUE_GREEN, ""),
    ("CodeDeployToECS", {**BLUE_GREEN, "Image1ArtifactName": "bin"}, "'bin', which is no input artifact"),
    ("Lambda", {"FunctionName": "f", "DeployStrategy": "Canary10Percent5Minutes"}, ""),
    ("Lambda", {"FunctionName": "f", "DeployStrategy": "Linear25PercentEvery1Minute"}, ""),
    ("Lambda", {"FunctionName": "f", "DeployStrategy": "Canary10"}, "'Canary10' is no DeployStrategy"),
    ("Lambda", {"FunctionName": "f", "Alarms": ",".join("abcdefghijk")}, "at most 10 alarms"),
])
def test_a_deployment_that_cannot_work_is_warned_of(provider: str, given: dict[str, str], message: str) -> None:
    body = structure(stage("Source", source()), stage("Build", build(makes=("Bin",))), stage("Prod", action(
        "Go", provider, given, category="Deploy", reads=("Bin",))))
    assert refused(body) == []
    told = [one.message for one in warned(body)]
    assert any(message in one for one in told) if message else told == []
