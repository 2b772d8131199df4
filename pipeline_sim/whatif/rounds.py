"""What becomes of single executions in a stage by all the rules: conditions, failures, retries, rollbacks, stops.

A `Way` is some executions (a flat array) on their way through one stage. A round is what the simulation does from an
entry, or from a person's retry, to success or failure:

    rules before entry (first round) → action groups → [automatic retry: groups again] → rules on success or on failure

Each rule and each group is a phase: time moves on to its end, and who does not get through is no longer `going`. A
failed round is followed by the person's next one, or by a rollback, which is a way of its own with the luck of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..scenario.chance import C2
from .arrivals import worked
from .plan import Attempts, StagePlan
from .stages import Luck, StageLuck
from .tables import STATUS
from .words import Flags, Ints, Words, below, durations, keyed, mixed, words

Codes = NDArray[np.int8]
SUCCEEDED, FAILED, STOPPED, SKIPPED, ABANDONED = (np.int8(STATUS[name]) for name in (
    "Succeeded", "Failed", "Stopped", "Skipped", "Abandoned"))
_C2 = np.uint64(C2)
ROUND = 1 << 20
"""What a rollback's luck is away from that of the execution that failed, for each round in which it did."""


class Round(NamedTuple):
    """The end of a round: when, how, and, where the stage is to be rolled back, until when that would run, and how."""

    time: Ints
    outcome: Codes
    rolls: Flags
    back: Ints
    back_ok: Flags


@dataclass(frozen=True)
class Notes:
    """What tables tell of a way, for each action (rows) and execution (columns); `conditions`, `retries` for each
    execution. Nobody queues on a way: `builds` are the `minutes`."""

    attempts: Ints
    began: Ints
    ended: Ints
    seconds: Ints
    minutes: Ints
    status: Codes
    conditions: Ints
    retries: Ints
    queued: Ints
    builds: Ints


def notes(actions: int, count: int) -> Notes:
    shape = (actions, count)
    minutes = np.zeros(shape, np.int64)
    return Notes(np.zeros(shape, np.int16), np.full(shape, -1), np.full(shape, -1), np.zeros(shape, np.int64), minutes,
                 np.zeros(shape, np.int8), np.zeros(count, np.int64), np.zeros(count, np.int8), np.zeros(shape, np.int64),
                 minutes)


@dataclass(frozen=True)
class Way:
    """Executions in a stage. `numbers` is their luck, and `key` what it adds to a base; `revisions` what their defects go
    by. What changes on the way is held in arrays: attempts so far (`tried`) and whether the last was `good`, for each
    action; whether the automatic retry is `spent`; how often the gates were `asked`. `waits` and `abandons` are when they
    are stopped."""

    stage: StagePlan
    actions: list[Luck]
    rules: dict[str, list[Luck]]
    numbers: Ints
    key: Words
    revisions: Ints
    tried: list[Words]
    good: list[Flags]
    spent: Flags
    asked: dict[str, Words]
    asks: bool = True
    waits: Ints | None = None
    abandons: Ints | None = None
    stopped: Flags | None = None
    notes: Notes | None = None


def way_of(
    luck: StageLuck, runs: Ints, numbers: Ints, revisions: Ints, *, asks: bool = True,
    stops: tuple[Ints, Ints] | None = None, notes: Notes | None = None,
) -> Way:
    """Executions that enter the stage; `runs` are the columns of their runs."""
    count, stage = len(runs), luck.stage
    rules = {gate: [one.of(runs) for one in found] for gate, found in luck.rules.items()}
    waits, abandons = stops if stops else (None, None)
    return Way(stage, [one.of(runs) for one in luck.actions], rules, numbers, keyed(numbers, 0), revisions,
               [np.zeros(count, np.uint64) for _ in luck.actions], [np.zeros(count, np.bool_) for _ in luck.actions],
               np.zeros(count, np.bool_), {gate: np.zeros(count, np.uint64) for gate in rules}, asks, waits, abandons,
               np.zeros(count, np.bool_) if stops else None, notes)


