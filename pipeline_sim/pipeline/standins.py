"""What stands for a value that only the account knows: a name or ARN of the right form, readable, always the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

ACCOUNT, REGION = "111122223333", "eu-west-1"

_ROLE = re.compile(r"(arn:aws[\w-]*:iam::)([^:]*)(:role/.*)", re.S)
_ACCOUNT = re.compile(r"\d{12}")


class StandIn(str):
    """A text of which a part is not known. It is a `str` of its own kind so that all that is made of it is known to be
    uncertain too: it may be given another form, and a condition on it is a guess to tell of."""

    __slots__ = ()


def word(text: str) -> str:
    """The text with all characters but letters, digits, hyphens and underscores made hyphens, at most 60 of them."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_")[:60] or "unknown"


def bucket_name(text: str) -> str:
    """A valid S3 bucket name: `ArtifactBucket` → `artifact-bucket`."""
    hyphened = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    name = re.sub(r"[^a-z0-9.-]+", "-", hyphened.lower()).strip("-.")[:63].strip("-.")
    return name if len(name) >= 3 else f"bucket-{name}".strip("-")


def account_number(text: str) -> str:
    """Twelve digits for an account that is only named; the same for the same name."""
    return f"9{crc32(text.encode()) % 10**11:011d}"


def arn(service: str, resource: str, region: str = REGION, account: str = ACCOUNT, partition: str = "aws") -> str:
    return f"arn:{partition}:{service}:{region}:{account}:{resource}"


def _role(text: str) -> str:
    known = _ROLE.fullmatch(text)
    if not known:
        return arn("iam", f"role/{word(text)}", region="")
    before, account, role = known.groups()
    return before + (account if _ACCOUNT.fullmatch(account) else account_number(account)) + role


def _topic(text: str) -> str:
    return text if re.fullmatch(r"arn:aws[\w-]*:sns:[^:]*:\d{12}:.+", text) else arn("sns", word(text))


def _connection(text: str) -> str:
    return text if text.startswith("arn:") else arn("codeconnections", f"connection/{word(text)}")


def _location(text: str) -> str:
    return text if re.fullmatch(r"[a-z0-9.-]{3,63}", text) else bucket_name(text)


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_-]+", "-", text)[:100]


def _key(text: str) -> str:
    return text[:400]


_FORMS: Mapping[str, Callable[[str], Any]] = {
    "roleArn": _role, "location": _location, "id": _key, "name": _name, "namespace": word,
    "provider": lambda text: word(text)[:35], "version": lambda text: "1",
    "runOrder": lambda text: 1, "timeoutInMinutes": lambda text: None, "executionMode": lambda text: None,
    "pipelineType": lambda text: None,
    "configuration.RoleArn": _role, "configuration.NotificationArn": _topic, "configuration.ConnectionArn": _connection,
}


def fitted(value: StandIn, member: str) -> Any:
    """The stand-in in the form that a member of the structure must have; None where the member is better left out."""
    form = _FORMS.get(member)
    return form(str(value)) if form else str(value)


def like(text: str, *parts: Any) -> str:
    """The text, a stand-in if any of the parts that it was made of is one."""
    return StandIn(text) if any(isinstance(part, StandIn) for part in parts) else text


def plain(value: Any) -> Any:
    """A copy in which stand-ins are ordinary texts."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, StandIn) else value
