"""What each rule of ours rests on: documented by AWS, measured on AWS, or our decision. The data is `evidence.toml`.

`explain("stage lock")` gives a rule by its key or title; `page()` is docs/evidence.md:
`python -m pipeline_sim.views.evidence > docs/evidence.md`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

KINDS: Mapping[str, str] = {
    "documented": "documented by AWS",
    "measured": "measured on AWS",
    "decided": "our decision",
}
PARTS: Mapping[str, str] = {
    "structure": "The structure of a pipeline",
    "executions": "Executions and stages",
    "actions": "Actions",
    "jobs": "Job workers",
    "transitions": "Transitions",
    "approvals": "Approvals",
    "stopping": "Stopping",
    "retry": "Retry",
    "rollback": "Rollback",
    "conditions": "Conditions and rules",
    "sources": "Sources and triggers",
    "data": "Variables and artifacts",
    "events": "Events and the trail of calls",
    "permissions": "Permissions",
    "cost": "Cost",
}


@dataclass(frozen=True, repr=False)
class Rule:
    """A rule with its evidence. `setting` is where a scenario can decide otherwise (`settings.deployment_window`), with
    the `default` and, where they are few, the `choices`."""

    key: str
    part: str
    title: str
    says: str
    kind: str
    tags: tuple[str, ...]
    section: str
    setting: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """`measured on AWS [PROBE-B], section 4.3`."""
        tags = f" [{', '.join(self.tags)}]" if self.tags else ""
        return f"{KINDS[self.kind]}{tags}, section {self.section}"

    @property
    def switch(self) -> str:
        """How a scenario decides otherwise, or nothing."""
        if not self.setting:
            return ""
        default = "" if self.default is None else f": {self.default}"
        others = [choice for choice in self.choices if choice != self.default]
        return f"{self.setting}{default}" + (f" (or {', '.join(others)})" if others else "")

    def __str__(self) -> str:
        lines = [f"{self.title}. {self.says}", f"  {self.evidence}"]
        return "\n".join([*lines, f"  in a scenario: {self.switch}"] if self.setting else lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        facts = [self.evidence, *([f"in a scenario: {self.switch}"] if self.setting else [])]
        told = "<br>".join(escape(fact) for fact in facts)
        return f"<div><b>{escape(self.title)}.</b> {escape(self.says)}</div><div><small>{told}</small></div>"


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by key, in the order of the page."""
    found = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {rule.key: rule for part, entries in found.items() for rule in _rules_of(part, entries)}


def _rules_of(part: str, entries: Mapping[str, Mapping[str, Any]]) -> Iterator[Rule]:
    for key, entry in entries.items():
        lists = {"tags": tuple(entry["tags"]), "choices": tuple(entry.get("choices", ()))}
        yield Rule(**{"key": key, "part": part, **entry, **lists})


def explain(name: str) -> Rule:
    """The rule of that key, title or words (`"stage-lock"`, `"a stage is locked"`, `"deployment window"`).

    ValueError with near names where none is meant, or where several could be.
    """
    known, asked = rules(), _plain(name)
    named = {_plain(word): rule for rule in known.values() for word in (rule.key, rule.title)}
    if asked in named:
        return named[asked]
    words = asked.split()
    meant = [rule for rule in known.values()
             if words and set(words) <= set(_plain(f"{rule.key} {rule.title}").split())]
    if len(meant) == 1:
        return meant[0]
    raise ValueError(_unknown(name, [rule.key for rule in meant] or _near(asked, named)))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _near(asked: str, named: Mapping[str, Rule]) -> list[str]:
    close = get_close_matches(asked, named, n=5, cutoff=0.5)
    sharing = [rule.key for word in asked.split() if len(word) > 3
               for rule in rules().values() if word in _plain(f"{rule.key} {rule.title} {rule.says}").split()]
    return list(dict.fromkeys([*(named[word].key for word in close), *sharing]))[:8]


def _unknown(name: str, near: list[str]) -> str:
    hint = f"Did you mean {', '.join(near)}?" if near else "rules() names them all, and so does docs/evidence.md."
    return f"No single rule is called {name!r}. {hint}"


# ---------------------------------------------------------------------------------------------- the page

_HEAD = """# The evidence

Every rule that this simulator keeps, and what it rests on. This page is made from `pipeline_sim/views/evidence.toml`;
`explain("stage lock")` tells the same in Python.

A rule is *documented* (AWS's model of the API, its guides, its price list), *measured* (seen in calls of the real
service), or *our decision*, where AWS is silent, contradicts itself, or is only known by hearsay. Where AWS's word is
contested, a scenario can decide otherwise: the last lines of this page list these settings.

The tags: MODEL is botocore's model of the service; UG a page of today's user guide, UG22 of the guide of 2022; PROBE-A
and PROBE-B are public recordings of calls to AWS in September 2026; PRICE the price list; WEB other public pages;
knowledge is what is generally known of the service and was found on no page. "recorded events" are events that were
published by people who received them. Section numbers are those of the behaviour reference that this simulator was
written from, as in the code.

"""


def page() -> str:
    """The text of docs/evidence.md."""
    known = rules().values()
    counts = ", ".join(f"{sum(rule.kind == kind for rule in known)} {word}" for kind, word in KINDS.items())
    parts = [f"## {title}\n\n" + "\n".join(_entry(rule) for rule in known if rule.part == part)
             for part, title in PARTS.items()]
    return f"{_HEAD}{len(known)} rules: {counts}.\n\n" + "\n".join(parts) + "\n" + _settings()


def _entry(rule: Rule) -> str:
    switch = f" In a scenario: `{rule.switch}`." if rule.setting else ""
    return f"- **{rule.title}** (`{rule.key}`). {rule.says}\n  *{_marked(rule)}.*{switch}\n"


def _marked(rule: Rule) -> str:
    text = rule.evidence
    return text[:1].upper() + text[1:]


def _settings() -> str:
    rows = [f"| `{rule.setting}` | {'' if rule.default is None else f'`{rule.default}`'} | "
            f"{', '.join(f'`{choice}`' for choice in rule.choices)} | {rule.title} (`{rule.key}`) |"
            for rule in rules().values() if rule.setting]
    return "\n".join(["## Settings", "", "| in the scenario | default | choices | rule |", "|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    print(page(), end="")
