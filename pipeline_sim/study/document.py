"""What a claim may speak of: the parts of a run as plain JSON, each made when a claim names it.

`e1`, `e2`, … are the executions of the first pipeline: `status`, `trigger`, `type`, `stages` and `actions` (a status for
each; `DidntRun` where it never ran), `attempts` by action, `times` by stage, `revisions`. The other parts are in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from ..aws.account import of
from ..aws.patterns import InvalidEventPattern, matches
from ..iam import decide, parse, requirements
from ..iam.policy import RESOURCE
from ..ids import execution_id
from ..pipeline.catalogue import ACTIONS
from ..record import INBOUND, Called
from ..shapes import members_of, operations
from ..state import ExecutionState, PipelineState
from ..views.api import answer
from ..views.cloudtrail import trail
from ..views.cost import PRICES, ledger
from ..views.events import events
from ..views.notifications import EVENT_TYPES, NotificationRule, approval_messages, notifications
from ..views.why import places, why
from .many import metrics, what_if
from .telling import line
from .world import World

DID_NOT_RUN = "DidntRun"
Json = Any


def document(world: World, wanted: Iterable[str]) -> dict[str, Json]:
    """The parts of a world that are named in `wanted`; other words in it are left alone."""
    names = set(wanted)
    if "accepted" in names and not _part(world, "accepted"):
        return {name: _part(world, name) for name in WITHOUT_A_RUN if name in names}
    found = {name: _part(world, name) for name in PARTS if name in names}
    if any(name[:1] == "e" and name[1:].isdigit() for name in names):
        found |= {f"e{one['number']}": one for one in _part(world, "executions")}
    return found


def _part(world: World, name: str) -> Json:
    if name not in world.parts:
        world.parts[name] = PARTS[name](world)
    return world.parts[name]


# ---------------------------------------------------------------------------------------------- executions


def _pipeline(world: World) -> PipelineState:
    """The first pipeline, also where it was deleted in the run."""
    state = world.run.state
    return next(iter([*state.pipelines.values(), *state.deleted]))


def _executions(world: World) -> list[Json]:
    return [_execution(one) for one in _pipeline(world).executions.values()]


def _execution(one: ExecutionState) -> Json:
    stages, actions, attempts, times = {}, {}, {}, {}
    for stage in one.definition.stages:
        run = one.stages.get(stage.name)
        never = run is None or (run.status == INBOUND and not one.active)  # it waited in front, and ended there
        stages[stage.name] = DID_NOT_RUN if never or run is None else run.status
        times[stage.name] = {"arrived": run.arrived, "entered": run.entered, "ended": run.ended} if run else {}
        for action in stage.actions:
            tries = run.attempts.get(action.name, []) if run else []
            place = f"{stage.name}/{action.name}"
            actions[place] = tries[-1].status if tries else DID_NOT_RUN
            attempts[place] = [{"status": each.status, "started": each.started, "ended": each.ended,
                                "code": each.result.code, "message": each.result.message, "waits": each.waits,
                                "configuration": dict(each.result.configuration or action.configuration)}
                               for each in tries]
    return {"number": one.number, "status": one.status, "trigger": one.start.trigger, "type": one.start.kind,
            "mode": one.mode, "version": one.definition.version, "started": one.started, "updated": one.updated,
            "ended": None if one.active else one.updated,
            "stage": one.stage, "summary": one.summary, "stages": stages, "actions": actions, "attempts": attempts,
            "times": times, "revisions": {name: revision.number for name, revision in one.revisions.items()}}


# ---------------------------------------------------------------------------------------------- as AWS shows it


def plain(value: Any) -> Json:
    """An answer of the API as JSON: moments in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def _asked(world: World, operation: str, **request: Any) -> Json:
    return plain(answer(world.run.state, operation, request))


