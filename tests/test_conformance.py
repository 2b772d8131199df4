"""The scoreboard: every operation, every declared error, every constraint of the API's model, tried one by one."""

from __future__ import annotations

import json

import pytest

from pipeline_sim.aws import conformance
from pipeline_sim.aws.conformance import Scoreboard, render, scoreboard, service_model
from pipeline_sim.aws.conformance.provocations import OUT_OF_REACH, PROVOCATIONS
from pipeline_sim.cli import main


@pytest.fixture(scope="module")
def board() -> Scoreboard:
    return scoreboard()


def test_everything_that_can_be_reached_is(board: Scoreboard) -> None:
    assert board.failures == []


def test_every_operation_is_answered_in_its_shape(board: Scoreboard) -> None:
    assert set(board.operations) == set(service_model().operation_names)
    assert len(board.operations) == 44


def test_what_is_out_of_reach_is_so_for_a_reason_and_is_not_much(board: Scoreboard) -> None:
    assert {error for _, error in board.unreachable} == {key.rpartition("/")[2] for key in OUT_OF_REACH}
    assert len(board.unreachable) < len(board.errors) / 8


def test_no_story_provokes_an_error_that_is_not_declared() -> None:
    model = service_model()
    for operation, error in PROVOCATIONS:
        assert error in {shape.name for shape in model.operation_model(operation).error_shapes}


def test_a_story_that_ends_well_is_told_as_a_failure(board: Scoreboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "PROVOCATIONS", {**PROVOCATIONS, ("GetPipeline", "PipelineNotFoundException"): (
        PROVOCATIONS["GetPipeline", "PipelineNotFoundException"][0], lambda sim: {"name": "shop"})})
    assert conformance._provoked("GetPipeline", "PipelineNotFoundException") == "the story ends in another way"
    assert "Not reached" in render(Scoreboard({"GetPipeline": "refused"}, board.errors, 1, (("A", "b", "max"),)))


def test_the_command_prints_the_same_numbers(board: Scoreboard, capsys: pytest.CaptureFixture[str],
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "scoreboard", lambda: board)
    assert main(["conformance"]) == 0
    assert f"| operations answered in their output shape | {len(board.operations)} | 44 |" in capsys.readouterr().out
    assert main(["conformance", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["constraints"]["of"] == board.constraints
