"""Reading a pipeline from what people have: files of several formats, broken ones, placeholders; and writing it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_sim import Faults, Pipeline, Unreadable
from pipeline_sim.pipeline.model import ActionType
from pipeline_sim.pipeline.read import load_all, structures, to_json, to_structure, to_yaml
from tests.shop import action, build, source, stage, structure

# ---------------------------------------------------------------------------------------------- formats


def wrapped() -> dict[str, Any]:
    """The shop as `get-pipeline` prints it and as recordings keep it: the same pipeline each time."""
    bare = structure()
    printed = {"pipeline": bare, "metadata": {"pipelineArn": "arn:aws:codepipeline:eu-west-1:111122223333:shop"}}
    return {
        "bare": bare, "get-pipeline": printed, "create-pipeline": {"pipeline": bare, "tags": [{"key": "a", "value": "b"}]},
        "recorded": {"status_code": 200, "data": printed}, "AWS Config": {"configuration": json.dumps(printed)},
        "AWS Config, bare": {"configuration": json.dumps(bare)},
    }


@pytest.mark.parametrize("form", list(wrapped()))
def test_the_same_pipeline_in_many_wrappings(form: str, tmp_path: Path) -> None:
    document, expected = wrapped()[form], Pipeline.load(structure())
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert Pipeline.load(document) == Pipeline.load(file) == Pipeline.load(str(file)) == expected
    assert Pipeline.load(json.dumps(document)) == expected
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    assert Pipeline.load(tmp_path / "shop.yaml") == expected


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(structure(), indent=1).replace("\n", "\r\n").encode())
    assert Pipeline.load(file).name == "shop"


def test_tags_of_the_input_are_kept() -> None:
    [found] = structures({"pipeline": structure(), "tags": [{"key": "team", "value": "web"}]})
    assert found.tags == {"team": "web"}


def test_type_hints_of_recordings_are_left_out() -> None:
    given = structure()
    given["stages"][0]["actions"][0]["actionTypeId"]["__type"] = "ActionTypeId"
    assert Pipeline.load(given) == Pipeline.load(structure())
    assert "__type" not in json.dumps(Pipeline.load(given).structure)


def test_null_means_that_a_member_is_absent() -> None:
    assert Pipeline.load({**structure(), "triggers": None}) == Pipeline.load(structure())


# ---------------------------------------------------------------------------------------------- what is read


def test_values_are_those_of_the_structure() -> None:
    given = structure(variables=[{"name": "Go", "defaultValue": "yes"}])
    given["stages"][2]["beforeEntry"] = {"conditions": [{"result": "SKIP", "rules": [{
        "name": "Ask", "ruleTypeId": {"category": "Rule", "provider": "LambdaInvoke"},
        "configuration": {"FunctionName": "ask"}, "timeoutInMinutes": 9}]}]}
    given["stages"][2]["onFailure"] = {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}
    shop = Pipeline.load(given)
    assert [one.name for one in shop.stages] == ["Source", "Build", "Prod"]
    assert [[one.name for one in group] for group in shop.stage("Prod").groups] == [["Approve"], ["Deploy"]]
    assert shop.stage("Build").action("Compile").type == ActionType("Build", "AWS", "CodeBuild", "1")
    assert shop.variables[0].default == "yes"
    entry, failure = shop.stage("Prod").before_entry, shop.stage("Prod").on_failure
    assert entry is not None and entry.result == "SKIP" and entry.rules[0].timeout_minutes == 9
    assert failure is not None and (failure.result, failure.retry_mode) == ("RETRY", "FAILED_ACTIONS")


def test_the_structure_is_what_aws_would_echo() -> None:
    given = structure()
    for key in ("executionMode", "pipelineType"):
        del given[key]
    for key in ("runOrder", "configuration", "inputArtifacts", "outputArtifacts"):
        del given["stages"][2]["actions"][0][key]
    echo = Pipeline.load(given).structure
    assert (echo["executionMode"], echo["pipelineType"], echo["version"]) == ("SUPERSEDED", "V1", 1)
    approval = echo["stages"][2]["actions"][0]
    assert {key: approval[key] for key in ("runOrder", "configuration", "inputArtifacts", "outputArtifacts")} == {
        "runOrder": 1, "configuration": {}, "inputArtifacts": [], "outputArtifacts": []}


@pytest.mark.parametrize("more", [{"mode": "QUEUED"}, {"variables": [{"name": "A"}]}])
def test_a_pipeline_that_uses_v2_is_of_type_v2_where_it_does_not_say(more: dict[str, Any]) -> None:
    given = structure(**more)
    del given["pipelineType"]
    assert Pipeline.load(given).type == "V2"
    with pytest.raises(Faults, match="type V2 only"):
        Pipeline.load({**given, "pipelineType": "V1"})


def test_what_was_given_is_not_changed() -> None:
    given = structure()
    del given["pipelineType"]
    before = json.dumps(given)
    Pipeline.load(given)
    assert json.dumps(given) == before


# ---------------------------------------------------------------------------------------------- numbers and texts

IN_YAML = """
pipeline:
  name: shop
  roleArn: arn:aws:iam::011122223333:role/pipeline
  artifactStore: {type: S3, location: shop-artifacts}
  stages:
    - name: Source
      actions:
        - name: App
          actionTypeId: {category: Source, owner: AWS, provider: S3, version: 1}
          configuration: {S3Bucket: b, S3ObjectKey: 011122223333, PollForSourceChanges: no}
          outputArtifacts: [name: Src]
    - name: Prod
      actions:
        - name: Files
          actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
          configuration: {BucketName: b, Extract: true, CacheControl: 10:30}
          inputArtifacts: [name: Src]