def rounds(luck: StageLuck, way: Way, runs: Ints, begin: Ints, targets: Ints | None = None) -> list[Round]:
    """The first round of a way and those that a person would make it go, each as if it took place. `targets` are the
    revisions that a rollback would go back to, where these matter."""
    stage, found = way.stage, []
    time, going, redo = begin, np.ones(len(begin), np.bool_), ""
    for turn in range(1 + (stage.policy.times if stage.policy else 0)):
        end, outcome, rolls = one_round(way, time, going, redo)
        back, ok = end, rolls
        if stage.may_go_back:
            luck_of_it = way.numbers + (turn + way.spent + 1) * ROUND
            back, ok = backwards(luck, runs, luck_of_it, way.revisions if targets is None else targets, end)
        found.append(Round(end, outcome, rolls, back, ok))
        if stage.policy:
            time, going, redo = end + stage.policy.after, outcome == FAILED, stage.policy.mode
    return found


def backwards(
    luck: StageLuck, runs: Ints, numbers: Ints, revisions: Ints, begin: Ints, notes: Notes | None = None
) -> tuple[Ints, Flags]:
    """Rollbacks that begin now: when each is over, and whether it succeeded. It is asked no conditions."""
    way = way_of(luck, runs, numbers, revisions, asks=False, notes=notes)
    end, outcome, _ = one_round(way, begin, np.ones(len(begin), np.bool_), "")
    return end, outcome == SUCCEEDED


def one_round(way: Way, time: Ints, going: Flags, redo: str) -> tuple[Ints, Codes, Flags]:
    """When a round ends, how, and whether the stage is to be rolled back then. `redo` says that a person retries."""
    stage, again = way.stage, not redo or way.stage.asks_again
    inside = going
    if stage.before and way.asks and again:
        time, inside = _condition(way, "before", time, going)
    skipped = going & ~inside if stage.skips else np.zeros_like(going)
    time, ok = _with_retry(way, time, inside, redo or "ALL_ACTIONS")
    failed = _unstopped(way, inside & ~ok)
    rolls = failed if stage.rolls_back == "always" else np.zeros_like(going)
    if stage.failure:
        time, met = _condition(way, "failure", time, failed)
        if stage.rolls_back:
            rolls = _unstopped(way, failed & (met if stage.rolls_back == "met" else ~met))
    if stage.success and way.asks:
        asked = ok if again else ok & (way.asked["success"] == 0)
        time, passed = _condition(way, "success", time, asked)
        rolls = rolls | (_unstopped(way, asked & ~passed) if stage.undone else np.zeros_like(going))
        ok = passed | (ok & ~asked)
    outcome = np.where(ok, SUCCEEDED, FAILED)
    outcome[skipped] = SKIPPED
    if way.stopped is not None:
        outcome[way.stopped] = STOPPED
    outcome[~going] = 0
    return time, outcome, rolls


def _unstopped(way: Way, who: Flags) -> Flags:
    return who if way.stopped is None else who & ~way.stopped


def _with_retry(way: Way, time: Ints, going: Flags, mode: str) -> tuple[Ints, Flags]:
    """The action groups, and once more by themselves where the stage says so: once in a stage."""
    time, ok = _groups(way, time, going, mode)
    if way.stage.retry:
        again = _unstopped(way, going & ~ok & ~way.spent)
        if again.any():
            np.logical_or(way.spent, again, out=way.spent)
            if way.notes:
                np.add(way.notes.retries, again, out=way.notes.retries)
            time, second = _groups(way, time, again, way.stage.retry)
            ok = ok | second
    return time, ok


def _groups(way: Way, time: Ints, going: Flags, mode: str) -> tuple[Ints, Flags]:
    """One pass through the action groups, for those `going`; when each comes to its end, and who got through."""
    place = 0
    for group in way.stage.groups:
        begin, longest, bad, ends = time, np.zeros_like(time), np.zeros_like(going), []
        for luck in way.actions[place:place + len(group)]:
            runs = going if mode == "ALL_ACTIONS" else going & ~way.good[place]
            way.tried[place] += runs
            wait, failed = _attempts(luck, way, place, begin, runs)
            np.maximum(longest, wait, out=longest)
            bad |= failed
            np.copyto(way.good[place], ~failed, where=runs)
            ends.append((place, runs, wait))
            place += 1
        time, going, over = _phase(way, begin, begin + longest, going, False)
        going = going & ~bad
        if way.notes:
            for done in ends:
                _note(way, way.notes, begin, time, over, *done)
    return time, going


