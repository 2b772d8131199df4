"""How much of the API's model is reached: every operation, every declared error, every constraint, tried one by one.

The model is botocore's, read from the installed package. Whatever is counted has happened in a simulation just now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate

from ...refused import Refused
from ...simulation import Simulation
from .answered import ANSWERED
from .provocations import OUT_OF_REACH, PROVOCATIONS
from .samples import wrongs
from .worlds import empty

VALIDATION = "ValidationException"


@dataclass(frozen=True)
class Scoreboard:
    """What was tried and what came of it. `operations` and `errors` hold an empty text where the model was reached,
    otherwise why not; `errors` by (operation, error). Of `constraints` those that were not refused as they should."""

    operations: Mapping[str, str]
    errors: Mapping[tuple[str, str], str]
    constraints: int
    missed: tuple[tuple[str, str, str], ...]

    @property
    def unreachable(self) -> Mapping[tuple[str, str], str]:
        """Errors that cannot arise here, with the reason."""
        return {key: why for key, why in self.errors.items() if why and why == out_of_reach(*key)}

    @property
    def failures(self) -> list[str]:
        """What should have been reached and was not."""
        found = [f"{operation}: {why}" for operation, why in self.operations.items() if why]
        found += [f"{operation}, {error}: {why}" for (operation, error), why in self.errors.items()
                  if why and (operation, error) not in self.unreachable]
        return found + [f"{operation}, {path}, {constraint}: not refused there" for operation, path, constraint in
                        self.missed]


def scoreboard() -> Scoreboard:
    """Go through the model: a few seconds."""
    model = service_model()
    names = model.operation_names
    errors = {(name, shape.name): _provoked(name, shape.name) for name in names
              for shape in model.operation_model(name).error_shapes}
    tried = [(name, wrong) for name in names for wrong in wrongs(model.operation_model(name).input_shape)]
    sim = empty()
    missed = [(name, wrong.path, wrong.constraint) for name, wrong in tried
              if f"at '{wrong.path}' failed" not in _message(sim, name, wrong.request, VALIDATION)]
    return Scoreboard({name: _answered(model, name) for name in names}, errors, len(tried), tuple(missed))


def service_model() -> Any:
    """Botocore's model of the service."""
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("codepipeline", "service-2"))


def out_of_reach(operation: str, error: str) -> str:
    """Why an error cannot arise in a simulation; empty where it can."""
    return OUT_OF_REACH.get(f"{operation}/{error}") or OUT_OF_REACH.get(error, "")


def _answered(model: Any, operation: str) -> str:
    """Call an operation and hold its answer against the output shape: what is wrong, if anything."""
    if operation not in ANSWERED:
        return "no call in the table"
    world, request = ANSWERED[operation]
    sim = world()
    try:
        answer = sim.call(operation, **request(sim))
    except Refused as refused:
        return f"refused: {refused}"
    shape = model.operation_model(operation).output_shape
    if shape is None:
        return "" if answer == {} else f"answered {answer} where the model has no answer"
    report = botocore.validate.ParamValidator().validate(answer, shape)
    return str(report.generate_report()) if report.has_errors() else ""


def _provoked(operation: str, error: str) -> str:
    """Provoke an error: what came instead, if anything."""
    if error == VALIDATION:
        return "" if _message(empty(), operation, {"notAMember": "x"}, error) else "an unknown member was taken"
    if (operation, error) not in PROVOCATIONS:
        return out_of_reach(operation, error) or "no story in the table"
    world, request = PROVOCATIONS[operation, error]
    sim = world()
    return "" if _message(sim, operation, request(sim), error) else "the story ends in another way"


def _message(sim: Simulation, operation: str, request: Mapping[str, Any], error: str) -> str:
    """The message with which a call is refused under `error`; empty where it is not."""
    try:
        sim.call(operation, **request)
    except Refused as refused:
        return refused.message if refused.error == error else ""
    return ""


# ---------------------------------------------------------------------------------------------- as text


def as_json(board: Scoreboard) -> dict[str, Any]:
    """The numbers: `reached` and `of`, and what is not reached and why."""
    counts = _counts(board)
    return {
        **{what: {"reached": reached, "of": of} for what, (reached, of) in counts.items()},
        "outOfReach": {f"{operation}/{error}": why for (operation, error), why in board.unreachable.items()},
        "failures": board.failures,
    }


def _counts(board: Scoreboard) -> dict[str, tuple[int, int]]:
    return {
        "operations": (sum(not why for why in board.operations.values()), len(board.operations)),
        "errors": (sum(not why for why in board.errors.values()), len(board.errors)),
        "constraints": (board.constraints - len(board.missed), board.constraints),
    }


_ROWS = {
    "operations": "operations answered in their output shape",
    "errors": "errors that operations declare",
    "constraints": "constraints of the input shapes",
}


def render(board: Scoreboard) -> str:
    """The scoreboard as a table in Markdown, with what is not reached below it."""
    rows = [f"| {_ROWS[what]} | {reached} | {of} |" for what, (reached, of) in _counts(board).items()]
    table = ["| of the API's model | reached | of |", "|---|---|---|", *rows]
    return "\n".join([*table, *_reasons(board), *_failures(board)])


def _reasons(board: Scoreboard) -> list[str]:
    """The errors that cannot arise, by reason."""
    found: dict[str, list[str]] = {}
    for (operation, error), why in board.unreachable.items():
        found.setdefault(f"{error}: {why}", []).append(operation)
    if not found:
        return []
    return ["", "Out of reach:", "", *(f"- {what} ({', '.join(names)})" for what, names in found.items())]


def _failures(board: Scoreboard) -> list[str]:
    return ["", "Not reached:", "", *(f"- {failure}" for failure in board.failures)] if board.failures else []
