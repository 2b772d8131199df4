"""Pipelines out of Terraform: HCL as far as it can be known without running it, plans and states as they say it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim import Faults, Pipeline, Scenario, Simulation, Unreadable
from pipeline_sim.cli import main
from pipeline_sim.pipeline.read import load_all, structures

MODULE = """
variable "name" { default = "shop" }
variable "stages" { default = ["test", "prod"] }
variable "gate" {
  type    = bool
  default = false
}
variable "branch" {}
locals { project = "${var.name}-build" }

resource "aws_iam_role" "pipe" {
  name               = "pipe"
  assume_role_policy = jsonencode({ Statement = [] })
}
resource "aws_iam_role_policy" "p" {
  name   = "p"
  role   = aws_iam_role.pipe.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = "*" }] })
}
resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "nightly"
  schedule_expression = "cron(0 3 * * ? *)"
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.nightly.name
  arn  = aws_codepipeline.this.arn
}
resource "aws_codepipeline" "this" {
  name           = var.name
  role_arn       = aws_iam_role.pipe.arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"
  artifact_store {
    location = "shop-artifacts"
    type     = "S3"
  }
  variable {
    name          = "level"
    default_value = "low"
  }
  stage {
    name = "Source"
    action {
      name             = "App"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeCommit"
      version          = "1"
      output_artifacts = ["src"]
      configuration    = { RepositoryName = "shop", BranchName = var.branch }
    }
  }
  dynamic "stage" {
    for_each = var.stages
    content {
      name = "Deploy-${stage.value}"
      action {
        name            = "Go"
        category        = "Build"
        owner           = "AWS"
        provider        = "CodeBuild"
        version         = "1"
        input_artifacts = ["src"]
        configuration   = { ProjectName = "${local.project}-${upper(stage.value)}" }
      }
    }
  }
  dynamic "stage" {
    for_each = var.gate ? [1] : []
    content {
      name = "Gate"
      action {
        name     = "Ok"
        category = "Approval"
        owner    = "AWS"
        provider = "Manual"
        version  = "1"
      }
    }
  }
}
""".replace("ACTIONS", '["s3:*", "codecommit:*", "codebuild:*"]')


def stages(pipeline: Pipeline) -> list[str]:
    return [stage.name for stage in pipeline.stages]


def test_variables_locals_functions_and_dynamic_blocks_are_resolved() -> None:
    pipeline = Pipeline.load(MODULE, parameters={"branch": "dev"})
    assert stages(pipeline) == ["Source", "Deploy-test", "Deploy-prod"]
    assert pipeline.stage("Deploy-prod").action("Go").configuration == {"ProjectName": "shop-build-PROD"}
    assert pipeline.sources[0].configuration["BranchName"] == "dev"
    assert (pipeline.mode, pipeline.type, pipeline.variables[0].default) == ("QUEUED", "V2", "low")
    assert pipeline.waived == ()


def test_parameters_are_variables_and_turn_conditions_both_ways() -> None:
    given = {"branch": "dev", "gate": "true", "stages": '["one"]', "name": "other"}
    pipeline = Pipeline.load(MODULE, parameters=given)
    assert (pipeline.name, stages(pipeline)) == ("other", ["Source", "Deploy-one", "Gate"])


def test_what_is_not_known_has_a_stand_in_and_is_told_with_its_path() -> None:
    [found] = structures(MODULE)
    [note] = found.notes
    assert note.path == "aws_codepipeline.this.stage[0].action[0].configuration"
    assert "var.branch is not known" in note.message
    assert "--parameter branch=VALUE" in note.fix


def test_rules_and_roles_reach_the_simulation() -> None:
    run = Simulation(Pipeline.load(MODULE)).run("1d")
    [one] = run.state.pipelines["shop"].executions.values()
    assert (one.started, one.status) == (18 * 3600, "Succeeded")
    lacking = Pipeline.load(MODULE.replace(', "codebuild:*"', ""))
    assert "codebuild:StartBuild" in Simulation(lacking).run("1d").why("1").sentence


def test_a_count_that_cannot_be_known_is_told_and_not_guessed_in_silence() -> None:
    head = 'resource "aws_codepipeline" "this" {'
    text = MODULE.replace(head, f'variable "how_many" {{}}\n{head}\n  count = var.how_many')
    [found] = structures(text)
    [note] = [note for note in found.notes if note.path.endswith(".count")]
    assert "how_many" in note.message and "1 is taken" in note.message
    assert len(structures(text, {"how_many": "2"})) == 2


def test_several_resources_are_several_pipelines_and_a_name_chooses() -> None:
    text = MODULE + MODULE[MODULE.index('resource "aws_codepipeline"'):].replace('"this"', '"other"').replace(
        "name           = var.name", 'name           = "second"')
    assert [pipeline.name for pipeline in load_all(text)] == ["shop", "second"]
    assert Pipeline.load(text, name="second").name == "second"


def test_a_folder_is_one_module(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = MODULE.index('resource "aws_codepipeline"')
    (tmp_path / "a.tf").write_text(MODULE[cut:])
    (tmp_path / "b.tf").write_text(MODULE[:cut])
    assert Pipeline.load(tmp_path, parameters={"branch": "main"}).name == "shop"
    assert main(["run", str(tmp_path), "--parameter", "branch=main", "--parameter", "gate=true", "--until", "1h"]) == 0
    assert "Gate/Ok" in capsys.readouterr().out


def plan() -> dict[str, Any]:
    """What `terraform show -json` says of a plan for one pipeline."""
    def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "category": category, "provider": provider, "owner": "AWS", "version": "1", **more}

    values = {
        "name": "planned", "role_arn": "arn:aws:iam::111122223333:role/pipe", "pipeline_type": "V1",
        "artifact_store": [{"location": "shop-artifacts", "type": "S3", "encryption_key": []}],
        "stage": [{"name": "Source", "action": [action(
            "App", "Source", "S3", output_artifacts=["src"], configuration={"S3Bucket": "b", "S3ObjectKey": "k.zip"})]},
                  {"name": "Build", "action": [action(
                      "Go", "Build", "CodeBuild", input_artifacts=["src"], run_order=2,
                      configuration={"ProjectName": "p"})]}]}
    resource = {"address": "aws_codepipeline.this", "mode": "managed", "type": "aws_codepipeline", "name": "this",
                "values": values}
    return {"format_version": "1.2", "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": [resource]}}}


def test_a_plan_and_a_state_say_it_surely() -> None:
    said = plan()
    shown = {**{key: value for key, value in said.items() if key != "planned_values"}, "values": said["planned_values"]}
    for document in (said, shown):
        pipeline = Pipeline.load(json.dumps(document))
        assert (pipeline.name, stages(pipeline)) == ("planned", ["Source", "Build"])
        assert pipeline.stage("Build").action("Go").run_order == 2
        run = Simulation(pipeline, Scenario({"pushes": ["1m"]})).run()
        assert run.state.pipelines["planned"].executions[1].status == "Succeeded"


@pytest.mark.parametrize(("text", "told"), [
    ('resource "aws_codepipeline" "x" {\n  name = \n}\n', "line 2|line 3"),
    ('resource "aws_codepipeline" "x" ' + "{ a " * 5000 + "}" * 5000 + "\n", "nested|line|levels"),
    ('resource "aws_codepipeline" "x" {\n  name = ' + "[" * 3000 + "]" * 3000 + "\n}\n", "nested|line|levels"),
])
def test_what_is_no_module_is_refused(text: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        Pipeline.load(text)


def test_values_that_refer_to_each_other_in_a_circle_are_refused() -> None:
    text = MODULE.replace('locals { project = "${var.name}-build" }',
                          "locals {\n  project = local.other\n  other   = local.project\n}")
    with pytest.raises(Faults, match="Circular reference: local.project → local.other → local.project"):
        structures(text, {"branch": "main"})


def test_loops_that_multiply_are_refused() -> None:
    text = 'locals {\n  a = [for a in range(1000) : [for b in range(1000) : b]]\n}\n' + (
        'resource "aws_codepipeline" "x" {\n  name = length(local.a)\n}\n')
    with pytest.raises(Unreadable, match="makes more than 250000 values"):
        load_all(text)


# ---------------------------------------------------------------------------------------------- modules, several times

SMALL = """
  name     = NAME
  role_arn = "arn:aws:iam::111122223333:role/r"
  artifact_store {
    location = var.bucket
    type     = "S3"
  }
  stage {
    name = "Source"
    action {
      name             = "App"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["App"]
      configuration    = { S3Bucket = var.bucket, S3ObjectKey = "k" }
    }
  }
  stage {
    name = "Deploy"
    action {
      name            = "Copy"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "S3"
      version         = "1"
      input_artifacts = ["App"]
      configuration   = { BucketName = var.bucket, Extract = "true" }
    }
  }
