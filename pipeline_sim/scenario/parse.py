"""From what a person wrote of an action, an approver or a retry to values. Every function raises ValueError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from .behaviour import Approver, Behaviour, Outcome, RetryPolicy
from .durations import duration
from .hours import Hours
from .quantiles import Quantiles

STATUSES = ("Succeeded", "Failed")
WORKERS = ("scenario", "outside", "nobody")
RETRY_MODES = ("FAILED_ACTIONS", "ALL_ACTIONS")
START = datetime(2030, 1, 7, 9, tzinfo=UTC)

APPROVER_KEYS = frozenset({"probability", "response", "hours", "comment", "by", "nobody"})
BEHAVIOUR_KEYS = frozenset({member.name for member in fields(Behaviour)} | {"error"})
RULE_KEYS = frozenset({"duration", "failure", "code", "message", "error"})
OUTCOME_KEYS = frozenset({member.name for member in fields(Outcome)} | {"error"})
RETRY_KEYS = frozenset({"after", "times", "mode", "stages"})


# ---------------------------------------------------------------------------------------------- small things


def listed(given: Any) -> list[Any]:
    """A list from one or several."""
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def probability(given: Any) -> float:
    """0.2, `"20%"` or `"20 %"`."""
    try:
        if isinstance(given, bool):
            raise TypeError
        text = str(given).strip()
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{given!r} is no probability: write 0.2 or 20%.") from error
    if not 0 <= share <= 1:
        raise ValueError(f"{given!r} is no probability: it lies between 0 and 1 (0% and 100%).")
    return share


def whole(given: Any, least: int = 1) -> int:
    """A whole number, counted from `least`; the text of one too, since JSON has no other keys."""
    text = str(given)
    if isinstance(given, bool) or not text.isdecimal() or int(text) < least:
        raise ValueError(f"{given!r} is not a whole number, {least} or more.")
    return int(text)


def truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"{given!r} is neither true nor false.")
    return given


def one_of(given: Any, allowed: tuple[str, ...]) -> str:
    if given not in allowed:
        raise ValueError(f"{given!r} is not one of {', '.join(allowed)}.")
    return str(given)


def text_of(given: Any) -> str:
    """A text; a number or a truth value as CodePipeline would carry it."""
    if isinstance(given, bool):
        return str(given).lower()
    if not isinstance(given, str | int | float):
        raise ValueError(f"{given!r} is no text.")
    return str(given)


def mapping(given: Any, like: str) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{given!r} should be a mapping, such as {like}.")
    return given


def start_of(document: Mapping[str, Any]) -> datetime:
    """The moment at which the clock stands at zero; in UTC where no zone is given."""
    given = document.get("start")
    if given is None:
        return START
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise ValueError(f"{given!r} is no date and time: write 2030-01-07T09:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant_of(given: Any, start: datetime) -> int:
    """Seconds of the simulated clock, from a duration since the start (`90m`) or from a date and time."""
    if not (isinstance(given, str) and given[:4].isdigit() and given[4:5] == "-"):
        return duration(given)
    moment = datetime.fromisoformat(given)
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=start.tzinfo)) - start
    if seconds.total_seconds() < 0:
        raise ValueError(f"{given} is before the start of the clock, {start.isoformat()}.")
    return round(seconds.total_seconds())


# ---------------------------------------------------------------------------------------------- actions


def behaviour_of(said: Mapping[str, Any]) -> Behaviour:
    """An action's behaviour. `duration` must be among what is said."""
    given = {key: value for key, value in said.items() if key not in ("error", "nobody")} | _error_of(said.get("error"))
    return Behaviour(**{key: _BEHAVIOUR[key](value) for key, value in given.items()})


def outcome_of(given: Any) -> Outcome:
    """One scripted outcome."""
    said = {"status": given} if isinstance(given, str) else dict(mapping(given, "{status: Failed, duration: 3m}"))
    said |= _error_of(said.pop("error", None))
    if unknown := sorted(set(said) - OUTCOME_KEYS):
        raise ValueError(f"an outcome has status, duration, code, message, error and variables, not {unknown[0]!r}.")
    return Outcome(**{key: _OUTCOME[key](value) for key, value in said.items()})


def attempts_of(given: Any) -> dict[int, Outcome]:
    """`{1: Failed, 2: {status: Succeeded, duration: 3m}}`, or a list in order; a word alone is the first attempt."""
    if isinstance(given, str):
        given = {1: given}
    if isinstance(given, list | tuple):
        given = dict(enumerate(given, 1))
    return {whole(number): outcome_of(one) for number, one in mapping(given, "{1: Failed, 2: Succeeded}").items()}


def _executions_of(given: Any) -> dict[int, dict[int, Outcome]]:
    """Attempts by execution: `{3: {1: Failed}}`, or in full `{3: {attempts: {1: Failed}}}`."""
    return {whole(number): attempts_of(one["attempts"] if isinstance(one, Mapping) and "attempts" in one else one)
            for number, one in mapping(given, "{3: {1: Failed}}").items()}


def _error_of(error: Any) -> dict[str, str]:
    if error is None:
        return {}
    if isinstance(error, str):
        return {"message": error}
    if not isinstance(error, Mapping) or set(error) - {"code", "message"}:
        raise ValueError("error is a text or {code: JobFailed, message: …}.")
    return {key: text_of(value) for key, value in error.items()}


def _variables_of(given: Any) -> dict[str, str]:
    return {str(key): text_of(value) for key, value in mapping(given, "{BuildId: b-7}").items()}


_BEHAVIOUR: dict[str, Callable[[Any], Any]] = {
    "duration": Quantiles.parse, "failure": probability, "defect": probability, "code": text_of, "message": text_of,
    "attempts": attempts_of, "executions": _executions_of, "variables": _variables_of, "capacity": text_of,
    "worker": lambda given: one_of(given, WORKERS),
}
_OUTCOME: dict[str, Callable[[Any], Any]] = {
    "status": lambda given: one_of(given, STATUSES), "duration": duration, "code": text_of, "message": text_of,
    "variables": _variables_of,
}


# ---------------------------------------------------------------------------------------------- people


def approver_of(said: Mapping[str, Any], start: datetime) -> Approver:
    """Who answers an approval."""
    hours = said.get("hours")
    return Approver(probability(said.get("probability", 1.0)), Quantiles.parse(said.get("response", "30m")),
                    Hours.parse(hours, start) if hours else None, text_of(said.get("comment", "")),
                    text_of(said.get("by", "")))


def retry_of(said: Mapping[str, Any]) -> RetryPolicy:
    """How a person retries failed stages."""
    return RetryPolicy(duration(said.get("after", "15m")), whole(said.get("times", 1), 0),
                       one_of(said.get("mode", "FAILED_ACTIONS"), RETRY_MODES))
