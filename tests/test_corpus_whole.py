"""Every real definition is loaded, checked, drawn and run to its end; a table says which is not, and why.

The world is friendly: somebody approves, closed transitions are opened, and actions produce the variables that later ones
ask for. `pytest -rP tests/test_corpus_whole.py` prints the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline_sim import Faults, Pipeline, Scenario, Simulation, Unreadable
from pipeline_sim.cli.run import release
from pipeline_sim.export.definition import to_text
from pipeline_sim.pipeline.read import load_all
from pipeline_sim.pipeline.variables import references
from pipeline_sim.views.graph import svg

KINDS = {"cfn": 149, "json": 13, "terraform": 29}
LACKS = "its service role, as the file has it, may not "
NOT_TO_THE_END: dict[str, str] = {
    "ozelalisen__aws-cdk__packages-_aws-cdk-testing-framework-int..ee0adea2": f"{LACKS}lambda:InvokeFunction",
    "AI-Empower-360__ai-orchestrator__": f"{LACKS}codestar-connections:UseConnection",
    "OrionCloudPractice__build-ecs-multi-account-pipeline__": f"{LACKS}codestar-connections:UseConnection",
    "turbot__steampipe-plugin-aws__": f"{LACKS}kms:GenerateDataKey",
}
"""The files that do not come to their end, by how their names begin, with the reason."""


class Story(NamedTuple):
    """What became of one pipeline of a file. `why` is empty where it came to its end."""

    file: str
    pipeline: str
    loaded: bool
    faults: int
    drawn: bool
    why: str


def stories(corpus: Path) -> Iterator[Story]:
    for kind, count in KINDS.items():
        files = sorted(path for path in (corpus / kind).iterdir() if path.is_file())
        assert len(files) == count, f"{corpus / kind} holds {len(files)} files"
        for file in files:
            yield from _of(file)


def _of(file: Path) -> Iterator[Story]:
    try:
        pipelines = load_all(file, lenient=True)
    except (Faults, Unreadable) as problem:
        yield Story(file.name, "", False, 0, False, str(problem))
        return
    for pipeline in pipelines:
        faults = sum(not fault.warning for fault in pipeline.waived)
        picture = svg(pipeline, engine="exact")
        yield Story(file.name, pipeline.name, True, faults, picture.rstrip().endswith("</svg>"), _run(pipeline, pipelines))


def _run(pipeline: Pipeline, beside: list[Pipeline]) -> str:
    """Why an execution does not come to its end, empty where it does. An account has one pipeline of a name."""
    beside = [pipeline, *(one for one in beside if one.name != pipeline.name)]
    beside = list({one.name: one for one in reversed(beside)}.values())
    simulation = Simulation(beside, Scenario.load(friendly(pipeline), beside))
    release(simulation, pipeline)
    simulation.run("6h")
    if simulation.state.pipelines[pipeline.name].executions[1].status == "Succeeded":
        return ""
    return str(simulation.why("1" if len(beside) == 1 else f"{pipeline.name} 1").sentence)


def friendly(pipeline: Pipeline) -> dict[str, Any]:
    """A world in which nothing that lies outside the definition stands in the way."""
    opened = [{"at": "1m", "operation": "EnableStageTransition", "pipelineName": pipeline.name,
               "stageName": one["stageName"], "transitionType": "Inbound"}
              for one in (pipeline.beside.disabled_transitions if pipeline.beside else ())]
    invoked = [{"at": 0, "operation": "CreatePipeline", "request": {"pipeline": _stand_in(name)}}
               for _, action in pipeline.walk() if action.provider == "CodePipeline"
               and (name := action.configuration.get("PipelineName", ""))]
    return {"approvals": {"*": {"response": "1m"}} if _has_approval(pipeline) else {}, "calls": [*invoked, *opened],
            "actions": dict(_variables(pipeline))}


def _has_approval(pipeline: Pipeline) -> bool:
    return any(action.is_approval for _, action in pipeline.walk())


def _stand_in(name: str) -> dict[str, Any]:
    """The pipeline that another one starts, which is in no file."""
    kind = {"owner": "AWS", "version": "1"}
    source = {"name": "App", "actionTypeId": {**kind, "category": "Source", "provider": "CodeCommit"},
              "configuration": {"RepositoryName": "r", "BranchName": "main"}, "outputArtifacts": [{"name": "A"}]}
    build = {"name": "B", "actionTypeId": {**kind, "category": "Build", "provider": "CodeBuild"},
             "configuration": {"ProjectName": "p"}, "inputArtifacts": [{"name": "A"}]}
    return {"name": name, "roleArn": "arn:aws:iam::111122223333:role/r", "artifactStore": {"type": "S3", "location": "abc"},
            "stages": [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": [build]}]}


def _variables(pipeline: Pipeline) -> Iterator[tuple[str, Any]]:
    """For each action with a namespace the variables that others ask of it."""
    asked = [reference for _, action in pipeline.walk()
             for text in (*action.configuration.values(), *action.commands) for reference in references(text)]
    for stage, action in pipeline.walk():
        keys = {one.key for one in asked if one.namespace and one.namespace == action.namespace}
        if keys and not action.is_source and not action.is_approval:
            yield f"{stage.name}/{action.name}", {"variables": dict.fromkeys(sorted(keys), "value")}


def table(found: list[Story]) -> str:
    rows = [f"{one.file[:70]:70}  {one.pipeline[:40]:40}  {' '.join(one.why.split())[:200]}" for one in found]
    return "\n".join(rows)


def test_every_real_definition_comes_to_its_end_or_has_a_stated_reason(corpus: Path) -> None:
    found = list(stories(corpus))
    stopped = [one for one in found if one.why or not one.drawn or not one.loaded]
    print(f"{len(found)} pipelines, {len(found) - len(stopped)} to their end; not:\n{table(stopped)}")
    assert [one for one in found if not one.loaded or not one.drawn] == []
    reasons = {one.file: next((reason for name, reason in NOT_TO_THE_END.items() if one.file.startswith(name)), None)
               for one in stopped}
    assert [file for file, reason in reasons.items() if reason is None] == [], table(stopped)
    for one in stopped:
        reason = reasons[one.file] or ""
        assert reason.rsplit(" ", 1)[-1] in one.why, f"{one.file}: {reason}, but: {one.why}"
    assert len(reasons) == len(NOT_TO_THE_END), "a file comes to its end now: strike it off the table"
    assert len(found) >= 200


def test_every_real_definition_reads_back_from_what_is_written_of_it(corpus: Path) -> None:
    for file in sorted((corpus / "cfn").iterdir())[::4]:
        for pipeline in load_all(file, lenient=True):
            for form in ("create-pipeline", "cloudformation"):
                again = load_all(to_text(pipeline, form), lenient=True)[0]
                assert again.structure == pipeline.structure, (file.name, form)


@pytest.mark.parametrize("number", range(5))
def test_what_is_no_document_is_told_with_line_and_column(corpus: Path, number: int) -> None:
    file = sorted((corpus / "unparseable").iterdir())[number]
    with pytest.raises(Unreadable, match=r"line \d+, column \d+"):
        load_all(file)
