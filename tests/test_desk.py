"""The teacher's desk: demonstrations, forks, notes, runs that are shared, and an assignment that is graded."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from pipeline_sim import Simulation
from pipeline_sim.aws.account import of
from pipeline_sim.cli import main
from pipeline_sim.pipeline.fault import Unreadable
from pipeline_sim.study import Demo, demos, link_of, opened, save
from pipeline_sim.study.clinic.case import treated
from pipeline_sim.study.clinic.reading import challenges
from pipeline_sim.study.desk.assignment import assignment, write
from pipeline_sim.study.desk.script import HERE, faults, forked, load, play
from pipeline_sim.study.telling import line

from .test_study_widgets import texts

SCRIPT = {"title": "Small", "world": {"pushes": "0s"}, "stops": [{"at": "90s", "note": "It builds."}]}


def script(tmp_path: Path, **other: Any) -> Path:
    path = tmp_path / "demo.yaml"
    path.write_text(json.dumps({**SCRIPT, **other}))
    return path


# ---------------------------------------------------------------------------------------------- demonstrations


@pytest.mark.parametrize("name", demos())
def test_every_demonstration_reaches_its_stops_and_its_forks(name: str) -> None:
    assert [str(fault) for fault in faults(HERE / "en" / f"{name}.yaml")] == []
    found = load(name)
    assert sum(bool(stop.ask) for stop in found.stops) >= 2
    assert any(stop.private for stop in found.stops)
    assert any(stop.forks for stop in found.stops)


def test_a_stop_stands_where_it_says() -> None:
    found = load("failure")
    played = play(found)
    for stop, k in zip(found.stops, played.positions, strict=True):
        if stop.when == "event":
            assert line(played.simulation.records[k - 1]).startswith(stop.what)
    assert list(played.positions) == sorted(played.positions)


def test_the_clock_stands_at_the_stop_and_a_fork_begins_there() -> None:
    one = Demo("modes")
    for place, k in enumerate(one.played.positions):
        one.go(place)
        assert one.console.position == k
    one.go(3)
    assert one.console.time == 1200
    one.fork(0)
    answered = next(record for record in one.console.records if line(record) == "PutApprovalResult")
    assert answered.time == 1200


def test_a_fork_is_another_future_with_the_same_past() -> None:
    found = load("modes")
    played = play(found)
    place = next(place for place, stop in enumerate(found.stops) if len(stop.forks) > 1)
    rejected, k = forked(played, place, found.stops[place].forks[0])
    assert rejected.records[:k] == played.simulation.records[:k]
    told = [line(record) for record in rejected.records[k:]]
    assert "#1 Failed" in told
    assert "#1 Failed" not in [line(record) for record in played.simulation.records]


def test_next_previous_and_the_keys_go_from_stop_to_stop() -> None:
    one = Demo("failure")
    assert one.console.presenting
    assert one.back.disabled
    assert one.stop.note in texts(one.box)
    one.on.click()
    assert one.place == 1
    assert one.console.position == one.played.positions[1]
    one.box.children[-1].turned += 1
    assert one.place == 2
    one.box.children[-1].turned -= 2
    assert one.place == 0
    one.go(99)
    assert one.place == 0


def test_private_notes_are_in_their_own_place() -> None:
    one = Demo("modes")
    assert one.stop.private not in texts(one.box)
    assert one.stop.private in html.unescape(texts(one.private))
    assert one.script.stops[1].note in texts(one.private), "what comes next"


def test_without_a_kernel_the_notes_for_the_class_can_be_read_and_the_teachers_cannot() -> None:
    demo = Demo("modes")
    text = html.unescape(demo._repr_mimebundle_()[0]["text/html"])
    assert all(stop.note.split(".")[0] in text for stop in demo.script.stops)
    assert "data:image/svg+xml;base64," in text
    assert not any(stop.private.split(".")[0] in text for stop in demo.script.stops if stop.private)


def test_a_prepared_fork_is_shown_and_left_again() -> None:
    one = Demo("modes")
    one.go(3)
    one.fork(0)
    assert one.console.simulation is not one.played.simulation
    assert "What if A is rejected?" in texts(one.box)
    leave = one.forks.children[-1]
    leave.click()
    assert one.console.simulation is one.played.simulation
    assert one.place == 3


@pytest.mark.parametrize(("other", "told"), [
    ({"stops": []}, "no stops"),
    ({"stops": [{"note": "x"}]}, "exactly one of at, event and claim"),
    ({"stops": [{"at": "soon", "note": "x"}]}, "soon"),
    ({"stops": [{"at": "1m"}]}, "no note"),
    ({"stops": [{"at": "1m", "nota": "x"}]}, "Did you mean 'note'?"),
    ({"stops": [{"event": "#9 Succeeded", "note": "x"}]}, "Nothing in the run comes to '#9 Succeeded'"),
    ({"stops": [{"at": "5m", "note": "x"}, {"at": "1m", "note": "x"}]}, "comes too late"),
    ({"stops": [{"at": "1m", "note": "x", "do": [{"call": "RollbackStage", "stageName": "No", "target": 1}]}]}, "cannot be"),
    ({"stops": [{"at": "1m", "note": "x", "forks": [{"title": "y"}]}]}, "a title and steps"),
    ({"world": {"pushes": "soon"}}, "soon"),
])
def test_faults_of_a_script_are_told_with_place_and_remedy(
    other: dict[str, Any], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "check", str(script(tmp_path, **other))]) == 1
    assert told in " ".join(capsys.readouterr().out.split())


def test_a_good_script_passes_and_what_is_no_yaml_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "check", str(script(tmp_path))]) == 0
    (tmp_path / "no.yaml").write_text("{")
    assert main(["demo", "check", str(tmp_path / "no.yaml")]) == 2
    assert main(["demo", "list"]) == 0
    assert "modes" in capsys.readouterr().out


# ---------------------------------------------------------------------------------------------- shared runs


@pytest.mark.parametrize("case", [one for one in challenges() if not any(step.kind == "function" for _, step in one.before)],
                         ids=lambda one: one.key)
def test_a_shared_run_is_the_same_run(case: Any) -> None:
    run = treated(case, case.solution)
    again = opened(link_of(run))
    assert again.records == run.records
    assert (again.seed, again.now) == (run.seed, run.now)


def test_a_run_is_saved_into_a_file_and_opened_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = play(load("modes")).simulation
    path = save(run, tmp_path / "run.json")
    assert opened(path).records == run.records
    assert main(["demo", "open", str(path)]) == 0
    assert "Superseded" in capsys.readouterr().out
    assert main(["demo", "open", "https://example.org/" + link_of(run)]) == 0


@pytest.mark.parametrize("given", ["#run=x", "#run=" + "A" * 40, "/no/such/file", "#run=eJwDAAAAAAE"])
def test_what_is_no_run_is_told_in_one_sentence(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unreadable):
        opened(given)
    assert main(["demo", "open", given]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_run_with_python_in_it_is_not_shared() -> None:
    run = play(load("modes")).simulation
    of(run).function("mine", lambda event: event)
    with pytest.raises(ValueError, match="is Python"):
        link_of(run)


# ---------------------------------------------------------------------------------------------- the assignment


SOLVED = 'c1.call("EnableStageTransition", stageName="Prod", transitionType="Inbound")'


def executed(notebook: Any, *, work: str) -> Any:
    """The notebook after a student has written into its first solution cell, executed as nbgrader does."""
    mine = next(cell for cell in notebook.cells if cell.metadata.nbgrader.solution)
    mine.source = work
    return NotebookClient(notebook, timeout=120, kernel_name="python3").execute()


def points(notebook: Any) -> list[tuple[float, float]]:
    """What nbgrader makes of it: none for an error or words on stderr, else the number that a test cell gives back."""
    found = []
    for cell in notebook.cells:
        if cell.metadata.nbgrader.grade:
            bad = any(out.output_type == "error" or out.get("name") == "stderr" for out in cell.outputs)
            given = next((float(out.data["text/plain"]) for out in cell.outputs if out.output_type == "execute_result"), 0)
            found.append((0 if bad else given, cell.metadata.nbgrader.points))
    return found


def test_an_assignment_is_graded_as_nbgrader_does() -> None:
    made = nbformat.from_dict(assignment(["disabled-transition", "flaky-test"], points=5))
    nbformat.validate(made)
    assert points(executed(made, work=SOLVED)) == [(5, 5), (0, 5)]


def test_the_cells_are_marked_as_nbgrader_wants_it(tmp_path: Path) -> None:
    path = write(tmp_path / "assignment.ipynb", ["disabled-transition"])
    cells = [cell["metadata"]["nbgrader"] for cell in json.loads(path.read_text())["cells"]]
    assert len({cell["grade_id"] for cell in cells}) == len(cells)
    for cell in cells:
        assert {"schema_version", "grade_id", "grade", "solution", "locked", "task"} <= set(cell)
        assert cell["locked"] is not cell["solution"]
        assert ("points" in cell) is cell["grade"]


def test_the_sample_assignment_is_what_the_command_writes(tmp_path: Path) -> None:
    sample = Path(__file__).parent.parent / "docs" / "assignment.ipynb"
    ids = [cell["id"] for cell in json.loads(sample.read_text())["cells"]]
    keys = [one.removesuffix("-test") for one in ids if one.endswith("-test")]
    assert main(["challenge", "assignment", str(tmp_path / "again.ipynb"), *keys]) == 0
    assert (tmp_path / "again.ipynb").read_text() == sample.read_text()
    assert main(["challenge", "assignment", str(tmp_path / "no.ipynb"), "nothing"]) == 2


def test_an_unknown_challenge_makes_no_assignment() -> None:
    with pytest.raises(ValueError, match="No challenge is called"):
        assignment(["nothing"])


def test_a_demo_is_made_of_a_simulation_that_stays_as_it_is() -> None:
    one = Demo("events")
    before = len(one.played.simulation.records)
    assert isinstance(one.played.simulation, Simulation)
    for place in range(len(one.script.stops)):
        one.go(place)
        for fork in one.stop.forks:
            one.fork(fork)
    assert len(one.played.simulation.records) == before