def _attempts(luck: Luck, way: Way, place: int, begin: Ints, runs: Flags) -> tuple[Ints, Flags]:
    """The attempts of who `runs` an action: no time and no failure for the others, who are not drawn for where they are
    many."""
    few = np.flatnonzero(runs)
    if 2 * len(few) > len(runs):
        wait, failed = attempted(luck, way.key, way.tried[place], way.revisions, begin)
        return wait * runs, failed & runs
    wait, failed = np.zeros(len(runs), np.int64), np.zeros(len(runs), np.bool_)
    if len(few):
        wait[few], failed[few] = attempted(luck.of(few), *(one[few] for one in (
            way.key, way.tried[place], way.revisions, begin)))
    return wait, failed


def _condition(way: Way, gate: str, time: Ints, going: Flags) -> tuple[Ints, Flags]:
    """The rules of a gate one after another: when each has its verdict, and who passed."""
    begin = time
    way.asked[gate][...] += going
    for rule in way.rules[gate]:
        wait, failed = attempted(rule, way.key, way.asked[gate], way.revisions, time)
        time, going, _ = _phase(way, time, np.where(going, time + wait, time), going, True)
        going = going & ~failed
    if way.notes:
        np.add(way.notes.conditions, time - begin, out=way.notes.conditions)
    return time, going


def _phase(way: Way, begin: Ints, end: Ints, going: Flags, rule: bool) -> tuple[Ints, Flags, Flags]:
    """A phase ends, or is the one in which a stop falls: actions run to their end unless they are abandoned; a rule is
    abandoned always. Within the instant the stop comes before the end. Gives back who was abandoned, too."""
    none = np.zeros_like(going)
    if way.waits is None or way.abandons is None or way.stopped is None:
        return end, going, none
    hit = going & (np.minimum(way.waits, way.abandons) <= end)
    if not hit.any():
        return end, going, none
    np.logical_or(way.stopped, hit, out=way.stopped)
    given_up = hit & ((way.abandons <= end) | rule)
    at = np.minimum(way.waits, way.abandons) if rule else way.abandons
    return np.where(given_up, at, end), going & ~hit, given_up


def _note(
    way: Way, notes: Notes, begin: Ints, end: Ints, given_up: Flags, place: int, runs: Flags, wait: Ints
) -> None:
    """Write down one attempt of an action each. `end` is the group's, which matters for what was abandoned."""
    until = begin + wait
    dropped = runs & given_up & (until >= end)
    until = np.where(dropped, end, until)
    lasted = np.where(runs, until - begin, 0)
    notes.attempts[place] += runs
    notes.began[place] = np.where(runs & (notes.began[place] < 0), begin, notes.began[place])
    notes.ended[place] = np.where(runs, until, notes.ended[place])
    notes.seconds[place] += lasted
    notes.minutes[place] += -(-lasted // 60)
    status = np.where(dropped, ABANDONED, np.where(way.good[place], SUCCEEDED, FAILED))
    notes.status[place] = np.where(runs, status, notes.status[place])


# ---------------------------------------------------------------------------------------------- one attempt


def attempted(luck: Luck, key: Words, tried: Words, revisions: Ints, begin: Ints) -> tuple[Ints, Flags]:
    """Duration and failure of one attempt each, the `tried`-th."""
    action = luck.action
    if action.duration is None:
        return np.full(key.shape, action.timeout, np.int64), np.ones(key.shape, np.bool_)
    drawn = tried * _C2
    drawn += key
    drawn += luck.base
    wait = durations(mixed(drawn), action.duration)
    failed = _failed(luck, action, drawn, revisions)
    if action.hours is not None:
        wait = _in_hours(action, begin, wait)
    if not action.in_time:
        failed |= wait > action.timeout
        wait = np.minimum(wait, action.timeout)
    return wait, failed


def _in_hours(action: Attempts, begin: Ints, wait: Ints) -> Ints:
    """How long an answer takes that is worked at in office hours alone."""
    assert action.hours is not None
    found: Ints = worked(action.hours, begin, wait) - begin
    return found


def _failed(luck: Luck, action: Attempts, drawn: Words, revisions: Ints) -> Flags:
    failed = below(drawn, luck.threshold)
    if action.passes:
        np.logical_not(failed, out=failed)
    if luck.defect is not None:
        failed = failed | below(words(luck.defect, revisions, 0), action.defect)
    return failed
