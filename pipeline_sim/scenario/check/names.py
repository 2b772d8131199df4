"""Which names in a scenario no pipeline answers to, each with the name that may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ...pipeline.catalogue import ACTIONS, RULES
from ...pipeline.fault import near
from ...pipeline.model import Pipeline, Stage
from ..parse import listed
from ..selectors import is_glob, names
from .tell import Found, fault

MOST_NAMED = 12
REPOSITORIES = ("RepositoryName", "FullRepositoryId", "S3Bucket", "Repo")
PROVIDERS = frozenset({info.type.provider for info in ACTIONS} | {info.provider for info in RULES})
"""A scenario may speak of a provider that this pipeline does not use: it is often written for several."""
CHANGES = ("CreatePipeline", "UpdatePipeline", "DeletePipeline")
BY_NAME = ("StartPipelineExecution", "GetPipeline")
FATES = frozenset({"failure", "defect"})


class Known(NamedTuple):
    """What the pipelines have: places with their providers, by the table in which a scenario speaks of them."""

    actions: Mapping[str, str]
    approvals: Mapping[str, str]
    rules: Mapping[str, str]
    stages: frozenset[str]
    sources: frozenset[str]
    pipelines: frozenset[str]


def unknown_names(document: Mapping[str, Any], pipelines: Sequence[Pipeline]) -> Found:
    """A name or glob that nothing in the pipelines answers to."""
    known = known_of(pipelines)
    for path, layer in _layers(document):
        for key in ("actions", "approvals", "rules"):
            yield from _unknown_selectors(f"{path}{key}", layer.get(key), key[:-1], getattr(known, key))
        yield from _fates_of_approvals(f"{path}actions", layer.get("actions"), known)
    yield from _unknown_stages(document, known)
    yield from _unknown_sources(document, known)
    yield from _unknown_providers(document, known)


def known_of(pipelines: Sequence[Pipeline]) -> Known:
    walk = [(stage.name, action) for pipeline in pipelines for stage, action in pipeline.walk()]
    sources = {name for pipeline in pipelines for action in pipeline.sources
               for name in (action.name, f"{pipeline.stages[0].name}/{action.name}",
                            *(action.configuration.get(key, "") for key in REPOSITORIES))}
    return Known(
        {f"{stage}/{action.name}": action.provider for stage, action in walk},
        {f"{stage}/{action.name}": action.provider for stage, action in walk if action.is_approval},
        {place: provider for pipeline in pipelines for stage in pipeline.stages for place, provider in _rules(stage)},
        frozenset(stage.name for pipeline in pipelines for stage in pipeline.stages), frozenset(sources - {""}),
        frozenset(pipeline.name for pipeline in pipelines))


def _rules(stage: Stage) -> Iterator[tuple[str, str]]:
    for gate, condition in stage.conditions.items():
        for rule in condition.rules:
            yield f"{stage.name}/{gate}/{rule.name}", rule.provider


def _layers(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "", document
    for number, layer in enumerate(listed(document.get("but"))):
        if isinstance(layer, Mapping):
            yield f"but[{number}].", layer


def _unknown_selectors(path: str, table: Any, what: str, places: Mapping[str, str]) -> Found:
    for selector in table if isinstance(table, Mapping) else ():
        if selector not in PROVIDERS and not any(names(selector, place, one) for place, one in places.items()):
            yield fault(f"{path}[{selector}]", f"no {what} of the pipeline is called '{selector}'.",
                        _meant(selector, [*places, *sorted(set(places.values()))]))


def _meant(name: str, there: Iterable[str]) -> str:
    """The near name, or all of them."""
    known = list(there)
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return near(name, known) or f"There is {', '.join(known[:MOST_NAMED]) or 'none'}{more}."


def _fates_of_approvals(path: str, table: Any, known: Known) -> Found:
    for selector, said in table.items() if isinstance(table, Mapping) else ():
        if selector in known.approvals and isinstance(said, Mapping) and FATES & said.keys():
            yield fault(f"{path}[{selector}]", "an approval does not fail by chance; somebody rejects it.",
                        f"Write approvals: {{{selector}: {{probability: 80%}}}}.")


def _missing(path: str, said: Iterable[Any], what: str, there: Iterable[str]) -> Found:
    known = sorted(map(str, there))
    for name in said:
        if name not in known:
            yield fault(f"{path}[{name}]", f"no {what} of the pipeline is called '{name}'.", _meant(str(name), known))


def _unknown_stages(document: Mapping[str, Any], known: Known) -> Found:
    """In transitions, calls and whom somebody retries. Calls may change what there is: then every name is let pass."""
    calls = [{**one, **(one.get("request") or {})} for one in listed(document.get("calls"))
             if isinstance(one, Mapping) and isinstance(one.get("request") or {}, Mapping)]
    if any(one.get("operation") in CHANGES for one in calls):
        return
    transitions = [one for one in listed(document.get("transitions")) if isinstance(one, Mapping)]
    retry = document.get("retry")
    said = [(f"transitions[{number}].stage", one.get("stage")) for number, one in enumerate(transitions)]
    said += [("retry.stages", name) for name in listed(retry.get("stages") if isinstance(retry, Mapping) else None)]
    for path, name in said:
        if name is not None and not _answers(str(name), known.stages):
            yield fault(path, f"no stage is called '{name}'.", _meant(str(name), sorted(known.stages)))
    for number, one in enumerate(calls):
        yield from _unknown_in_call(f"calls[{number}]", one, known)


def _unknown_in_call(path: str, said: Mapping[str, Any], known: Known) -> Found:
    """A name that is nearly the name of something is a slip. Any other is let pass: the API will refuse the call, which
    may be the story that is to be told."""
    stage = str(said.get("stageName", ""))
    actions = [place.removeprefix(f"{stage}/") for place in known.actions if place.startswith(f"{stage}/")]
    pipeline = "name" if said.get("operation") in BY_NAME else "pipelineName"
    for key, what, there in (("stageName", "stage", known.stages), ("actionName", "action", actions),
                             (pipeline, "pipeline", known.pipelines)):
        name = str(said.get(key, ""))
        if name and name not in there and (meant := near(name, there)):
            yield fault(f"{path}.{key}", f"no {what} is called '{name}'.", meant)


def _answers(name: str, there: Iterable[str]) -> bool:
    return any(name == one or is_glob(name) and fnmatchcase(one, name) for one in there)


def _unknown_providers(document: Mapping[str, Any], known: Known) -> Found:
    """In time-outs and capacities; a capacity may also have a name that actions ask for."""
    providers = PROVIDERS | set(known.actions.values())
    asked = {str(said["capacity"]) for _, layer in _layers(document) if isinstance(layer.get("actions"), Mapping)
             for said in layer["actions"].values() if isinstance(said, Mapping) and "capacity" in said}
    for key, there in (("timeouts", providers), ("capacity", providers | asked)):
        if isinstance(document.get(key), Mapping):
            yield from _missing(key, document[key], "provider", there)


def _unknown_sources(document: Mapping[str, Any], known: Known) -> Found:
    """In pushes (a source action or its repository), schedules (a pipeline) and events (a source action)."""
    for number, one in enumerate(listed(document.get("pushes"))):
        name = one.get("source") if isinstance(one, Mapping) else None
        if name and name not in known.sources:
            yield fault(f"pushes[{number}].source", f"no source is called '{name}'.",
                        _meant(str(name), sorted(known.sources)))
    names = sorted(known.pipelines)
    for number, one in enumerate(listed(document.get("schedules"))):
        name = str(one.get("pipelineName", "")) if isinstance(one, Mapping) else ""
        if name and name not in known.pipelines:
            yield fault(f"schedules[{number}].pipelineName", f"no pipeline is called '{name}'.", _meant(name, names))
        elif not name and len(names) > 1:
            yield fault(f"schedules[{number}]", "there are several pipelines.", f"Add pipelineName: {' or '.join(names)}.")
    if isinstance(document.get("events"), Mapping):
        yield from _missing("events", document["events"], "source", known.sources & known.actions.keys())
