"""How the world behaves: durations, failures, pushes, approvers, capacity. A `Scenario` is what a person wrote of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ..pipeline.catalogue import action_type, rule_type
from ..pipeline.model import Action, Pipeline, Rule
from .behaviour import AlarmChange, Approver, Behaviour, Delivery, Push, RetryPolicy, ScriptedCall
from .coming import alarms_of, call_of, closures, delivery_of, is_stream, push_of, stream_of
from .durations import duration
from .parse import APPROVER_KEYS, BEHAVIOUR_KEYS, approver_of, behaviour_of, listed, retry_of, start_of
from .read import plain, read
from .schedules import Schedule, schedule_of
from .selectors import is_glob, said_of
from .streams import Stream, stream

if TYPE_CHECKING:
    from ..iam import Policy

ACCOUNT, REGION = "111122223333", "eu-west-1"
USUAL, USUAL_RULE = (60, 180), (5, 15)
"""Median and 95th percentile, in seconds, of what the catalogue does not know."""


@dataclass(frozen=True)
class Scenario:
    """What a person said of the world; whatever is not said is as usual: the catalogue's durations, no failures, nobody
    who approves, no pushes. `data` is the document (`docs/scenario.md` says its keys), in plain values; everything else
    is read from it. Two scenarios are equal when their documents are. Raises Faults where something is wrong.
    """

    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from .check import check

        document = {str(key): plain(value, str(key)) for key, value in self.data.items() if value is not None}
        check(document)
        object.__setattr__(self, "data", document)

    @staticmethod
    def load(source: str | Path | Mapping[str, Any] | None, pipelines: Iterable[Pipeline] = ()) -> Scenario:
        """Read a scenario from a file, a YAML text or a mapping. Raises Unreadable, or Faults with all that is wrong,
        names that none of the `pipelines` has among it."""
        from .check import check

        document, name = read(source)
        check(document, list(pipelines), name)
        return Scenario(document)

    # ------------------------------------------------------------------------------------------ the account

    @cached_property
    def start(self) -> datetime:
        """The moment at which the clock stands at zero."""
        return start_of(self.data)

    def moment(self, seconds: int) -> datetime:
        """The date and time at which the clock stands at `seconds`."""
        return self.start + timedelta(seconds=seconds)

    @property
    def account(self) -> str:
        return str(self.data.get("account", ACCOUNT))

    @property
    def region(self) -> str:
        return str(self.data.get("region", REGION))

    @cached_property
    def by(self) -> str:
        """Who calls where nobody else is named."""
        return str(self.data.get("by", f"arn:aws:iam::{self.account}:user/lee"))

    @property
    def settings(self) -> Mapping[str, Any]:
        """Our decision on points that AWS leaves open: see `explain`."""
        return dict(self.data.get("settings", {}))

    @cached_property
    def capacity(self) -> Mapping[str, int]:
        """How many actions may use a shared thing at once, by its name: a provider's, or one of your own."""
        return dict(self.data.get("capacity", {}))

    @cached_property
    def polling(self) -> int:
        """Seconds between two looks at a polled source."""
        return duration(self.data.get("polling", 60))

    @cached_property
    def timeouts(self) -> Mapping[str, int]:
        """After how many seconds an action of a provider times out, where that is not AWS's default."""
        return {name: duration(value) for name, value in self.data.get("timeouts", {}).items()}

    @property
    def events(self) -> Mapping[str, bool]:
        """Whether an event rule starts the pipeline, for sources where that is not plain from their configuration."""
        return dict(self.data.get("events", {}))

    @cached_property
    def roles(self) -> Mapping[str, Any]:
        """The policies of service roles, by ARN. A role that is not said may do everything."""
        return _policies(self.data.get("roles", {}))

    @cached_property
    def trust(self) -> Mapping[str, Policy]:
        """The trust policies of roles, by ARN. A role that is not said may be assumed."""
        from ..iam import TRUST, parse

        return {arn: parse(policy, kind=TRUST) for arn, policy in self.data.get("trust", {}).items()}

    @property
    def topics(self) -> Mapping[str, Policy | None] | None:
        """The SNS topics that the account has, by ARN, with their policies. None: whichever is named is there."""
        said = self.data.get("topics")
        if said is None:
            return None
        here = f"arn:aws:sns:{self.region}:{self.account}:"
        return {name if name.startswith("arn:") else here + name: None for name in listed(said)}

    @cached_property
    def identities(self) -> Mapping[str, Any]:
        """The policies of callers, by ARN. Whoever is not said may do everything."""
        return _policies(self.data.get("identities", {}))

    # ------------------------------------------------------------------------------------------ actions and people

    def behaviour(self, stage: str, action: Action) -> Behaviour:
        """How an action behaves. What is said of it by name goes before globs (`Test/*`; fewer wildcards and longer
        first), these before its provider (`CodeBuild`), that before `*`, that before the catalogue; key by key."""
        known = action_type(action.type)
        return self._behaviour("actions", f"{stage}/{action.name}", action.provider,
                               known.usual(action.configuration) if known else USUAL)

    def rule(self, stage: str, gate: str, rule: Rule) -> Behaviour:
        """How a rule of a condition behaves: `Prod/ON_SUCCESS/Smoke`, with globs as for actions."""
        known = rule_type(rule.provider)
        usual = known.duration if known else USUAL_RULE
        return self._behaviour("rules", f"{stage}/{gate}/{rule.name}", rule.provider, usual)

    def _behaviour(self, home: str, place: str, provider: str, usual: tuple[int, int]) -> Behaviour:
        key = (home, place, provider, usual)
        if key not in self._found:
            said = self._said(home, place, provider)
            said.setdefault("duration", {"p50": usual[0], "p95": usual[1]})
            self._found[key] = behaviour_of(said)
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[str, str, str, tuple[int, int]], Behaviour]:
        """Behaviours that have been asked for: many simulations may share a scenario."""
        return {}

    def approver(self, stage: str, action: Action) -> Approver | None:
        """Who answers an approval; None where nobody in the scenario does: a person will, or the time-out comes."""
        said = self._said("approvals", f"{stage}/{action.name}", action.provider)
        return approver_of(said, self.start) if said and not said["nobody"] else None

    def _said(self, home: str, place: str, provider: str) -> dict[str, Any]:
        tables = [self.data.get(home, {}), *(layer.get(home, {}) for layer in listed(self.data.get("but")))]
        return said_of(tables, place, provider)

    def retry_policy(self, stage: str) -> RetryPolicy | None:
        """How a person retries this stage when it has failed; None where nobody does."""
        said = self.data.get("retry")
        if not said or not any(fnmatchcase(stage, glob) for glob in listed(said.get("stages", "*"))):
            return None
        return retry_of(said)

    # ------------------------------------------------------------------------------------------ what comes when

    def pushes(self, seed: int) -> Iterator[Push]:
        """The revisions that arrive under this seed, in order of time; at one instant the listed ones first, then the
        streams as they are listed."""
        moving = [stream(one, number, seed) for number, one in enumerate(self.streams)]
        return merge(self.listed_pushes, *moving, key=lambda push: push.time)

    @cached_property
    def listed_pushes(self) -> tuple[Push, ...]:
        """The pushes at set times, in their order."""
        said = (one for one in listed(self.data.get("pushes")) if not is_stream(one))
        return tuple(sorted((push_of(one, self.start) for one in said), key=lambda push: push.time))

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """The streams of pushes; the k-th (from 0) draws by the place `pushes#k`."""
        return tuple(stream_of(one, self.start) for one in listed(self.data.get("pushes")) if is_stream(one))

    @property
    def endless(self) -> bool:
        """Whether a stream of pushes or a schedule has no end."""
        return any(ends is None and most is None for ends, most in [
            *((one.ends, one.most) for one in self.streams), *((one.ends, one.most) for one in self.schedules)])

    @property
    def silent(self) -> bool:
        """Whether nothing starts by itself: neither pushes nor schedules nor calls."""
        return not any(self.data.get(key) for key in ("pushes", "schedules", "deliveries")) and not any(
            call.operation in ("StartPipelineExecution", "CreatePipeline") for call in self.calls)

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """The scheduled rules of EventBridge."""
        return tuple(schedule_of(said, self.start) for said in listed(self.data.get("schedules")))

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What is sent to webhooks, in order of time."""
        found = (delivery_of(said, self.start) for said in listed(self.data.get("deliveries")))
        return tuple(sorted(found, key=lambda delivery: delivery.time))

    @cached_property
    def calls(self) -> tuple[ScriptedCall, ...]:
        """The calls that people make at set times, transitions that are closed for a while among them."""
        found = [call_of(said, self.start) for said in listed(self.data.get("calls"))]
        for said in listed(self.data.get("transitions")):
            found += closures(said, self.start)
        return tuple(sorted(found, key=lambda call: call.at))

    @cached_property
    def alarms(self) -> tuple[AlarmChange, ...]:
        """When alarms change."""
        found = [change for said in listed(self.data.get("alarms")) for change in alarms_of(said, self.start)]
        return tuple(sorted(found, key=lambda change: change.at))

    # ------------------------------------------------------------------------------------------ another world

    def but(self, selector: str | None = None, **changes: Any) -> Scenario:
        """The same world but for this: `but("Test/Integration", failure=0.2)` for the actions, approvals or rules that a
        selector names, whatever was said of them before; `but(capacity={"CodeBuild": 5})` for a key of the whole.
        Raises Faults."""
        if selector is None:
            return Scenario({**self.data, **changes})
        home = _home(selector, changes)
        if "/" in selector and not is_glob(selector) and "but" not in self.data:
            table = dict(self.data.get(home, {}))
            before = table.get(selector, {})
            table[selector] = {**(before if isinstance(before, Mapping) else {}), **changes}
            return Scenario({**self.data, home: table})
        return Scenario({**self.data, "but": [*listed(self.data.get("but")), {home: {selector: changes}}]})

    def to_yaml(self) -> str:
        """The document, as `load` reads it back."""
        text: str = yaml.safe_dump(self.data, sort_keys=False, allow_unicode=True, width=120)
        return text

    def describe(self) -> str:
        """What this scenario says, in words, a line for each thing."""
        from .describe import describe

        return describe(self)

    def __hash__(self) -> int:
        return hash(frozenset(self.data))  # equal documents have equal keys; their values cannot be hashed

    def __getstate__(self) -> dict[str, Any]:
        return {"data": self.data}


def _home(selector: str, changes: Mapping[str, Any]) -> str:
    """Which table a change belongs to, by what it says and of whom."""
    if selector.count("/") == 2:
        return "rules"
    return "approvals" if changes and changes.keys() <= APPROVER_KEYS - BEHAVIOUR_KEYS else "actions"


def _policies(said: Mapping[str, Any]) -> dict[str, Any]:
    if not said:
        return {}
    from ..iam import parse

    return {arn: [parse(document) for document in listed(documents)] for arn, documents in said.items()}