"""


def test_in_yaml_numbers_and_booleans_are_meant_as_texts_and_told_of() -> None:
    shop = Pipeline.load(IN_YAML)
    app, files = shop.stages[0].actions[0], shop.stages[1].actions[0]
    assert app.type.version == "1"
    assert app.configuration["PollForSourceChanges"] == "false"
    assert app.configuration["S3ObjectKey"] == "011122223333", "no octal number"
    assert (files.configuration["Extract"], files.configuration["CacheControl"]) == ("true", "10:30")
    assert [(note.path, note.warning) for note in shop.waived] == [
        ("stages[0].actions[0].actionTypeId.version", True),
        ("stages[0].actions[0].configuration.PollForSourceChanges", True),
        ("stages[1].actions[0].configuration.Extract", True)]


def test_in_json_and_in_python_a_number_for_a_text_is_a_fault_as_aws_tools_say() -> None:
    given = structure()
    given["stages"][1]["actions"][0]["actionTypeId"]["version"] = 1
    for form in (given, json.dumps(given)):
        with pytest.raises(Faults) as caught:
            Pipeline.load(form)
        assert [fault.path for fault in caught.value.faults] == ["stages[1].actions[0].actionTypeId.version"]
        assert Pipeline.load(form, lenient=True).stages[1].actions[0].type.version == "1"


# ---------------------------------------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(("text", "says"), [
    ('{"pipeline": {"name": "shop",\n  "stages": [}', "line 2, column 14"),
    ('{"name": "a",\n "stages": [], "name": "b"}', "line 2, column 16: the key 'name' is given twice"),
    ("pipeline:\n  name: shop\n stages: []\n", "line 3, column 2"),
    ("name: a\nstages: []\nname: b\n", "line 3, column 1: the key 'name' is given twice"),
    ("a: !!python/object/apply:os.system [ls]\n", "line 1, column 4"),
    ("a: &a [*a]\n", "more than 60 levels"),
    ("[" * 100_000 + "\n", "nested too deeply"),
    ("- " * 50_000 + "x\n", "nesting"),
    ('{"name": "\\ud800", "stages": []}', "half of a character"),
    ('{"version": ' + "9" * 5000 + "}", "5000 digits"),
    ('{"stageStates": []}', "output of get-pipeline-state"),
    ('{"pipelines": []}', "output of list-pipelines"),
    ("just a sentence\n", "no pipeline in it"), ("[1, 2]\n", "no pipeline in it"), ("\n", "no pipeline in it"),
    ("", "no file"),
    ('{"pipeline": "shop"}', "no pipeline in it"),
])
def test_what_is_no_definition_is_told_with_its_place(text: str, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Pipeline.load(text)
    assert says in str(caught.value)


def test_aliases_and_merges_that_multiply_are_refused() -> None:
    letters = "abcdefghij"
    aliases = "a: &a [x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip(letters, letters[1:], strict=False))
    with pytest.raises(Unreadable, match="400000 values"):
        Pipeline.load(aliases)
    parts = [", ".join(f"{letter}{n}: v" for n in range(2000)) for letter in letters]
    merges = "".join(f"{letter}: &{letter} {{{part}}}\n" for letter, part in zip(letters, parts, strict=True))
    merges += f"all: {{<<: [{', '.join(f'*{letter}' for letter in letters)}]}}\n"
    with pytest.raises(Unreadable, match="merges more keys"):
        Pipeline.load(merges)


def test_files_that_are_not_there_not_text_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no such file"):
        Pipeline.load(tmp_path / "gone.json")
    binary = tmp_path / "binary.json"
    binary.write_bytes(bytes(range(256)))
    with pytest.raises(Unreadable, match="cannot be read as text"):
        Pipeline.load(binary)
    large = tmp_path / "large.json"
    large.write_text("[" + "1," * 5_000_000, encoding="utf-8")
    with pytest.raises(Unreadable, match="more than the 8388608"):
        Pipeline.load(large)


# ---------------------------------------------------------------------------------------------- faults and leniency


def test_all_faults_are_in_the_exception_with_the_files_name(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps({**structure(), "roleArn": "<RoleArn>", "executionMode": "queued"}), encoding="utf-8")
    with pytest.raises(Faults) as caught:
        Pipeline.load(file)
    assert [fault.path for fault in caught.value.faults] == ["roleArn", "executionMode"]
    assert str(caught.value).startswith(f"{file} has 2 faults:\n  roleArn: Value '<RoleArn>'")


def test_a_lenient_load_takes_placeholders_and_says_what_it_waived() -> None:
    given = {**structure(), "roleArn": "<RoleArn>", "executionMode": "queued"}
    del given["artifactStore"]
    given["stages"][1]["actions"][0]["actionTypeId"]["provider"] = "Yard"
    given["stages"][1]["actions"][1]["runOrder"] = "2"
    shop = Pipeline.load(given, lenient=True)
    assert sorted(fault.path for fault in shop.waived) == [
        "artifactStore", "executionMode", "roleArn", "stages[1].actions[0].actionTypeId", "stages[1].actions[1].runOrder"]
    assert (shop.mode, shop.stages[1].actions[1].run_order) == ("SUPERSEDED", 2)
    assert shop.stages[1].actions[0].provider == "Yard"


def test_a_right_definition_waives_nothing() -> None:
    assert Pipeline.load(structure(), lenient=True).waived == Pipeline.load(structure()).waived == ()


@pytest.mark.parametrize("given", [
    {"name": "shop", "stages": []}, structure(stage("A", source()), stage("A", build())),
    structure(stage("A", source()), stage("B")), structure(stage("A", source()), stage("B", build(), build())),
    structure(stage("A", source()), stage("B", {"name": "It", "actionTypeId": {"category": "Build"}})),
    {**structure(), "name": ""}, {**structure(), "stages": {"Source": {}}},
], ids=["no stages", "a stage twice", "no actions", "an action twice", "no type", "no name", "stages in a map"])
def test_even_leniently_a_pipeline_has_named_stages_of_named_actions(given: dict[str, Any]) -> None:
    with pytest.raises(Faults):
        Pipeline.load(given, lenient=True)


def test_custom_types_can_be_given() -> None:
    kind = {"category": "Build", "owner": "Custom", "provider": "Yard", "version": "1"}
    given = structure(stage("Source", source()), stage("Build", {**build(), "actionTypeId": kind, "configuration": {}}))
    assert Pipeline.load(given).stages[1].actions[0].provider == "Yard"
    declared = {"category": "Build", "provider": "Yard", "version": "1", "inputArtifactDetails": {
        "minimumCount": 0, "maximumCount": 1}, "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 0}}
    assert Pipeline.load(given, custom_types=[declared]).name == "shop"
    with pytest.raises(Faults, match="not available"):
        Pipeline.load(given, custom_types=[])


# ---------------------------------------------------------------------------------------------- and back


def test_a_pipeline_goes_out_as_create_pipeline_takes_it() -> None:
    shop = Pipeline.load(structure())
    written = to_structure(shop)
    assert written == {"pipeline": shop.structure}
    written["pipeline"]["stages"].clear()
    assert len(shop.structure["stages"]) == 3, "a copy went out"


@pytest.mark.parametrize("write", [to_json, to_yaml])
def test_what_is_written_reads_as_it_was(write: Any) -> None:
    odd = action("Odd", "Lambda", {"FunctionName": "011", "UserParameters": "yes: no\n# \u00e9 10:30 ~ 1e3 'x' \"y\""})
    shop = Pipeline.load(structure(stage("Source", source()), stage("Odd", odd)))
    again = Pipeline.load(write(shop))
    assert again == shop
    assert again.structure == shop.structure
    assert again.waived == ()


def test_a_file_of_one_pipeline_is_a_list_of_one() -> None:
    assert load_all(structure()) == [Pipeline.load(structure())]
