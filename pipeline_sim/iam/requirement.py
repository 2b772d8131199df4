"""One thing that somebody must be allowed: an action on a resource, with what the request says besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Requirement:
    """`action` on `resource` (an ARN, `*`, or an ARN with `…`: see `decide`) in the given `context`.

    `role` is the ARN of the role that must have it, nothing where it is the caller. Without an `essential` one the work
    cannot be done; others AWS's guide asks for too, but real pipelines do without them. Any of the `alternatives` will
    do instead of the action.
    """

    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    role: str = ""
    essential: bool = True
    alternatives: tuple[str, ...] = ()


def partition(region: str) -> str:
    """The partition that a Region lies in, the second part of every ARN."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
