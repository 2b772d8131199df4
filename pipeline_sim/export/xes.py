"""A run as an XES event log (IEEE 1849), which process-mining tools read.

Each execution is a trace, each attempt of an action a pair of events: `start`, and `complete` or (failed, abandoned)
`ate_abort`; waits in front of a stage are `schedule` events of the stage's name. Attributes of the log itself are left
out: editions of the standard disagree on their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as xml

from ..record import Record
from .tables import Row, tables

EXTENSIONS = (("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time"))
CLASSIFIERS = (("Activity", "concept:name"), ("ActivityAndLifecycle", "concept:name lifecycle:transition"))
ENDS = {"Succeeded": "complete", "Failed": "ate_abort", "Abandoned": "ate_abort"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Attribute = tuple[str, str, str]
"""Type, key and value."""


def to_xes(records: Sequence[Record]) -> str:
    """The log as XML."""
    log = xml.Element("log", {"xes.version": "1849.2016", "xes.features": ""})
    for name, prefix in EXTENSIONS:
        xml.SubElement(log, "extension", {"name": name, "prefix": prefix,
                                          "uri": f"http://www.xes-standard.org/{prefix}.xesext"})
    _globals(log)
    for name, keys in CLASSIFIERS:
        xml.SubElement(log, "classifier", {"name": name, "scope": "event", "keys": keys})
    found = tables(records)
    events = _by_execution(found)
    for row in found["executions"]:
        _trace(log, row, events.get((row["pipeline"], row["execution"]), []))
    xml.indent(log, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(log, encoding="unicode") + "\n"


def _globals(log: xml.Element) -> None:
    """What every trace and every event has."""
    _put(xml.SubElement(log, "global", {"scope": "trace"}), [("string", "concept:name", "?")])
    _put(xml.SubElement(log, "global", {"scope": "event"}), [
        ("string", "concept:name", "?"), ("date", "time:timestamp", "1970-01-01T00:00:00+00:00"),
        ("string", "lifecycle:transition", "complete"), ("string", "org:resource", "?")])


def _trace(log: xml.Element, row: Row, events: Iterable[list[Attribute]]) -> None:
    trace = xml.SubElement(log, "trace")
    _put(trace, [("string", "concept:name", row["execution_id"]), ("string", "pipeline", row["pipeline"]),
                 ("int", "number", str(row["execution"])), ("string", "status", row["status"]),
                 ("string", "trigger", row["trigger"]), ("string", "kind", row["kind"]),
                 ("string", "revisions", row["revisions"])])
    for event in events:
        _put(xml.SubElement(trace, "event"), event)


def _by_execution(found: dict[str, list[Row]]) -> dict[tuple[str, int], list[list[Attribute]]]:
    """The events of each execution in order of time; at one second what ends goes before what begins."""
    placed: dict[tuple[str, int], list[tuple[datetime, int, list[Attribute]]]] = {}
    for at, order, row, event in [*_of_waits(found["waits"]), *_of_actions(found["actions"])]:
        placed.setdefault((row["pipeline"], row["execution"]), []).append((at, order, event))
    return {key: [event for *_, event in sorted(some, key=lambda one: one[:2])] for key, some in placed.items()}


def _of_waits(rows: Iterable[Row]) -> Iterator[tuple[datetime, int, Row, list[Attribute]]]:
    for row in rows:
        yield row["started"], 1, row, [*_event(row["stage"], row["started"], "schedule", "CodePipeline"),
                                       ("string", "cause", row["cause"] or "")]


def _of_actions(rows: Iterable[Row]) -> Iterator[tuple[datetime, int, Row, list[Attribute]]]:
    for row in rows:
        name, provider = f"{row['stage']}/{row['action']}", row["by"] or row["provider"]
        attempt: Attribute = ("int", "attempt", str(row["attempt"]))
        yield row["started"], 2, row, [*_event(name, row["started"], "start", provider), attempt]
        if row["ended"] is not None:
            at_once = row["ended"] - row["started"] < timedelta(seconds=1)
            yield row["ended"], 3 if at_once else 0, row, [
                *_event(name, row["ended"], ENDS.get(row["status"], "complete"), provider), attempt,
                ("string", "status", row["status"]), *([("string", "code", row["code"])] if row["code"] else [])]


def _event(name: str, at: datetime, transition: str, resource: str) -> list[Attribute]:
    return [("string", "concept:name", name), ("date", "time:timestamp", at.isoformat()),
            ("string", "lifecycle:transition", transition), ("string", "org:resource", resource)]


def _put(parent: xml.Element, attributes: Iterable[Attribute]) -> None:
    for kind, key, value in attributes:
        xml.SubElement(parent, kind, {"key": key, "value": _text(value)})


def _text(value: Any) -> str:
    """A text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", str(value))
