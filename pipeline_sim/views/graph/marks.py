"""What a picture shows of a run: marks at the elements of a pipeline, given from outside as plain data.

Every element has an id made of places counted from 0, as in `stages[2].actions[1]`: `stage-2`, `action-2-1`,
`transition-2` (the way into stage 2; `transition-0` is the way into the pipeline), `entry-2`, `success-2`,
`failure-2` (a stage's conditions). Names are free text and never become ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ...pipeline.model import Pipeline


@dataclass(frozen=True)
class Marks:
    """The picture of one moment.

    `status`: status by element id (stages, actions, conditions). `tokens`: where each execution is, by its number:
    `stage-2` or `action-2-1` inside, `transition-2` waiting in front of stage 2. `disabled`: the reason by the id of
    each transition that is disabled.
    """

    status: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[int, str] = field(default_factory=dict)
    disabled: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def places(self) -> Mapping[str, tuple[int, ...]]:
        """The executions at each place, oldest first."""
        found: dict[str, list[int]] = {}
        for number in sorted(self.tokens):
            found.setdefault(self.tokens[number], []).append(number)
        return {place: tuple(numbers) for place, numbers in found.items()}

    def at(self, place: str) -> tuple[int, ...]:
        return self.places.get(place, ())


NO_MARKS = Marks()


def stage_id(pipeline: Pipeline, stage: str) -> str:
    return f"stage-{pipeline.index[stage]}"


def transition_id(pipeline: Pipeline, stage: str) -> str:
    """The inbound transition of a stage."""
    return f"transition-{pipeline.index[stage]}"


def action_id(pipeline: Pipeline, stage: str, action: str) -> str:
    return f"action-{pipeline.index[stage]}-{pipeline.stage(stage).index[action]}"


@dataclass(frozen=True)
class Look:
    """How a status is told, four times over: sign, word, border and hue. No reader needs the hue."""

    word: str
    glyph: str
    border: str
    weight: float
    hue: str


# Borders: solid = at its end as wished, thick = failed, dashed = moves, dashdot = was ended, dotted = never ran.
LOOKS: Mapping[str, Look] = {
    "Succeeded": Look("Succeeded", "✓", "solid", 2, "green"),
    "Failed": Look("Failed", "✗", "solid", 4, "vermillion"),
    "InProgress": Look("In progress", "►", "dashed", 2.5, "blue"),
    "Stopping": Look("Stopping", "◧", "dashed", 2.5, "orange"),
    "Stopped": Look("Stopped", "■", "dashdot", 2.5, "orange"),
    "Superseded": Look("Superseded", "»", "dotted", 2.5, "purple"),
    "Cancelled": Look("Cancelled", "⊘", "dashdot", 2.5, "grey"),
    "Skipped": Look("Skipped", "↷", "dotted", 2.5, "sky"),
    "Abandoned": Look("Abandoned", "–", "dashdot", 2.5, "yellow"),
    "Errored": Look("Errored", "✗", "solid", 4, "vermillion"),
    "Overridden": Look("Overridden", "↷", "dashdot", 2.5, "purple"),
    "DidntRun": Look("Didn't Run", "○", "solid", 1, "grey"),
}
WAITING_FOR_APPROVAL = "Waiting for approval"


def status_key(status: str) -> str:
    """A status as a class name holds it: one of LOOKS. DidntRun stands for the console's "Didn't Run" and looks alike
    for whatever is unknown."""
    return status if status in LOOKS else "DidntRun"


def look(status: str) -> Look:
    return LOOKS[status_key(status)]


def word(status: str, approval: bool = False) -> str:
    """The word beside the sign. An approval in progress waits for somebody."""
    if approval and status == "InProgress":
        return WAITING_FOR_APPROVAL
    return LOOKS[status].word if status in LOOKS else status or LOOKS["DidntRun"].word


@dataclass(frozen=True)
class Shade:
    """One hue in one theme: `line` for borders and signs (contrast 3:1), `ink` for words (4.5:1), `tint` behind."""

    line: str
    ink: str
    tint: str


@dataclass(frozen=True)
class Theme:
    """Every colour of a picture; `quiet` lies on the page itself, which may be light or dark where it shows through."""

    page: str
    stage: str
    head: str
    card: str
    edge: str
    text: str
    soft: str
    quiet: str
    shades: Mapping[str, Shade]


# The hues are those of Okabe and Ito, darker or lighter as far as the contrast needs it.
LIGHT = Theme("#ffffff", "#f4f6f8", "#e9edf1", "#fffffe", "#7d8790", "#16191f", "#4a5560", "#7a8591", {
    "green": Shade("#00966d", "#007757", "#e6f5f1"),
    "vermillion": Shade("#d55e00", "#ac4c00", "#fbefe6"),
    "blue": Shade("#0072b2", "#006ba8", "#e6f1f7"),
    "orange": Shade("#b37c00", "#8e6200", "#fcf5e6"),
    "purple": Shade("#c5669a", "#ad427d", "#faf2f6"),
    "sky": Shade("#1b8ece", "#1571a5", "#eef8fd"),
    "yellow": Shade("#92880c", "#736c09", "#fefcec"),
    "grey": Shade("#6b7680", "#5f6972", "#f0f1f2"),
})
DARK = Theme("#0f1620", "#1b2430", "#26313f", "#0f1620", "#7d8998", "#f2f3f3", "#b6bec9", "#7c8793", {
    "green": Shade("#009e73", "#00b986", "#17383b"),
    "vermillion": Shade("#d55e00", "#ff7407", "#392d28"),
    "blue": Shade("#0083cd", "#00a2fd", "#173045"),
    "orange": Shade("#e69f00", "#e69f00", "#3b3828"),
    "purple": Shade("#cc79a7", "#d48eb5", "#373243"),
    "sky": Shade("#56b4e9", "#56b4e9", "#243b4e"),
    "yellow": Shade("#f0e442", "#f0e442", "#3d4333"),
    "grey": Shade("#75818c", "#97a0a8", "#28313d"),
})
THEMES: Mapping[str, Theme] = {"light": LIGHT, "dark": DARK}

# One execution after another takes the next pair of fill and number: the number tells them apart, the fill helps.
TOKENS = (("#0071b2", "#ffffff"), ("#e69f00", "#000000"), ("#009e73", "#000000"), ("#cc79a7", "#000000"),
          ("#56b4e9", "#000000"), ("#d55e01", "#000000"), ("#f0e442", "#000000"))


def token_hue(number: int) -> int:
    """Which of TOKENS an execution's token has; the class `token-hue-0`, `token-hue-1`, …"""
    return (number - 1) % len(TOKENS)


# The ways of artifacts, one after another. Their names stand at both ends.
FLOW_HUES = ("purple", "blue", "orange", "green", "sky")
