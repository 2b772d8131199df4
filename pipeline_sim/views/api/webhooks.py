"""Webhooks: the URLs that GitHub or a tool of one's own calls when there is a change (4.2, 9.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from ...ids import token
from ...pipeline.model import Action
from ...refused import Refused
from ...shapes import MASK
from ...state import State
from ..names import moment, webhook_arn
from .find import pipeline_of
from .pages import page
from .state import without_empty
from .tags import check_tags

MOST = 300
_JSON_PATH = re.compile(r"\$(\.\.?[\w*-]+|\[[^\[\]]+\])*\Z")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def put_webhook(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a webhook, or change the one of that name."""
    definition = request["webhook"]
    pipeline = pipeline_of(state, definition["targetPipeline"])
    action = next((one for one in pipeline.definition.sources if one.name == definition["targetAction"]), None)
    if action is None:
        raise Refused("ValidationException",
                      f"The pipeline {pipeline.name} has no source action {definition['targetAction']}")
    for filter_ in definition["filters"]:
        _check_filter(action, filter_)
    _check_authentication(definition["authentication"], definition["authenticationConfiguration"])
    check_tags(request.get("tags", ()))
    if definition["name"] not in state.webhooks and len(state.webhooks) >= MOST:
        raise Refused("LimitExceededException", f"The account has {MOST} webhooks in this Region, its limit")
    return {"webhook": _item(state, definition["name"], definition, request.get("tags", ()))}


def delete_webhook(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook goes; an unknown name is no error."""
    return {}


def register_webhook(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the third party to call the URL, or (deregister) to stop calling it."""
    name = request.get("webhookName", "")
    if name not in state.webhooks:
        raise Refused("WebhookNotFoundException", f"There is no webhook named '{name}'")
    return {}


def list_webhooks(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """All webhooks by name. The members of its pages begin with capitals, here alone."""
    shown, next_token = page(state, "ListWebhooks", request, sorted(state.webhooks), lambda name: name)
    items = [_item(state, name, state.webhooks[name]["definition"], _tags(state, name)) for name in shown]
    return without_empty(webhooks=items, NextToken=next_token)


def _tags(state: State, name: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in state.tags.get(f"webhook:{name}", {}).items()]


def _item(state: State, name: str, definition: Mapping[str, Any], tags: Any) -> dict[str, Any]:
    """A webhook as the API shows it: its secret token redacted [MODEL]."""
    authentication = dict(definition["authenticationConfiguration"])
    if "SecretToken" in authentication:
        authentication["SecretToken"] = MASK
    return without_empty(
        definition={**definition, "authenticationConfiguration": authentication},
        url=f"https://{state.region}.webhooks.aws/trigger?t={token(state.seed, f'webhook:{name}', 0, 20)}&v=1",
        lastTriggered=_last_triggered(state, definition),
        arn=webhook_arn(state, name),
        tags=list(tags),
    )


def _last_triggered(state: State, definition: Mapping[str, Any]) -> Any:
    pipeline = state.pipelines.get(definition["targetPipeline"])
    details = (definition["targetAction"], webhook_arn(state, definition["name"]))
    for execution in reversed(pipeline.executions.values()) if pipeline else ():
        if execution.start.trigger == "Webhook" and execution.start.detail in details:
            return moment(state, execution.started)
    return None


def _check_filter(action: Action, filter_: Mapping[str, str]) -> None:
    """A JsonPath, and what it must equal: `{Branch}` stands for the action's own configuration [MODEL]."""
    path = filter_["jsonPath"]
    if not _JSON_PATH.match(path):
        raise Refused("InvalidWebhookFilterPatternException", f"'{path}' is not a JsonPath such as $.ref")
    for key in _PLACEHOLDER.findall(filter_.get("matchEquals", "")):
        if key not in action.configuration:
            known = ", ".join(action.configuration) or "none"
            raise Refused("InvalidWebhookFilterPatternException",
                          f"'{{{key}}}' is not a configuration key of {action.name}; it has {known}")


def _check_authentication(kind: str, given: Mapping[str, str]) -> None:
    """GITHUB_HMAC takes a SecretToken and nothing else, IP an AllowedIPRange, UNAUTHENTICATED nothing [MODEL]."""
    wanted = {"GITHUB_HMAC": {"SecretToken"}, "IP": {"AllowedIPRange"}, "UNAUTHENTICATED": set[str]()}[kind]
    if set(given) != wanted:
        raise _authentication(f"{kind} takes {' and '.join(wanted) or 'no property'}, "
                              f"and {', '.join(sorted(given)) or 'nothing'} was given")
    if kind == "IP" and not _is_range(given["AllowedIPRange"]):
        raise _authentication(f"AllowedIPRange '{given['AllowedIPRange']}' is not a CIDR range such as 192.0.2.0/24")


def _is_range(text: str) -> bool:
    try:
        return bool(ip_network(text, strict=False))
    except ValueError:
        return False


def _authentication(message: str) -> Refused:
    return Refused("InvalidWebhookAuthenticationParametersException", message)
