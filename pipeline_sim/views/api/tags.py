"""Tags: what pipelines, webhooks and custom action types are labelled with, and what a label may be (10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...refused import Refused
from ...state import State
from .pages import page
from .state import without_empty

MOST = 50
_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*\Z")


def list_tags_for_resource(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """All tags of a resource, by key."""
    tags = tags_of(state, request["resourceArn"])
    shown, token = page(state, "ListTagsForResource", request, sorted(tags), lambda key: key)
    return without_empty(tags=[{"key": key, "value": tags[key]} for key in shown], nextToken=token)


def tag_resource(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """New tags are added; a key that is there takes the new value."""
    tags = tags_of(state, request["resourceArn"])
    check_tags(request["tags"], tags)
    return {}


def untag_resource(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tags go; keys that are not there are no error."""
    tags_of(state, request["resourceArn"])
    for key in request["tagKeys"]:
        _check_key(key)
    return {}


def check_tags(tags: Iterable[Mapping[str, str]], present: Mapping[str, str] | None = None) -> None:
    """Refuse tags that AWS would not take: `InvalidTagsException`, `TooManyTagsException`."""
    keys = [tag["key"] for tag in tags]
    for tag in tags:
        _check_key(tag["key"])
        if not _ALLOWED.match(tag["value"]):
            raise _invalid(f"The value of the tag '{tag['key']}' has characters that tags cannot have")
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise _invalid(f"The tag key '{twice[0]}' is given more than once")
    count = len({*keys, *(present or ())})
    if count > MOST:
        raise Refused("TooManyTagsException", f"The resource would have {count} tags; it can have {MOST}")


def _check_key(key: str) -> None:
    if key.lower().startswith("aws:"):
        raise _invalid(f"The tag key '{key}' begins with aws:, which is kept for AWS")
    if not _ALLOWED.match(key):
        raise _invalid(f"The tag key '{key}' has characters that tags cannot have")


def _invalid(message: str) -> Refused:
    return Refused("InvalidTagsException", message)


def tags_of(state: State, arn: str) -> Mapping[str, str]:
    """The tags of what an ARN names: a pipeline, `webhook:name` or `actiontype:Owner/Category/Provider/Version` (8.2).
    InvalidArnException where such a thing has no tags, ResourceNotFoundException where there is none."""
    _, _, _, region, account, resource = arn.split(":", 5)
    if (region, account) != (state.region, state.account):
        raise Refused("InvalidArnException", f"{arn} is not of Region {state.region} and account {state.account}")
    kind, _, name = resource.partition(":")
    if kind == "webhook" and name:
        found = name in state.webhooks
    elif kind.lower() == "actiontype" and name:
        found = _type_key(arn, name) in state.custom_types
    elif ":" in resource or "/" in resource:
        raise Refused("InvalidArnException", f"{arn} is neither a pipeline nor a webhook nor a custom action type")
    else:
        if resource not in state.pipelines:
            raise _not_found(arn)
        return state.pipelines[resource].tags
    if not found:
        raise _not_found(arn)
    return state.tags.get(f"{kind.lower()}:{name}", {})


def _type_key(arn: str, name: str) -> tuple[str, str, str, str]:
    parts = name.split("/")
    if len(parts) != 4:
        raise Refused("InvalidArnException", f"{arn} does not end in actiontype:Owner/Category/Provider/Version")
    owner, category, provider, version = parts
    return category, owner, provider, version


def _not_found(arn: str) -> Refused:
    return Refused("ResourceNotFoundException", f"There is no resource {arn}")
