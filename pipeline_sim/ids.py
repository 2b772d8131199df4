"""Which identifier stands for what: UUIDs that are made when asked for, and read back without a table.

An id holds a number (of an execution, of a record) in its last twelve digits, disguised by the seed, and a check made
of seed, kind and number in the others: so `number_of(seed, kind, id)` needs no memory and refuses an id that was
never given.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

_MASK = (1 << 48) - 1
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


@lru_cache(maxsize=65536)
def make_id(seed: int, kind: str, number: int) -> str:
    """The UUID (version 4 in form) of the `number`-th thing of its kind, such as `execution:web-shop`."""
    check = int.from_bytes(blake2b(f"{seed}\0{kind}\0{number}".encode(), digest_size=10).digest(), "big")
    text = f"{check:020x}"
    return f"{text[:8]}-{text[8:12]}-4{text[12:15]}-{'89ab'[check & 3]}{text[15:18]}-{_disguise(seed, kind, number):012x}"


def number_of(seed: int, kind: str, identifier: str) -> int | None:
    """The number behind an id, or None where this id was never made."""
    if not _UUID.match(identifier):
        return None
    number = _reveal(seed, kind, int(identifier[-12:], 16))
    return number if make_id(seed, kind, number) == identifier else None


@lru_cache(maxsize=4096)
def _key(seed: int, kind: str) -> int:
    return int.from_bytes(blake2b(f"{seed}\0{kind}".encode(), digest_size=6).digest(), "big")


_ODD = 0xB5AD4ECEDA1D
_INVERSE = pow(_ODD, -1, 1 << 48)


def _disguise(seed: int, kind: str, number: int) -> int:
    return (number * _ODD & _MASK) ^ _key(seed, kind)


def _reveal(seed: int, kind: str, word: int) -> int:
    return (word ^ _key(seed, kind)) * _INVERSE & _MASK


@lru_cache(maxsize=65536)
def token(seed: int, kind: str, number: int, size: int = 7) -> str:
    """`size` letters and digits that stand for a thing: the random end of an artifact's key, an external id."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    rest = int.from_bytes(blake2b(f"{seed}\0{kind}\0{number}\0token".encode(), digest_size=16).digest(), "big")
    letters = []
    for _ in range(size):
        rest, place = divmod(rest, 62)
        letters.append(alphabet[place])
    return "".join(letters)


def execution_id(seed: int, pipeline: str, number: int) -> str:
    return make_id(seed, f"execution:{pipeline}", number)


def execution_number(seed: int, pipeline: str, identifier: str) -> int | None:
    return number_of(seed, f"execution:{pipeline}", identifier)


def attempt_id(seed: int, index: int) -> str:
    """`actionExecutionId` of the attempt that began with record `index`."""
    return make_id(seed, "attempt", index)


def approval_token(seed: int, index: int) -> str:
    return make_id(seed, "token", index)


def rule_id(seed: int, index: int) -> str:
    return make_id(seed, "rule", index)


def job_id(seed: int, number: int) -> str:
    return make_id(seed, "job", number)


def account_of(arn: str) -> str:
    """The account in an ARN; nothing where there is none, as in a bucket's or a service's name."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
