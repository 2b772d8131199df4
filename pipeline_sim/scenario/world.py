"""How the world behaves: durations, failures, pushes, approvers, capacity. A `Scenario` is what a person wrote of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from heapq import merge
from pathlib import Path
from typing import Any

import yaml

from ..pipeline.catalogue import action_type, rule_type
from ..pipeline.model import Action, Pipeline, Rule
from .behaviour import AlarmChange, Approver, Behaviour, Push, RetryPolicy, ScriptedCall
from .hours import Hours
from .parse import (
    approver_of,
    behaviour_keys,
    behaviour_of,
    is_stream,
    listed,
    push_of,
    streams_of,
)
from .quantiles import Quantiles, duration
from .streams import stream

START = "2030-01-07T09:00:00+00:00"
ACCOUNT, REGION = "111122223333", "eu-west-1"


@dataclass(frozen=True)
class Scenario:
    """What a person said of the world; whatever is not said is as usual: the catalogue's durations, no failures, nobody
    who approves, no pushes. `data` is the document (`docs/scenario.md` says its keys); everything else is read from it.
    """

    data: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def load(source: str | Path | Mapping[str, Any] | None, pipelines: Iterable[Pipeline] = ()) -> Scenario:
        """Read a scenario from a file, a YAML text or a mapping. Raises Unreadable, or Faults with all that is wrong,
        names that none of the `pipelines` has among it."""
        from .check import checked

        return Scenario(checked(source, list(pipelines)))

    # ------------------------------------------------------------------------------------------ the account

    @cached_property
    def start(self) -> datetime:
        """The moment at which the clock stands at zero."""
        given = self.data.get("start", START)
        moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given).replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def account(self) -> str:
        return str(self.data.get("account", ACCOUNT))

    @property
    def region(self) -> str:
        return str(self.data.get("region", REGION))

    @property
    def by(self) -> str:
        """Who calls where nobody else is named."""
        return str(self.data.get("by", f"arn:aws:iam::{self.account}:user/lee"))

    @property
    def settings(self) -> Mapping[str, Any]:
        """Our decision on points that AWS leaves open: see `explain`."""
        return dict(self.data.get("settings", {}))

    @cached_property
    def capacity(self) -> Mapping[str, int]:
        return {str(name): int(count) for name, count in self.data.get("capacity", {}).items()}

    @cached_property
    def polling(self) -> int:
        """Seconds between two looks at a polled source."""
        return duration(self.data.get("polling", 60))

    @cached_property
    def timeouts(self) -> Mapping[str, int]:
        return {name: duration(value) for name, value in self.data.get("timeouts", {}).items()}

    @property
    def events(self) -> Mapping[str, bool]:
        """Whether an event rule starts the pipeline, for sources where that is not plain from their configuration."""
        return dict(self.data.get("events", {}))

    @cached_property
    def roles(self) -> Mapping[str, Any]:
        return _policies(self.data.get("roles", {}))

    @cached_property
    def identities(self) -> Mapping[str, Any]:
        return _policies(self.data.get("identities", {}))

    def moment(self, seconds: int) -> datetime:
        """The date and time at which the clock stands at `seconds`."""
        return self.start + timedelta(seconds=seconds)

    # ------------------------------------------------------------------------------------------ actions and people

    def behaviour(self, stage: str, action: Action) -> Behaviour:
        """How an action behaves. What is said of it by name goes before globs (`Test/*`; fewer wildcards and longer
        first), these before its provider (`CodeBuild`), that before `*`, that before the catalogue; key by key."""
        said = _merged(self.data.get("actions", {}), f"{stage}/{action.name}", action.provider)
        known = action_type(action.type)
        usual = known.duration if known else (60, 180)
        if "duration" not in said:
            said["duration"] = {"p50": usual[0], "p95": usual[1]}
        return behaviour_of(said)

    def approver(self, stage: str, action: Action) -> Approver | None:
        """Who answers an approval; None where nobody in the scenario does: a person will, or the time-out comes."""
        return self._approver_of(f"{stage}/{action.name}")

    def _approver_of(self, place: str) -> Approver | None:
        said = _merged(self.data.get("approvals", {}), place, "Manual")
        return approver_of(said, self.start) if said and not said.get("nobody") else None

    def rule(self, stage: str, gate: str, rule: Rule) -> Behaviour:
        """How a rule of a condition behaves: `Prod/ON_SUCCESS/Smoke`, with globs as for actions."""
        said = _merged(self.data.get("rules", {}), f"{stage}/{gate}/{rule.name}", rule.provider)
        known = rule_type(rule.provider)
        usual = known.duration if known else (5, 15)
        said.setdefault("duration", {"p50": usual[0], "p95": usual[1]})
        return behaviour_of(said)

    def retry_policy(self, stage: str) -> RetryPolicy | None:
        """How a person retries this stage when it has failed; None where nobody does."""
        said = self.data.get("retry")
        if not said or not any(fnmatchcase(stage, glob) for glob in listed(said.get("stages", "*"))):
            return None
        return RetryPolicy(duration(said.get("after", "15m")), int(said.get("times", 1)),
                           said.get("mode", "FAILED_ACTIONS"))

    # ------------------------------------------------------------------------------------------ what comes when

    def pushes(self, seed: int) -> Iterator[Push]:
        """The revisions that arrive under this seed, in order of time."""
        said = listed(self.data.get("pushes", ()))
        fixed = sorted((push_of(one) for one in said if not is_stream(one)), key=lambda push: push.time)
        moving = [stream(one, number, seed) for number, one in enumerate(streams_of(said, self.start))]
        return merge(fixed, *moving, key=lambda push: push.time)

    @cached_property
    def endless(self) -> bool:
        """Whether a stream of pushes has no end."""
        return any(is_stream(one) and not {"until", "for", "count"} & set(one)
                   for one in listed(self.data.get("pushes", ())))

    @property
    def silent(self) -> bool:
        """Whether nothing starts by itself: neither pushes nor calls."""
        return not self.data.get("pushes") and not any(
            call.operation in ("StartPipelineExecution", "CreatePipeline") for call in self.calls)

    @cached_property
    def calls(self) -> tuple[ScriptedCall, ...]:
        """The calls that people make at set times, transitions that are disabled for a while among them."""
        found = []
        for said in self.data.get("calls", ()):
            rest = {key: value for key, value in said.items() if key not in ("at", "operation", "by", "request")}
            found.append(ScriptedCall(duration(said["at"]), said["operation"], {**rest, **said.get("request", {})},
                                      said.get("by", "")))
        for said in self.data.get("transitions", ()):
            found += _closed_for_a_while(said)
        return tuple(sorted(found, key=lambda call: call.at))

    @cached_property
    def alarms(self) -> tuple[AlarmChange, ...]:
        """When alarms change."""
        found = []
        for said in self.data.get("alarms", ()):
            if "at" in said:
                found.append(AlarmChange(duration(said["at"]), said["name"], said.get("status", "ALARM")))
                continue
            found.append(AlarmChange(duration(said["from"]), said["name"], "ALARM"))
            if "to" in said:
                found.append(AlarmChange(duration(said["to"]), said["name"], "OK"))
        return tuple(sorted(found, key=lambda change: change.at))

    # ------------------------------------------------------------------------------------------ another world

    def but(self, selector: str | None = None, **changes: Any) -> Scenario:
        """The same world but for this: `but("Test/Integration", failure=0.2)` for actions (or approvals, by their own
        keys), `but(capacity={"CodeBuild": 5})` for the whole. Raises Faults."""
        data = deepcopy(dict(self.data))
        if selector is None:
            data.update(changes)
        else:
            home = "actions" if set(changes) <= behaviour_keys() else "approvals"
            data.setdefault(home, {}).setdefault(selector, {}).update(changes)
        return Scenario.load(data)

    def to_yaml(self) -> str:
        """The document, as `load` reads it back."""
        text: str = yaml.safe_dump(_plain(self.data), sort_keys=False, allow_unicode=True, width=120)
        return text

    def __hash__(self) -> int:
        return hash(self.to_yaml())


def _closed_for_a_while(said: Mapping[str, Any]) -> list[ScriptedCall]:
    request = {key: value for key, value in said.items() if key == "pipelineName"}
    request |= {"stageName": said["stage"], "transitionType": said.get("type", "Inbound")}
    reason = said.get("reason", "Closed for a while")
    calls = [ScriptedCall(duration(said.get("from", 0)), "DisableStageTransition", {**request, "reason": reason},
                          said.get("by", ""))]
    if "to" in said:
        calls.append(ScriptedCall(duration(said["to"]), "EnableStageTransition", request, said.get("by", "")))
    return calls


def _merged(table: Mapping[str, Any], place: str, provider: str) -> dict[str, Any]:
    """What is said of a place, the most particular last word on each key."""
    found = [(_rank(selector, place, provider), said) for selector, said in table.items()]
    merged: dict[str, Any] = {}
    for rank, said in sorted(((rank, said) for rank, said in found if rank is not None), key=lambda pair: pair[0]):
        assert rank is not None
        merged.update(said if isinstance(said, Mapping) else {"nobody": True} if said == "nobody" else {})
    return merged


def _rank(selector: str, place: str, provider: str) -> tuple[int, int, int] | None:
    """How particular a selector is for a place; None where it does not name it."""
    if selector == place:
        return (3, 0, 0)
    if selector == "*":
        return (0, 0, 0)
    if selector == provider:
        return (1, 0, 0)
    if fnmatchcase(place, selector):
        return (2, -selector.count("*") - selector.count("?"), len(selector))
    return None


def _policies(said: Mapping[str, Any]) -> dict[str, Any]:
    if not said:
        return {}
    from ..iam import parse

    return {arn: [parse(document) for document in listed(documents)] for arn, documents in said.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Quantiles | Hours):
        return value.as_plain()
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
