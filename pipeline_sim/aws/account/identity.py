"""STS: who asks. It is the question with which most scripts begin."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import Account, Operation


def caller(account: Account, _: Mapping[str, Any], by: str) -> dict[str, Any]:
    number = int.from_bytes(blake2b(by.encode(), digest_size=6).digest(), "big")
    kind = "AROA" if ":role/" in by or ":assumed-role/" in by else "AIDA"
    return {"UserId": f"{kind}{number:017d}", "Account": account.simulation.state.account, "Arn": by}


OPERATIONS: Mapping[str, Operation] = {"GetCallerIdentity": caller}
