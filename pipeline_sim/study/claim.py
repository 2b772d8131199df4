"""Whether a claim holds: JMESPath, the language of `aws --query`, over what a run can show (see `document`).

The only door to jmespath. A claim is a text such as `e2.status == 'Superseded'`. It must come to true or false, and it
must speak of something: a path that leads nowhere is a fault, so that a slip of the pen does not pass for a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

Node = Mapping[str, Any]
_TESTS = frozenset({"comparator", "function_expression"})


class Hollow(ValueError):
    """A claim that cannot be read, speaks of nothing, or is neither true nor false. Its text says which."""


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Any:
    try:
        return jmespath.compile(text)
    except JMESPathError as problem:
        raise Hollow(f"It is no JMESPath: {str(problem).splitlines()[0]}") from None


@lru_cache(maxsize=4096)
def names(text: str) -> frozenset[str]:
    """The words in a query that could be names of parts of the document (it may be more than there are)."""
    _compiled(text)
    return frozenset(re.findall(r"[A-Za-z]\w*", re.sub(r"'[^']*'|`[^`]*`|\"[^\"]*\"", "", text)))


def value(text: str, document: Mapping[str, Any]) -> Any:
    """What a query finds in the document. Raises `Hollow` where it cannot be read or is not applicable."""
    try:
        return _compiled(text).search(document)
    except JMESPathError as problem:
        raise Hollow(f"It cannot be asked: {str(problem).splitlines()[0]}") from None


def holds(text: str, document: Mapping[str, Any]) -> bool:
    """Whether a claim is true of the document. Raises `Hollow`."""
    found = value(text, document)
    for sentence in _nothing(_compiled(text).parsed, document):
        raise Hollow(sentence)
    if not isinstance(found, bool):
        raise Hollow(f"It must come to true or false, and comes to {found!r}.")
    return found


def _nothing(node: Node, here: Any) -> Iterator[str]:
    """What a claim compares although it is not there."""
    kind, children = node["type"], node.get("children", [])
    if kind in _TESTS:
        yield from _operands(children, [here])
    if kind == "filter_projection":
        left = _at(children[0], here)
        yield from _filter(children[2], left if isinstance(left, list) else [])
        yield from _nothing(children[0], here)
    elif kind in ("subexpression", "index_expression", "pipe", "projection", "value_projection"):
        yield from _nothing(children[0], here)
    elif kind in ("and_expression", "or_expression"):
        yield from _nothing(children[0], here)
        if bool(_at(children[0], here)) == (kind == "and_expression"):  # else the second half decides nothing
            yield from _nothing(children[1], here)
    else:
        for child in children:
            yield from _nothing(child, here)


def _filter(condition: Node, elements: list[Any]) -> Iterator[str]:
    """A filter's paths must lead somewhere in one element at least, where there are elements."""
    if not elements:
        return
    if condition["type"] in _TESTS:
        yield from _operands(condition["children"], elements)
    else:
        for child in condition.get("children", []):
            yield from _filter(child, elements)


def _operands(children: list[Node], places: list[Any]) -> Iterator[str]:
    if any(child["type"] == "literal" and child["value"] is None for child in children):
        return  # it asks whether something is absent
    for child in children:
        if child["type"] not in ("literal", "expref", *_TESTS) and all(_at(child, here) is None for here in places):
            yield f"It speaks of nothing: {_path(child)} is not there."


def _at(node: Node, here: Any) -> Any:
    try:
        return TreeInterpreter().visit(node, here)
    except JMESPathError:
        return None


def _path(node: Node) -> str:
    if node["type"] == "field":
        return str(node["value"])
    return ".".join(filter(None, (_path(child) for child in node.get("children", [])))) or str(node.get("value", ""))
