"""A run as the aws CLI would have saved it: the output of `get-pipeline`, `get-pipeline-state` and the `list-*` commands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..state import State
from ..views.api import answer
from ..views.api.pages import WHOLE

COMMANDS = {"get-pipeline": "GetPipeline", "get-pipeline-state": "GetPipelineState",
            "list-pipeline-executions": "ListPipelineExecutions", "list-action-executions": "ListActionExecutions",
            "list-rule-executions": "ListRuleExecutions"}
"""The five commands that say all that the console of AWS shows of a pipeline, with the operation of each."""
_LISTS = {"ListPipelineExecutions": "pipelineExecutionSummaries", "ListActionExecutions": "actionExecutionDetails",
          "ListRuleExecutions": "ruleExecutionDetails"}


def documents(state: State, pipeline: str) -> dict[str, dict[str, Any]]:
    """The answers by command, complete as the CLI gives them: it asks for page after page by itself."""
    return {command: json.loads(json.dumps(_whole(state, operation, pipeline), default=_moment))
            for command, operation in COMMANDS.items()}


def _whole(state: State, operation: str, pipeline: str) -> dict[str, Any]:
    name = "name" if operation.startswith("Get") else "pipelineName"
    member = _LISTS.get(operation)
    found = answer(state, operation, {name: pipeline, **({WHOLE: True} if member else {})})
    return {member: list(found.get(member, ()))} if member else found


def _moment(value: Any) -> str:
    """A time as the second version of the CLI writes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no part of an answer")


def write(state: State, pipeline: str, folder: Path) -> list[Path]:
    """The five documents as files of a folder, each named by its command."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for command, document in documents(state, pipeline).items():
        path = folder / f"{command}.json"
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return written


def commands(pipeline: str, options: Mapping[str, str] | None = None) -> list[str]:
    """The five command lines that save a pipeline's definition, state and history. Nothing here runs them."""
    import shlex

    more = "".join(f" --{name} {shlex.quote(value)}" for name, value in (options or {}).items() if value)
    return [f"aws codepipeline {command} --{'name' if command.startswith('get') else 'pipeline-name'} "
            f"{shlex.quote(pipeline)}{more} --output json > {command}.json" for command in COMMANDS]
