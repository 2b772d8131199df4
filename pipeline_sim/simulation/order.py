"""In which order things happen within one instant.

Transitions that are disabled, stops (newest execution first), transitions that are enabled, alarms; then what happens
in the last stage, in the one before, … in the first; new pushes, the sources that are polled, and at the end what the
account's event bus delivers. SimPy keeps this order as the priority of its events; equal ranks go by who was scheduled
first. Two engines that are to agree on ties need such an order written down.
"""

from __future__ import annotations

DISABLE, STOP, ENABLE, ALARM = 2, 3, 4, 5
PUSH, POLL, BUS = 3000, 3001, 3002


def rank(place: int) -> int:
    """The rank of what happens in stage `place`, counted from 0: later stages first."""
    return 2000 - place


def rank_of_call(operation: str, place: int | None) -> int:
    """The rank of a call that a scenario makes: its own for transitions and stops, its stage's where it names one."""
    fixed = {"DisableStageTransition": DISABLE, "StopPipelineExecution": STOP, "EnableStageTransition": ENABLE}
    if operation in fixed:
        return fixed[operation]
    return PUSH if place is None else rank(place)