"""


def called_module(folder: Path, how: str) -> Path:
    (folder / "pipe").mkdir()
    (folder / "pipe" / "main.tf").write_text(
        'variable "name" {}\nvariable "bucket" {}\nresource "aws_codepipeline" "this" {'
        + SMALL.replace("NAME", '"mod-${var.name}"') + '}\noutput "name" {\n  value = aws_codepipeline.this.name\n}\n')
    (folder / "main.tf").write_text(how)
    return folder


def test_a_module_that_is_called_for_each_of_several_makes_as_many_pipelines(tmp_path: Path) -> None:
    found = load_all(called_module(tmp_path, """
variable "teams" { default = { web = { bucket = "bucket-web" }, api = { bucket = "bucket-api" } } }
variable "bucket" { default = "own" }
module "team" {
  for_each = var.teams
  source   = "./pipe"
  name     = each.key
  bucket   = each.value.bucket
}
resource "aws_codepipeline" "all" {""" + SMALL.replace(
        "NAME", '"all-${module.team["api"].name}-${join("-", values(module.team)[*].name)}"') + "}\n"))
    assert {one.name for one in found} == {"mod-web", "mod-api", "all-mod-api-mod-api-mod-web"}
    assert {store.location for one in found for store in one.stores.values()} == {"bucket-web", "bucket-api", "own"}
    assert [note.message for one in found for note in one.waived if "each." in note.message] == []


def test_a_module_that_is_counted_is_called_so_often(tmp_path: Path) -> None:
    found = load_all(called_module(tmp_path, """
module "team" {
  count  = 2
  source = "./pipe"
  name   = "n${count.index}"
  bucket = "bucket-${count.index}"
}
"""))
    assert [one.name for one in found] == ["mod-n0", "mod-n1"]
    (tmp_path / "main.tf").write_text((tmp_path / "main.tf").read_text().replace("count  = 2", "count  = 0"))
    with pytest.raises(Unreadable, match="no pipeline"):
        load_all(tmp_path)


def test_a_pipeline_is_named_by_the_address_that_terraform_prints(tmp_path: Path) -> None:
    called_module(tmp_path, 'module "team" {\n  for_each = toset(["web", "api"])\n  source = "./pipe"\n  name = each.key\n'
                            '  bucket = "bucket"\n}\n')
    for name in ('module.team["web"].aws_codepipeline.this', "module.team[web].this", "mod-web"):
        assert Pipeline.load(tmp_path, name=name).name == "mod-web"
    with pytest.raises(Unreadable, match=r"'none'\. There is module"):
        Pipeline.load(tmp_path, name="none")


def test_of_a_plan_nothing_is_told_that_nobody_asked(tmp_path: Path) -> None:
    """The pipeline's own ARN is known only after `terraform apply`, and nobody needs it."""
    address = 'module.team["web"].aws_codepipeline.this'
    stages = [{"name": "Source", "action": [{"name": "App", "category": "Source", "owner": "AWS", "provider": "S3",
                                             "version": "1", "output_artifacts": ["App"], "configuration": {
                                                 "S3Bucket": "b", "S3ObjectKey": "k"}}]},
              {"name": "Deploy", "action": [{"name": "Copy", "category": "Deploy", "owner": "AWS", "provider": "S3",
                                             "version": "1", "input_artifacts": ["App"], "configuration": {
                                                 "BucketName": "b", "Extract": "true"}}]}]
    resource = {"address": address, "mode": "managed", "type": "aws_codepipeline", "name": "this", "values": {
        "name": "web", "artifact_store": [{"location": "bucket", "type": "S3"}], "stage": stages}}
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"resources": [resource]}]}},
            "resource_changes": [{"address": address, "change": {"after_unknown": {
                "role_arn": True, "id": True, "arn": True}}}]}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    found = Pipeline.load(tmp_path / "plan.json", name=address)
    assert [note.path for note in found.waived] == [f"{address}.role_arn"]