def _state(world: World) -> Json:
    """GetPipelineState, with its stages by name besides (`state.Prod`)."""
    told = _asked(world, "GetPipelineState", name=_pipeline(world).name)
    return {**told, **{stage["stageName"]: stage for stage in told["stageStates"]}}


def _calls(world: World) -> Json:
    return [{"operation": one.operation, "at": one.time, "by": one.by, "error": one.error[0] if one.error else "",
             "message": one.error[1] if one.error else "", "answer": plain(one.answer or {})}
            for one in world.run.records if isinstance(one, Called)]


def _why(world: World) -> Json:
    state, records = world.run.state, world.run.records
    name = _pipeline(world).name
    several = len(state.pipelines) > 1
    asked = {place: place for place in places(state)}
    if several:  # the first pipeline's may be named without it
        asked |= {place.removeprefix(f"{name}:"): place for place in places(state) if place.startswith(f"{name}:")}
    asked |= {str(number): f"{name}:{number}" if several else str(number) for number in _pipeline(world).executions}
    return {said: why(state, place, records).sentence for said, place in asked.items()}


def _cost(world: World) -> Json:
    """Action minutes, their price in USD before the free tier, and which actions are billed."""
    lines = ledger(world.run.state).lines
    return {"minutes": sum(each.minutes for each in lines), "amount": round(sum(each.amount for each in lines), 6),
            "build_minutes": sum(each.build_minutes for each in lines),
            "billed": [f"{each.stage}/{each.name}" for each in lines if each.minutes or each.amount],
            "pipeline_month": PRICES.pipeline_month, "break_even": PRICES.break_even,
            "free_action_minutes": PRICES.free_action_minutes}


# ---------------------------------------------------------------------------------------------- rules beside the run


def _faults(world: World) -> Json:
    return [{"path": fault.path, "where": fault.where, "error": fault.error, "message": fault.message, "fix": fault.fix}
            for fault in world.faults if not fault.warning]


def _needs(world: World) -> Json:
    """What the roles must be allowed, by action: the essential requirements of each."""
    scenario, found = world.scenario, {}
    for pipeline in world.pipelines:
        for stage in pipeline.stages:
            for action in stage.actions:
                asked = requirements(action, action.configuration, pipeline, action.region or scenario.region,
                                     scenario.account)
                found[f"{stage.name}/{action.name}"] = [
                    {"action": need.action, "resource": need.resource, "role": need.role} for need in asked]
    return found


def _decision(world: World) -> Json:
    """IAM's answer to what `decide` says: `policies` (documents or names), `action`, `resource`, `principal`, `context`,
    `resource_policy`, `boundary`."""
    said = dict(world.said["decide"])
    policies = [parse(one) for one in said.pop("policies", [])]
    asked = {key: said[key] for key in ("action", "resource", "context", "principal", "account") if key in said}
    if "resource_policy" in said:
        asked["resource_policy"] = parse(said["resource_policy"], kind=RESOURCE)
    if "boundary" in said:
        asked["boundary"] = parse(said["boundary"])
    found = decide(policies, **asked)
    return {"allowed": found.allowed, "kind": found.kind, "reason": found.reason}


def _matched(world: World) -> Json:
    """The events of the run that the event pattern in `pattern` matches; one that is refused matches nothing."""
    try:
        return [event for event in events(world.run.records) if matches(world.said["pattern"], event)]
    except InvalidEventPattern:
        return []


def _notified(world: World) -> Json:
    """What a notification rule on the first pipeline delivers: `notify` has its `events`, `targets`, `detail`."""
    said = world.said["notify"]
    rule = NotificationRule("rule", said.get("pipeline", _pipeline(world).name), said["events"],
                            said.get("targets", ["arn:aws:sns:eu-west-1:111122223333:team"]), said.get("detail", "FULL"))
    return [{"at": sent.time, "target": sent.target, "event": sent.event} for sent in
            notifications(world.run.records, [rule])]


