"""What a pipeline has done, read from what the aws CLI saved of it.

Understood are the outputs of `list-action-executions`, `list-pipeline-executions`, `list-rule-executions`, `get-pipeline`
and `get-pipeline-state`, in any mixture: whole, in pages, or a row in each line. Only the first is needed; what the others
would have said is then guessed from it, and told in the history's `notes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..pipeline.fault import Fault, Unreadable
from ..pipeline.model import Pipeline
from .guess import executions_of
from .pages import documents, documents_of, files_of
from .values import History, PastAttempt, PastExecution, PastRevision, PastRule

ENDED = ("Succeeded", "Failed", "Abandoned")
OF_ATTEMPTS = ("InProgress", *ENDED)
OF_EXECUTIONS = ("Cancelled", "Failed", "InProgress", "Stopped", "Stopping", "Succeeded", "Superseded")
FIRST_YEAR, LAST_YEAR = 1970, 2199


def load(*sources: str | Path, name: str = "") -> History:
    """The history that files or folders hold. `name` is the pipeline's, where neither get-pipeline nor
    get-pipeline-state says it. Raises Unreadable."""
    found = _Found()
    for path in files_of(sources):
        for place, document in documents(path):
            _take(found, document, place)
    return _history(found, name, ", ".join(map(str, sources)))


def loads(text: str, name: str = "") -> History:
    """The history that a text holds: one document or several. Raises Unreadable."""
    found = _Found()
    for place, document in documents_of(text, "the text"):
        _take(found, document, place)
    return _history(found, name, "the text")


@dataclass
class _Found:
    """What has been read so far. Pages that overlap repeat rows: of two with one id the newer counts."""

    executions: dict[str, PastExecution] = field(default_factory=dict)
    attempts: dict[str, PastAttempt] = field(default_factory=dict)
    rules: dict[str, PastRule] = field(default_factory=dict)
    pipelines: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    states: list[Mapping[str, Any]] = field(default_factory=list)
    open_pages: dict[str, str] = field(default_factory=dict)
    strange: dict[str, str] = field(default_factory=dict)


def _take(found: _Found, document: Any, place: str) -> None:
    if not isinstance(document, Mapping):
        raise Unreadable(f"{place}: it is no answer of CodePipeline, but a {type(document).__name__}.")
    if isinstance(document.get("pipeline"), Mapping):
        found.pipelines[str(document["pipeline"].get("name", ""))] = document
    elif "stageStates" in document:
        found.states.append(_state(document))
    elif any(member in document for member in _LISTS):
        for member, take in _LISTS.items():
            for number, row in enumerate(_rows(document, member, place)):
                take(found, row, f"{place}: {member}[{number}]")
            if document.get(member) is not None:
                _page(found, member, document)
    elif "actionExecutionId" in document:
        _attempt(found, document, place)
    elif "ruleExecutionId" in document:
        _rule(found, document, place)
    elif "pipelineExecutionId" in document and "status" in document:
        _execution(found, document, place)
    elif isinstance(document.get("pipelineExecution"), Mapping):
        pass  # get-pipeline-execution has no times: what it says is in the lists
    else:
        raise Unreadable(f"{place}: it is none of list-action-executions, list-pipeline-executions, "
                         "list-rule-executions, get-pipeline and get-pipeline-state.")


def _rows(document: Mapping[str, Any], member: str, place: str) -> list[Any]:
    rows = document.get(member) or []
    if not isinstance(rows, list):
        raise Unreadable(f"{place}: {member} is a list, not a {type(rows).__name__}.")
    return rows


def _page(found: _Found, member: str, document: Mapping[str, Any]) -> None:
    """Which list ends in a token: then rows are missing, unless another page follows."""
    if document.get("nextToken"):
        found.open_pages[member] = str(document["nextToken"])
    else:
        found.open_pages.pop(member, None)


# ---------------------------------------------------------------------------------------------- rows


def _attempt(found: _Found, row: Any, place: str) -> None:
    said = _row(row, place, ("pipelineExecutionId", "actionExecutionId", "stageName", "actionName", "status"))
    status, output = _status(found, said["status"], OF_ATTEMPTS, place) or "InProgress", _mapping(said.get("output"))
    started = moment(said.get("startTime"), f"{place}.startTime")
    changed = moment(said.get("lastUpdateTime", said.get("startTime")), f"{place}.lastUpdateTime")
    result = _mapping(output.get("executionResult"))
    error = _mapping(result.get("errorDetails"))
    version = said.get("pipelineVersion", 1)
    one = PastAttempt(
        str(said["actionExecutionId"]), str(said["pipelineExecutionId"]), str(said["stageName"]),
        str(said["actionName"]), started, max(changed, started) if status in ENDED else None, status,
        version if isinstance(version, int) and not isinstance(version, bool) else 1,
        _text(error, "code"), _text(error, "message"), _text(result, "externalExecutionSummary"),
        _text(result, "externalExecutionId"), _text(said, "updatedBy"), _input(said),
        tuple(one["name"] for one in _artifacts(output.get("outputArtifacts"))),
        {str(key): str(value) for key, value in _mapping(output.get("outputVariables")).items()})
    before = found.attempts.get(one.id)
    if before is None or (before.ended or before.started) <= changed:
        found.attempts[one.id] = one


def _rule(found: _Found, row: Any, place: str) -> None:
    said = _row(row, place, ("pipelineExecutionId", "ruleExecutionId", "stageName", "ruleName", "status"))
    status = _status(found, said["status"], OF_ATTEMPTS, place) or "InProgress"
    started = moment(said.get("startTime"), f"{place}.startTime")
    changed = moment(said.get("lastUpdateTime", said.get("startTime")), f"{place}.lastUpdateTime")
    result = _mapping(_mapping(said.get("output")).get("executionResult"))
    error = _mapping(result.get("errorDetails"))
    one = PastRule(
        str(said["ruleExecutionId"]), str(said["pipelineExecutionId"]), str(said["stageName"]), str(said["ruleName"]),
        started, max(changed, started) if status in ENDED else None, status, _text(error, "code"), _text(error, "message"),
        _text(result, "externalExecutionSummary"), _text(result, "externalExecutionId"))
    before = found.rules.get(one.id)
    if before is None or (before.ended or before.started) <= changed:
        found.rules[one.id] = one


def _execution(found: _Found, row: Any, place: str) -> None:
    said = _row(row, place, ("pipelineExecutionId", "status"))
    if not _status(found, said["status"], OF_EXECUTIONS, place):
        return  # what became of it is guessed from its actions
    started = moment(said.get("startTime"), f"{place}.startTime")
    updated = moment(said.get("lastUpdateTime", said.get("startTime")), f"{place}.lastUpdateTime")
    trigger, stop = _mapping(said.get("trigger")), said.get("stopTrigger")
    one = PastExecution(
        str(said["pipelineExecutionId"]), str(said["status"]), started, max(updated, started),
        tuple(_revisions(said)), _text(trigger, "triggerType"), _text(trigger, "triggerDetail"),
        _text(said, "executionMode"), _text(said, "executionType") or "STANDARD",
        _text(_mapping(said.get("rollbackMetadata")), "rollbackTargetPipelineExecutionId"), _text(said, "statusSummary"),
        _text(_mapping(stop), "reason") if stop is not None else None)
    before = found.executions.get(one.id)
    if before is None or before.updated <= one.updated:
        found.executions[one.id] = one


def _status(found: _Found, said: str, known: tuple[str, ...], place: str) -> str:
    """A status that CodePipeline has; of another one the first place is kept, to be told."""
    if said not in known:
        found.strange.setdefault(said, place)
        return ""
    return said


_LISTS: Mapping[str, Callable[[_Found, Any, str], None]] = {
    "actionExecutionDetails": _attempt, "pipelineExecutionSummaries": _execution, "ruleExecutionDetails": _rule}


def _revisions(said: Mapping[str, Any]) -> list[PastRevision]:
    rows = said.get("sourceRevisions")
    return [PastRevision(str(one.get("actionName", "")), str(one.get("revisionId", "")), _text(one, "revisionSummary"))
            for one in (rows if isinstance(rows, list) else []) if isinstance(one, Mapping) and one.get("revisionId")]


def _row(row: Any, place: str, needed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        raise Unreadable(f"{place}: a row is a mapping, not a {type(row).__name__}.")
    if missing := [key for key in needed if not isinstance(row.get(key), str)]:
        raise Unreadable(f"{place}: the row has no {missing[0]}.")
    return row


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _artifacts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in (value if isinstance(value, list) else []) if isinstance(_mapping(one).get("name"), str)]


def _input(said: Mapping[str, Any]) -> dict[str, Any]:
    """What went into an action, without what is of another type than the API gives it."""
    given = _mapping(said.get("input"))
    kind = {key: value for key, value in _mapping(given.get("actionTypeId")).items() if isinstance(value, str)}
    return {**{key: value for key, value in given.items() if isinstance(value, str)}, "actionTypeId": kind,
            "configuration": dict(_mapping(given.get("configuration"))),
            "inputArtifacts": _artifacts(given.get("inputArtifacts"))}


def _state(document: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a pipeline, each stage with its transition as mappings."""
    rows = document.get("stageStates")
    named = [one for one in (rows if isinstance(rows, list) else []) if isinstance(_mapping(one).get("stageName"), str)]
    return {**document, "stageStates": [
        {**one, "inboundTransitionState": _mapping(one.get("inboundTransitionState"))} for one in named]}


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""


