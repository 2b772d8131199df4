"""A pipeline is created, gets its next version, or goes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ...pipeline.check import check, first_error
from ...pipeline.model import Pipeline
from ...pipeline.read import from_structure, with_defaults
from ...refused import Refused
from ...rules import polls
from ...shapes import MASK, SECRET_KEYS
from ...state import PipelineState
from ...views.api.definitions import without_secrets
from ...views.api.tags import check_tags
from ..starts import start
from ..walk import cancel_outdated
from .answering import Reply, Request

if TYPE_CHECKING:
    from .. import Simulation

PIPELINES = 1000
POLLING = 300


def create_pipeline(sim: Simulation, request: Request, by: str) -> Reply:
    """A pipeline is created and runs once (0.3, 4.2); a polling source finds its revision by itself [PROBE-B]."""
    new = _checked(sim, request["pipeline"], 1)
    check_tags(request.get("tags", ()))
    if new.name in sim.state.pipelines:
        raise Refused("PipelineNameInUseException", f"A pipeline with the name '{new.name}' already exists")
    if len(sim.state.pipelines) >= PIPELINES:
        raise Refused("LimitExceededException", f"The account has {PIPELINES} pipelines, its limit")
    _within_polling(sim, new)
    answer: dict[str, Any] = {"pipeline": dict(new.structure)}
    if request.get("tags"):
        answer["tags"] = list(request["tags"])
    shown = {**answer, "pipeline": without_secrets(sim.state, answer["pipeline"])}
    return Reply(shown, answer, lambda: _first_run(sim, sim.state.pipelines[new.name], by))


def _within_polling(sim: Simulation, new: Pipeline) -> None:
    """A Region may have so many pipelines that poll (4.2, 10) [UG22:limits]; asked where the new one does."""
    if not any(map(polls, new.sources)):
        return
    others = (one.definition for one in sim.state.pipelines.values() if one.name != new.name)
    if sum(any(map(polls, one.sources)) for one in others) >= POLLING:
        raise Refused("LimitExceededException", f"The Region has {POLLING} pipelines that poll their sources, its limit")


def _first_run(sim: Simulation, pipeline: PipelineState, by: str) -> None:
    from ..world import detections, may_look

    polling = [action for action in pipeline.definition.sources
               if "PollForSourceChanges" in detections(sim, pipeline, action)]
    for action in [action for action in polling if may_look(sim, pipeline, action)]:
        start(sim, pipeline, "PollForSourceChanges", action.name)
    if not polling:
        start(sim, pipeline, "CreatePipeline", by)


def update_pipeline(sim: Simulation, request: Request, by: str) -> Reply:
    """The next version of a pipeline; it does not start a run and ends those under way (0.3, 4.3). The API declares no
    PipelineNotFoundException here: an unknown name is an InvalidStructureException (1.5)."""
    name = request["pipeline"]["name"]
    if name not in sim.state.pipelines:
        raise Refused("InvalidStructureException", f"There is no pipeline named '{name}' to update")
    pipeline = sim.state.pipelines[name]
    given = _with_secrets(request["pipeline"], pipeline.definition)
    new = _checked(sim, given, pipeline.definition.version + 1)
    _within_polling(sim, new)
    answer = {"pipeline": dict(new.structure)}
    shown = {"pipeline": without_secrets(sim.state, new.structure)}
    return Reply(shown, answer, lambda: cancel_outdated(sim, pipeline))


def _with_secrets(structure: Mapping[str, Any], old: Pipeline) -> dict[str, Any]:
    """The structure in which a mask that was read and sent back stands for the secret it hides, as long as stage and
    action keep their names (1.1) [UG:pipeline-requirements]."""
    known = {(stage.name, action.name): action.configuration for stage, action in old.walk()}
    filled = deepcopy(dict(structure))
    for stage in filled["stages"]:
        for action in stage["actions"]:
            before = known.get((stage["name"], action["name"]), {})
            for key, value in action.get("configuration", {}).items():
                if key in SECRET_KEYS and value == MASK and key in before:
                    action["configuration"][key] = before[key]
    return filled


def delete_pipeline(sim: Simulation, request: Request, by: str) -> Reply:
    """A pipeline goes, with its executions under way; an unknown name is no error [knowledge]."""
    name = request["name"]
    return Reply({}, {}, lambda: _forget_runs(sim, name))


def _forget_runs(sim: Simulation, name: str) -> None:
    """The runs of a pipeline that is gone end unheard: there is no execution left to write of."""
    for key in [key for key in sim.runs if key[0] == name]:
        run = sim.runs.pop(key)
        run.over = True
        if run.check is not None:
            run.check.leave(sim)
        for work in run.works:
            if not work.status:
                work.leave()
                work.status = "Abandoned"


def _checked(sim: Simulation, structure: Mapping[str, Any], version: int) -> Pipeline:
    found = check(structure, custom_types=sim.state.custom_types, region=sim.state.region)
    faults = [fault for fault in found if not fault.warning]
    if faults:
        raise Refused(*first_error(faults))
    checked = from_structure(with_defaults({**structure, "version": version}))
    if sim.trust:
        _against_its_roles(sim, checked)
    return checked


def _against_its_roles(sim: Simulation, pipeline: Pipeline) -> None:
    """A role that may not be assumed is refused with the definition (1.5, 8.1) [PROBE-B, WEB]."""
    from ..permissions import SERVICE, against_assuming

    if against_assuming(sim, pipeline) is not None:
        raise Refused("InvalidStructureException",
                      f"{SERVICE} is not authorized to perform AssumeRole on role {pipeline.role_arn}")
    for stage, action in pipeline.walk():
        if against_assuming(sim, pipeline, action) is not None:
            raise Refused("InvalidStructureException",
                          f"{pipeline.role_arn} is not authorized to perform AssumeRole on role {action.role_arn} of the "
                          f"action {stage.name}/{action.name}")
