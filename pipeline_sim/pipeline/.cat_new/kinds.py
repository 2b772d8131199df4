"""What can be said of a type of action or rule: artifact counts, configuration, permissions, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ..model import ActionType

MINUTE, HOUR, DAY = 60, 3600, 86_400


class Key(NamedTuple):
    """One configuration property of a type. `values`: all that it may be, where AWS lists them."""

    name: str
    required: bool = False
    secret: bool = False
    values: tuple[str, ...] = ()
    queryable: bool = False

    @property
    def is_key(self) -> bool:
        """Whether it tells one use of the type from another, as `key` of the API: a secret never does."""
        return self.required and not self.secret


class Permission(NamedTuple):
    """What the service role (or the action's own role) must be allowed. `resource` is an ARN with `{Region}`,
    `{Account}`, `{Pipeline}`, `{Bucket}` and configuration keys to fill in; `when` names the configuration key that
    makes it needed; without one that is not `essential` the action still does its usual work."""

    action: str
    resource: str = "*"
    when: str = ""
    essential: bool = True


@dataclass(frozen=True)
class ActionInfo:
    """What is known of a type of action. Counts are (least, most); times are seconds.

    `timeout` ends an attempt; only an approval's may be set in the action (`timeout_settable`), `timeout_key` names a
    configuration key that may lower it (minutes), `reply_timeout` ends an invocation that says nothing at all.
    `duration` is a plausible median and 95th percentile, `durations` the same by the value of ActionMode; `failure` the
    probability that an attempt fails where no scenario says so: none, because nothing is known of anybody's code.
    """

    type: ActionType
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    timeout: int
    keys: tuple[Key, ...] = ()
    variables: tuple[str, ...] = ()
    needs: tuple[Permission, ...] = ()
    duration: tuple[int, int] = (30, 90)
    v2_only: bool = False
    managed_compute: bool = False
    open_keys: bool = False
    logs: bool = False
    failure: float = 0.0
    timeout_settable: bool = False
    timeout_key: str = ""
    reply_timeout: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    durations: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    required_by: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.required)

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.secret)

    @property
    def permissions(self) -> tuple[str, ...]:
        """The IAM actions alone."""
        return tuple(need.action for need in self.needs)

    @property
    def billed(self) -> bool:
        """Whether its minutes cost in a V2 pipeline: all but approvals and custom actions do (11) [PRICE]."""
        return self.type.category != "Approval" and self.type.owner != "Custom"

    def also_required(self, given: Mapping[str, object]) -> tuple[str, ...]:
        """The keys that are required because of the value of another (2.4)."""
        return tuple(name for key, by_value in self.required_by.items()
                     for name in by_value.get(str(given.get(key)), ()))

    def usual(self, given: Mapping[str, str]) -> tuple[int, int]:
        """Median and 95th percentile of the duration, by what the action is told to do (12)."""
        return self.durations.get(given.get("ActionMode", ""), self.duration)


@dataclass(frozen=True)
class RuleInfo:
    """What is known of a type of rule. A rule that `may_skip` is allowed where the condition's result is SKIP."""

    provider: str
    keys: tuple[Key, ...]
    needs: tuple[Permission, ...] = ()
    duration: tuple[int, int] = (5, 15)
    may_skip: bool = False
    takes_commands: bool = False
    managed_compute: bool = False
    inputs: tuple[int, int] = (0, 0)
    timeout: int = HOUR
    settings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.required)

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)

    @property
    def permissions(self) -> tuple[str, ...]:
        """The IAM actions alone."""
        return tuple(need.action for need in self.needs)


def keys(text: str) -> tuple[Key, ...]:
    """`Name! Token!* Mode=A|B`: `!` for required, `*` for secret, `=` before the values that it may have."""
    return tuple(_key(word) for word in text.split())


def _key(word: str) -> Key:
    marked, _, values = word.partition("=")
    return Key(marked.rstrip("!*"), "!" in marked, "*" in marked, tuple(values.split("|")) if values else ())


def on(resource: str, actions: str, when: str = "") -> tuple[Permission, ...]:
    """Permissions on one resource, from `service:Action service:Other?`: `?` for one that is not essential."""
    return tuple(Permission(word.rstrip("?"), resource, when, not word.endswith("?")) for word in actions.split())
