"""A student's progress: in a file of the student's own, never half, never lost in silence; what was wrong comes back."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline_sim.cli import main
from pipeline_sim.study.anki import export
from pipeline_sim.study.bank import predictions, questions
from pipeline_sim.study.calibration import Told, brier, levels
from pipeline_sim.study.paper import choices, draw, order
from pipeline_sim.study.progress import PREDICTION, NewerProgress, Progress
from pipeline_sim.study.score import Answer, Part, result, scaled
from pipeline_sim.study.widgets.drill import queue, when

MONDAY = datetime(2030, 1, 7, 9, tzinfo=UTC)
ALL = questions()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.json"


def test_what_was_wrong_comes_back_soon_and_what_was_right_later(file: Path) -> None:
    progress = Progress(file)
    soon = progress.answered("a", False, at=MONDAY)
    later = progress.answered("b", True, at=MONDAY)
    assert soon - MONDAY < timedelta(hours=1)
    assert later - MONDAY > timedelta(days=1)
    assert progress.due(["a", "b", "c"], MONDAY + timedelta(hours=1)) == ["a"]
    assert set(progress.due(["a", "b"], MONDAY + timedelta(days=30))) == {"a", "b"}
    assert progress.wrong() == ["a"]
    progress.answered("a", True, at=MONDAY + timedelta(hours=1))
    assert progress.wrong() == []


def test_who_was_right_but_unsure_sees_it_earlier(file: Path) -> None:
    progress = Progress(file)
    for day in range(0, 60, 20):
        unsure = progress.answered("a", True, kind=PREDICTION, confidence=0.5, at=MONDAY + timedelta(days=day))
        sure = progress.answered("b", True, kind=PREDICTION, confidence=0.9, at=MONDAY + timedelta(days=day))
    assert unsure < sure


def test_another_day_goes_on_where_the_last_one_ended(file: Path) -> None:
    Progress(file).answered("a", False, said=["x"], at=MONDAY)
    again = Progress(file)
    assert again.answers == [{"key": "a", "kind": "question", "mode": "drill", "right": False, "said": ["x"],
                              "at": MONDAY.isoformat()}]
    assert again.due(["a"], MONDAY + timedelta(days=1)) == ["a"]
    assert again.notice == ""


def test_a_file_that_cannot_be_read_is_kept_aside_and_told(file: Path) -> None:
    broken = ["{half", "[]", '{"version": 1}', '{"version": 1, "answers": [7], "cards": {}, "exams": []}',
              '{"version": 1, "answers": [], "cards": {"a": {}}, "exams": []}']
    for number, text in enumerate(broken, 1):
        file.write_text(text)
        progress = Progress(file)
        assert progress.answers == []
        assert f"mine.json.unreadable-{number}" in progress.notice
        assert (file.parent / f"mine.json.unreadable-{number}").read_text() == text
    file.write_bytes(b"\xff\xfe\x00")
    assert "no text" in Progress(file).notice


def test_a_file_of_a_newer_version_is_left_alone(file: Path) -> None:
    file.write_text('{"version": 99}')
    with pytest.raises(NewerProgress, match="newer pipeline-sim \\(version 99\\)"):
        Progress(file)
    assert file.read_text() == '{"version": 99}'


def test_the_file_is_written_whole_or_not_at_all(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress(file)
    progress.answered("a", True, at=MONDAY)
    before = file.read_text()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        progress.answered("b", True, at=MONDAY)
    assert file.read_text() == before
    assert os.listdir(file.parent) == ["mine.json"]


def test_two_notebooks_write_to_one_file_and_nothing_is_lost(file: Path) -> None:
    one, other = Progress(file), Progress(file)
    one.answered("a", True, at=MONDAY)
    other.answered("b", False, at=MONDAY + timedelta(minutes=1))
    one.answered("c", True, at=MONDAY + timedelta(minutes=2))
    assert [answer["key"] for answer in Progress(file).answers] == ["a", "b", "c"]
    assert set(Progress(file).cards) == {"a", "b", "c"}


def test_progress_can_be_taken_to_another_machine(file: Path, tmp_path: Path) -> None:
    home = Progress(file)
    home.answered("a", False, at=MONDAY)
    copy = home.export(tmp_path / "copy.json")
    work = Progress(tmp_path / "work.json")
    work.answered("b", True, at=MONDAY + timedelta(hours=1))
    assert work.take_in(copy) == 1
    assert work.take_in(copy) == 0
    assert [answer["key"] for answer in work.answers] == ["a", "b"]
    assert work.due(["a"], MONDAY + timedelta(days=1)) == ["a"]
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match="no JSON"):
        work.take_in(tmp_path / "bad.json")


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Progress(None).answered("a", True)
    assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------------------------------------- drills and exams


def test_a_drill_asks_what_comes_back_first_then_what_is_new() -> None:
    progress = Progress(None)
    old, older = ALL[3], ALL[7]
    now = datetime.now(UTC)
    progress.answered(older.key, False, at=now - timedelta(days=2))
    progress.answered(old.key, False, at=now - timedelta(days=1))
    progress.answered(ALL[5].key, True)
    asked = queue(ALL, progress, seed=1)
    assert [one.key for one in asked[:2]] == [older.key, old.key]
    assert asked[-1].key == ALL[5].key
    assert len(queue(ALL, progress, seed=1, count=10)) == 10
    assert queue(ALL, progress, seed=1) != queue(ALL, progress, seed=2)


@pytest.mark.parametrize(("left", "told"), [
    (timedelta(minutes=10), "in a few minutes"), (timedelta(hours=8), "today"), (timedelta(days=1), "tomorrow"),
    (timedelta(days=9), "in 9 days")])
def test_when_something_comes_back_is_said_in_days(left: timedelta, told: str) -> None:
    assert when(MONDAY + left, now=MONDAY) == told


def test_the_score_is_a_straight_line_from_100_to_1000() -> None:
    assert [scaled(Part(right, 10)) for right in (0, 5, 10)] == [100, 550, 1000]
    assert scaled(Part(0, 0)) == 100
    assert not result([Answer(one, one.right if place < 68 else frozenset()) for place, one in enumerate(ALL[:100])]).passed
    assert result([Answer(one, one.right if place < 69 else frozenset()) for place, one in enumerate(ALL[:100])]).passed


def test_of_several_right_answers_all_must_be_chosen_and_no_other() -> None:
    question = next(one for one in ALL if one.several)
    right = question.right
    assert Answer(question, right).is_right
    assert not Answer(question, frozenset(list(right)[:1])).is_right
    assert not Answer(question, right | {next(at for at in range(6) if at not in right)}).is_right
    assert not Answer(question).is_right


def test_a_result_is_told_by_domain_and_theme() -> None:
    told = result(Answer(one, one.right if one.domain == "security" else frozenset()) for one in ALL)
    security = sum(one.domain == "security" for one in ALL)
    assert told.by_domain["security"] == Part(security, security)
    assert sum(part.count for part in told.by_theme.values()) == len(ALL)
    assert told.total.right == security


def test_a_paper_is_drawn_by_its_seed_with_each_domain_in_proportion() -> None:
    paper = draw(ALL, 65, seed=7)
    assert len({one.key for one in paper}) == 65
    assert paper == draw(list(reversed(ALL)), 65, seed=7) or paper == draw(ALL, 65, seed=7)
    assert paper != draw(ALL, 65, seed=8)
    for domain in {one.domain for one in ALL}:
        share = sum(one.domain == domain for one in ALL) / len(ALL)
        assert abs(sum(one.domain == domain for one in paper) - 65 * share) < 3
    assert len(draw(ALL, 10_000)) == len(ALL)


def test_the_right_answer_stands_anywhere() -> None:
    first = [order(one, seed=3)[0] in one.right for one in ALL]
    assert 0.1 < sum(first) / len(ALL) < 0.5
    assert all(sorted(order(one)) == list(range(len(one.options))) for one in ALL)


def test_what_is_foretold_does_not_stand_first_always_and_numbers_keep_their_order() -> None:
    words = [one for one in predictions() if "Superseded" in one.choices]
    assert all(sorted(choices(one)) == sorted(one.choices) for one in predictions())
    assert len({tuple(choices(words[0], seed)) for seed in range(10)}) > 1
    numbers = next(one for one in predictions() if one.key == "p-approval-week")
    assert choices(numbers) == list(numbers.choices)


def test_an_exam_is_written_down_with_each_answer(file: Path) -> None:
    progress = Progress(file)
    progress.examined(result([Answer(ALL[0], ALL[0].right), Answer(ALL[1])]), at=MONDAY)
    kept = Progress(file)
    assert kept.exams[0]["score"] == 550
    assert [one["right"] for one in kept.answers] == [True, False]
    assert kept.wrong() == [ALL[1].key]
    assert "2 answers, 1 of them right." in str(kept)
    assert "Exam of 2030-01-07: 550 of 1000 (1 of 2 right)." in repr(kept)


# ---------------------------------------------------------------------------------------------- confidence


def test_confidence_that_fits_has_a_small_brier_score() -> None:
    assert brier([Told(1.0, True)]) == 0
    assert brier([Told(0.5, True), Told(0.5, False)]) == 0.25
    assert brier([Told(0.99, False)]) > 0.9
    with pytest.raises(ValueError, match="Nothing was predicted"):
        brier([])


def test_predictions_are_grouped_by_how_sure_one_was() -> None:
    told = [Told(0.5, False), Told(0.7, True), Told(0.7, False), Told(0.99, True)]
    found = [(round(one.confidence, 2), one.right, one.of) for one in levels(told)]
    assert found == [(0.5, 0, 1), (0.7, 1, 2), (0.99, 1, 1)]


# ---------------------------------------------------------------------------------------------- Anki


def test_a_deck_for_anki_has_a_card_for_each_question(tmp_path: Path) -> None:
    import sqlite3

    assert export(ALL, tmp_path / "all.apkg", predictions=predictions()) == len(ALL) + len(predictions())
    with zipfile.ZipFile(tmp_path / "all.apkg") as deck:
        deck.extract("collection.anki2", tmp_path)
    database = sqlite3.connect(tmp_path / "collection.anki2")
    notes = database.execute("select guid, flds, tags from notes").fetchall()
    database.close()
    assert len({guid for guid, _, _ in notes}) == len(ALL) + len(predictions())
    assert any("<b>Right:</b> Superseded" in fields for _, fields, _ in notes), "a prediction's answer is the run's"
    text = next(fields for _, fields, _ in notes if "&quot;Release change&quot;" in fields)
    assert "<script" not in text
    assert any("approvals" in tags and "task-3.4" in tags for _, _, tags in notes)


def test_the_command_writes_only_what_was_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(tmp_path / "mine.json")
    progress.answered(ALL[0].key, False)
    progress.answered(ALL[1].key, True)
    deck = tmp_path / "wrong.apkg"
    assert main(["study", "anki", str(deck), "--wrong", str(tmp_path / "mine.json")]) == 0
    assert "1 cards." in capsys.readouterr().out
    assert main(["study", "anki", str(deck), "--theme", "love"]) == 2
    assert json.loads((tmp_path / "mine.json").read_text())["version"] == 1