def moment(given: Any, place: str) -> datetime:
    """A time as the CLI writes it: ISO 8601, or seconds since 1970, up to the year 2199. Raises Unreadable."""
    try:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise ValueError
        if isinstance(given, str) and not given.replace(".", "", 1).isdigit():
            found = datetime.fromisoformat(given)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        else:
            found = datetime.fromtimestamp(float(given), UTC)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError
        return found
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"{place}: {given!r} is no time; the CLI writes 2030-01-07T09:00:00+00:00 or "
                         "1893920400.5.") from error


# ---------------------------------------------------------------------------------------------- one history


def _history(found: _Found, name: str, source: str) -> History:
    names = {one for one in (*found.pipelines, *(str(state.get("pipelineName", "")) for state in found.states)) if one}
    if not name and len(names) > 1:
        raise Unreadable(f"{source}: these are the histories of several pipelines ({', '.join(sorted(names))}): "
                         "read each by itself, or say which one is meant.")
    name = name or next(iter(names), "")
    if not found.attempts and not found.executions:
        raise Unreadable(f"{source}: it holds no execution: save list-action-executions.")
    notes = list(_notes(found, name))
    definition = found.pipelines.get(name)
    # the API lists the newest first: at one instant the one that is listed later began earlier
    oldest_first = list(reversed(found.attempts.values()))
    attempts = tuple(sorted(oldest_first, key=lambda one: one.started))
    executions, more = executions_of(dict(reversed(found.executions.items())), attempts)
    state = next((one for one in found.states if str(one.get("pipelineName", name)) == name), {})
    notes += _without_actions(executions, attempts)
    rules = list(reversed(found.rules.values()))
    return History(name or "pipeline", executions, attempts,
                   Pipeline.load(definition, lenient=True) if definition else None, state, (*notes, *more),
                   tuple(sorted(rules, key=lambda one: one.started)))


