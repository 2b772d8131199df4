"""What a role may do and who may take it on: policy documents out of blocks and texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..standins import StandIn
from .module import Scope
from .syntax import Block
from .values import to_json, uncertain

if TYPE_CHECKING:
    from .evaluate import Evaluator

_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}


def document_of(reader: Evaluator, block: Block, scope: Scope) -> str:
    """The JSON of a `data "aws_iam_policy_document"`."""
    from .blocks import block_value  # a block's values may ask for a document

    said = block_value(reader, block, scope, f"data.{'.'.join(block.labels)}")
    statements = [_statement(one) for one in _blocks(said.get("statement"))]
    document = {"Version": said.get("version", "2012-10-17"), "Statement": statements}
    text = to_json(document)
    return StandIn(text) if uncertain([document]) else text


def _blocks(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _statement(said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": said.get("effect", "Allow")}
    if said.get("sid"):
        found["Sid"] = said["sid"]
    found |= {member: said[name] for name, member in _LISTS.items() if name in said}
    for name, member in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if name in said:
            found[member] = {str(one.get("type")): one.get("identifiers") for one in _blocks(said[name])}
    for one in _blocks(said.get("condition")):
        test = found.setdefault("Condition", {}).setdefault(str(one.get("test")), {})
        test[str(one.get("variable"))] = one.get("values")
    return found


def document(text: Any) -> dict[str, Any]:
    """A policy as it is written in an attribute; empty where it is no JSON object."""
    if isinstance(text, dict):
        return text
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