def _messages(world: World) -> Json:
    return [{"at": one.time, "topic": one.topic, "subject": one.subject, "body": one.body}
            for one in approval_messages(world.run.records)]


def _topics(world: World) -> Json:
    """What each SNS topic of the account has got, by its name."""
    return {arn.rpartition(":")[2]: [one._asdict() for one in topic.messages]
            for arn, topic in of(world.run).topics.items()}


def _delivered(world: World) -> Json:
    """What became of each event that a rule of EventBridge matched, at each of its targets."""
    return [{"at": one.time, "rule": one.rule, "target": one.arn, "delivered": one.delivered, "against": one.against}
            for one in of(world.run).deliveries]


@cache
def _catalogue() -> Json:
    """What is known of AWS's types of action, by `Category/Provider`."""
    return {f"{info.type.category}/{info.type.provider}": {
        "owner": info.type.owner, "inputs": list(info.inputs), "outputs": list(info.outputs), "timeout": info.timeout,
        "keys": [key.name for key in info.keys], "required": list(info.required), "variables": list(info.variables),
        "permissions": list(info.permissions), "v2_only": info.v2_only, "managed_compute": info.managed_compute,
        "values": {key.name: list(key.values) for key in info.keys if key.values},
        "reply_timeout": info.reply_timeout} for info in ACTIONS}


PARTS: Mapping[str, Callable[[World], Json]] = {
    "executions": _executions,
    "count": lambda world: len(_executions(world)),
    "definition": lambda world: plain(_pipeline(world).definition.structure),
    "lines": lambda world: [told for record in world.run.records if (told := line(record))],
    "state": _state,
    "history": lambda world: _asked(world, "ListPipelineExecutions",
                                    pipelineName=_pipeline(world).name)["pipelineExecutionSummaries"],
    "details": lambda world: _asked(world, "ListActionExecutions",
                                    pipelineName=_pipeline(world).name)["actionExecutionDetails"],
    "ids": lambda world: [execution_id(world.run.seed, _pipeline(world).name, number)
                          for number in _pipeline(world).executions],
    "calls": _calls,
    "refused": lambda world: [one["error"] for one in _calls(world) if one["error"]],
    "events": lambda world: events(world.run.records),
    "matched": _matched,
    "trail": lambda world: plain(trail(world.run.records)),
    "messages": _messages,
    "notified": _notified,
    "topics": _topics,
    "delivered": _delivered,
    "why": _why,
    "cost": _cost,
    "metrics": metrics,
    "whatif": what_if,
    "faults": _faults,
    "accepted": lambda world: not _faults(world),
    "needs": _needs,
    "decision": _decision,
    "catalogue": lambda world: _catalogue(),
    "operations": lambda world: sorted(operations()),
    "members": lambda world: {name: sorted(members_of(name)) for name in operations()},
    "event_types": lambda world: list(EVENT_TYPES),
}
WITHOUT_A_RUN = ("accepted", "faults", "catalogue", "operations", "members", "event_types")
"""What can be said of a pipeline that AWS refuses."""

RUN, MANY, POLICY, CHECK, CATALOGUE = "run", "many", "policy", "check", "catalogue"
_PROVEN_BY: Mapping[str, tuple[str, ...]] = {
    POLICY: ("needs", "decision"), CHECK: ("accepted", "faults", "definition"),
    CATALOGUE: ("catalogue", "operations", "members", "event_types")}


def proven_by(wanted: Collection[str]) -> str:
    """By what a claim with these names is proven: many runs, or one (of whatever else it speaks, too), what roles must be
    allowed and IAM decides, the check of the definition, or the catalogue of AWS's types and operations."""
    if "whatif" in wanted:
        return MANY
    names = {name for name in wanted if name in PARTS or (name[:1] == "e" and name[1:].isdigit())}
    if not names <= {name for parts in _PROVEN_BY.values() for name in parts}:
        return RUN
    return next((kind for kind, parts in _PROVEN_BY.items() if names & set(parts)), RUN)