def _notes(found: _Found, name: str) -> list[Fault]:
    told = []
    if not found.pipelines.get(name):
        told.append(_note("The definition is put together from the actions that ran, because get-pipeline was not saved.",
                          f"aws codepipeline get-pipeline --name {name or 'NAME'} > get-pipeline.json"))
    if not found.executions:
        told.append(_note("How executions began and ended is guessed from their actions, because "
                          "list-pipeline-executions was not saved.",
                          f"aws codepipeline list-pipeline-executions --pipeline-name {name or 'NAME'} > executions.json"))
    for status, place in found.strange.items():
        told.append(_note(f"{status!r} at {place} is no status of CodePipeline; it is left out, and what became of it is "
                          "taken from what else is known."))
    for member in found.open_pages:
        told.append(_note(f"{member} ends in a nextToken: more pages of it are missing.",
                          "Save them too, or let the CLI ask for all of them (without --max-items, --no-paginate)."))
    return told


def _without_actions(executions: tuple[PastExecution, ...], attempts: tuple[PastAttempt, ...]) -> list[Fault]:
    """Executions that must have had actions, and have none here."""
    acted = {one.execution for one in attempts}
    count = sum(one.must_have_acted and one.id not in acted for one in executions)
    return [_note(f"{count} execution{'s have' if count > 1 else ' has'} no action in the history: pages of "
                  "list-action-executions are missing, or AWS has forgotten them (it keeps twelve months).",
                  "Save all its pages.")] if count else []


def _note(message: str, fix: str = "") -> Fault:
    return Fault("history", "", "", message, fix, warning=True)
