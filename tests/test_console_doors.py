"""What the browser asks of a console in Python: to act, to look, to go between runs."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Refused
from pipeline_sim.console import Console
from pipeline_sim.record import Called

from .stories import lines, simulation

SHOP = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Ok": "Manual"}, "Deploy"]}


def sat() -> Console:
    return Console(simulation(SHOP))


def act(console: Console, thing: str, offer: str, **values: Any) -> Any:
    return console.ask("act", {"thing": thing, "offer": offer, "k": console.position, "seen": len(console.records),
                               "values": values})


def end(console: Console) -> None:
    console.position = len(console.records)


def test_a_push_runs_on_and_the_cursor_stays_where_the_act_was() -> None:
    console = sat()
    answer = act(console, "pipeline", "push", message="New")
    assert answer["said"] == ("Push a revision, at 09:00. Push 1: New Execution 1 starts (standard, CloudWatchEvent). "
                              "The run goes on for 2m: play it.")
    assert (console.position, answer["k"], answer["forked"], console.runs) == (5, 5, False, [])
    assert lines(list(console.records))[-1] == "120 #1 Prod/Ok InProgress"


def test_an_act_in_the_past_shows_another_run_and_keeps_the_one_before() -> None:
    console = sat()
    act(console, "pipeline", "push")
    first = console.simulation
    end(console)
    console.position -= 1
    answer = act(console, "transition-2", "disable-Inbound-Prod", reason="freeze")
    assert "Another run begins here; the one before is kept." in answer["said"]
    assert console.runs == [first]
    assert console.simulation is not first
    found = console.ask("fork_list", {})["runs"]
    assert [(run["name"], run["shown"]) for run in found] == [
        ("the first run", False), ("after: Disable the transition into Prod, 09:02", True)]
    console.ask("show_fork", {"index": 0, "k": console.position})
    assert console.simulation is first


def test_a_run_that_a_cell_shows_is_not_called_the_first() -> None:
    console = sat()
    act(console, "pipeline", "push")
    console.show(console.simulation.fork_at(8))
    console.show(console.simulation.fork_at(6))
    names = [run["name"] for run in console.ask("fork_list", {})["runs"]]
    assert names == ["the first run", "run 2, shown by a cell", "run 3, shown by a cell"]
    assert console.ask("fork_film", {"index": 1})["name"] == names[1]


def test_a_future_that_an_act_began_and_nobody_has_seen_is_not_kept() -> None:
    console = sat()
    act(console, "pipeline", "push")
    original = console.simulation
    for _ in range(3):  # three pushes at one moment, with nothing looked at in between
        console.ask("act", {"thing": "pipeline", "offer": "push", "k": console.position, "seen": console.position})
    assert console.runs == [original]


def test_what_is_refused_is_said_in_awss_words_and_changes_nothing() -> None:
    console = sat()
    act(console, "pipeline", "push")
    end(console)
    before = list(console.records)
    with pytest.raises(Refused, match="StageNotRetryableException: Build is Succeeded for execution 1"):
        act(console, "stage-1", "retry-ALL_ACTIONS-Build")
    assert console.records == before
    assert console.runs == []


def test_an_act_shows_the_command_that_did_the_same() -> None:
    console = sat()
    act(console, "pipeline", "push")
    end(console)
    answer = act(console, "action-2-0", "approve", summary="It's fine")
    assert answer["command"].startswith("aws codepipeline put-approval-result --pipeline-name shop --stage-name Prod")
    assert answer["answer"]["approvedAt"] == "2030-01-07T09:02:00+00:00"
    assert [call.request["result"]["summary"] for call in console.records if isinstance(call, Called)] == ["It's fine"]


def test_another_seed_is_another_run_with_the_same_acts() -> None:
    console = sat()
    act(console, "pipeline", "push")
    act(console, "pipeline", "seed", seed="7")
    assert (console.simulation.seed, len(console.runs)) == (7, 1)
    assert console.ask("fork_list", {})["runs"][1]["name"] == "seed 7"
    assert lines(list(console.records))[-1] == "120 #1 Prod/Ok InProgress"


def test_time_passes_when_told_to() -> None:
    console = sat()
    act(console, "pipeline", "push")
    end(console)
    act(console, "pipeline", "pass", until="end")
    assert lines(list(console.records))[-1] == "604920 #1 Failed"
    assert console.position == len(console.records)


def test_an_offer_is_told_with_its_moment_its_reason_and_the_seed() -> None:
    console = sat()
    act(console, "pipeline", "push")
    found = console.ask("offers", {"thing": "action-2-0", "k": len(console.records)})
    assert found["why"].startswith("Nobody has answered Prod/Ok since")
    assert (found["where"], found["seed"]) == ("Now, at 09:02.", 0)
    assert console.ask("offers", {"thing": "action-2-0", "k": 3})["where"] == (
        "In the past, at 09:00, after all that happens at that instant, another run begins here, and this one is kept.")


def test_the_film_of_a_kept_run_comes_with_the_place_where_the_runs_part() -> None:
    console = sat()
    act(console, "pipeline", "push")
    end(console)
    console.position -= 1
    act(console, "stage-1", "disable-Outbound-Build")
    found = console.ask("fork_film", {"index": 0})
    first, second, common = console.runs[0].records, list(console.records), found["common"]
    assert first[:common] == second[:common]
    assert first[:common + 1] != second[:common + 1]
    assert found["pictures"] == ""  # the same as the shown run's
    with pytest.raises(ValueError, match="There is no run 9: there are 2"):
        console.ask("fork_film", {"index": 9})


@pytest.mark.parametrize("door", ["about", "offers"])
def test_a_thing_that_is_not_there_is_said_not_to_be(door: str) -> None:
    with pytest.raises(ValueError, match="shop has nothing called 'stage-9'"):
        sat().ask(door, {"thing": "stage-9", "k": 1})


def test_two_consoles_of_one_simulation_see_each_others_acts() -> None:
    one = simulation(SHOP)
    console, other = Console(one), Console(one)
    act(console, "pipeline", "push")
    assert other.records == console.records
    assert other.film == console.film
