"""Which command does the same outside: the `aws …` line of a call, and what stands for acts that are no call of AWS's.

Every word is quoted for a POSIX shell. Names are free text: a value that the aws command would take for an option or
for the address of a file goes in as JSON, where it is only text.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ...pipeline.model import Action
from ...state import PipelineState
from ..act import ALARM, CALL, PUSH, SEED, Act
from ..moment import Moment

_LOADED = re.compile(r"(file|fileb|https?)://|-")
"""How a value begins that the aws command does not take as it stands."""


def command(moment: Moment, pipeline: PipelineState, act: Act) -> str:
    """The command line, or empty where no command does this."""
    if act.kind == CALL:
        return of_call(act.name, act.arguments)
    if act.kind == ALARM:
        return shlex.join(["aws", "cloudwatch", "set-alarm-state", "--alarm-name", act.name, "--state-value",
                           str(act.arguments["status"]), "--state-reason", "To see what happens"])
    return _pushes(moment, pipeline, act) if act.kind == PUSH else ""


def of_call(operation: str, request: Mapping[str, Any]) -> str:
    """`aws codepipeline stop-pipeline-execution --pipeline-name shop …`."""
    words = ["aws", "codepipeline", _kebab(operation)]
    texts = [value for value in request.values() if isinstance(value, str)]
    if any(_LOADED.match(text) for text in texts):
        return shlex.join([*words, "--cli-input-json", json.dumps(request, ensure_ascii=False)])
    return shlex.join([*words, *(word for name, value in request.items() for word in _option(name, value))])


def _option(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield f"--{'' if value else 'no-'}{_kebab(name)}"
        return
    yield f"--{_kebab(name)}"
    yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


# ---------------------------------------------------------------------------------------------- pushes


def _pushes(moment: Moment, pipeline: PipelineState, act: Act) -> str:
    """What a person does at the sources that the push is aimed at, a line for each."""
    first = pipeline.definition.stages[0]
    aimed = [action for action in pipeline.definition.sources if act.name in ("", f"{first.name}/{action.name}")]
    return "\n".join(dict.fromkeys(_push(moment, action, act.arguments) for action in aimed))


def _push(moment: Moment, action: Action, said: Mapping[str, Any]) -> str:
    settings = action.configuration
    if action.provider == "S3":
        target = f"s3://{settings.get('S3Bucket', '')}/{settings.get('S3ObjectKey', '')}"
        return shlex.join(["aws", "s3", "cp", settings.get("S3ObjectKey", "").rsplit("/", 1)[-1], target])
    if action.provider == "ECR":
        registry = f"{moment.state.account}.dkr.ecr.{moment.state.region}.amazonaws.com"
        image = f"{registry}/{settings.get('RepositoryName', '')}:{settings.get('ImageTag') or 'latest'}"
        return shlex.join(["docker", "push", image])
    return _git(settings.get("BranchName", settings.get("Branch", "main")), said)


def _git(followed: str, said: Mapping[str, Any]) -> str:
    tag, branch, files = said.get("tag", ""), said.get("branch") or followed, list(said.get("files", ()))
    commit = ["git", "commit", *(() if files else ("--allow-empty",)), "-m", said.get("message") or "A change"]
    if said.get("author"):
        commit.append(f"--author={said['author']} <{said['author']}@example.com>")
    steps = [["git", "add", "--", *files]] if files else []
    steps.append(commit)
    steps += [["git", "tag", tag], ["git", "push", "origin", tag]] if tag else [["git", "push", "origin", f"HEAD:{branch}"]]
    return " && ".join(shlex.join(step) for step in steps)


# ---------------------------------------------------------------------------------------------- Python


def python(act: Act) -> str:
    """The line of Python that does the same to a simulation named `run`."""
    if act.kind == CALL:
        return f"run.call({', '.join([repr(act.name), *_named(act.arguments)])})"
    if act.kind == "pass":
        return {"next": "run.advance()", "end": "run.run()", "wait": ""}.get(act.name, f"run.run(run.now + {act.name!r})")
    if act.kind == SEED:
        return f"run = Simulation(run.pipelines, run.scenario, seed={int(act.name)})"
    return f"run.{act.kind}({', '.join([repr(act.name), *_named(act.arguments)])})"


def _named(arguments: Mapping[str, Any]) -> list[str]:
    plain = all(name.isidentifier() for name in arguments)
    return [f"{name}={value!r}" for name, value in arguments.items()] if plain else [f"**{dict(arguments)!r}"]
