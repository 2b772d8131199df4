"""The widgets of the course, without a browser: an exam against a clock of ours, a drill, a prediction, their words."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
import yaml

from pipeline_sim import study
from pipeline_sim.study import Drill, Exam, Predict, Progress, Study, questions
from pipeline_sim.study.question import Prediction
from pipeline_sim.study.widgets.card import Card
from pipeline_sim.study.widgets.showing import Showing
from pipeline_sim.study.words import FOLDER, Glossary, glossary, say, terms_in
from pipeline_sim.views.evidence import rules

STUDY = FOLDER.parent
PARTS = ("ui", "drill", "exam", "predict", "days", "anki", "progress", "clinic", "desk")


def texts(widget: Any) -> str:
    """All that can be read in a widget, what is hidden left out."""
    if widget.layout.display == "none":
        return ""
    inside = " ".join(texts(one) for one in getattr(widget, "children", ()))
    own = [getattr(widget, name, "") for name in ("value", "description")]
    own = [one for one in own if not str(one).startswith("<style>")]
    options = [str(one) for one in getattr(widget, "options", ())]
    return " ".join([*(one for one in own if isinstance(one, str)), *options, inside])


class Clock:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def exam(count: int = 4, **given: Any) -> Exam:
    made = Exam(count, seed=3, progress=None, **given)
    made.begin()
    return made


def answer(one: Exam, place: int, right: bool = True) -> None:
    one.go(place)
    question = one.paper[place]
    one.card.choose(question.right if right else {next(at for at in range(6) if at not in question.right)})


# ---------------------------------------------------------------------------------------------- the exam


def test_an_exam_tells_nothing_before_its_end() -> None:
    one = exam()
    answer(one, 0, right=False)
    assert "ps-told" not in texts(one.box)
    assert "Not right" not in texts(one.box)
    assert "(answered)" in texts(one.box)


def test_an_answer_stays_when_one_goes_away_and_comes_back() -> None:
    one = exam()
    answer(one, 1)
    one.go(2)
    one.go(1)
    assert one.card.chosen == one.paper[1].right
    one.mark()
    assert "2 (answered, marked)" in texts(one.box)
    one.jump.value = 3
    assert one.place == 3
    one.go(99)
    assert one.place == 3


def test_an_exam_with_open_questions_asks_before_it_ends() -> None:
    one = exam()
    answer(one, 0)
    one.finish()
    assert one.result is None
    assert "Still open: 3." in texts(one.box)
    one.finish()
    assert one.result is not None
    assert one.result.score == 325


def test_all_right_is_1000_and_every_answer_can_be_reviewed() -> None:
    one = exam()
    for place in range(4):
        answer(one, place)
    one.finish()
    told = texts(one.box)
    assert "1000 of 1000" in told
    assert "Passed." in told
    assert "how it scales is not public" in told
    assert [label for label, _ in one.pick.options] == ["1: right", "2: right", "3: right", "4: right"]
    seen = set()
    for _ in range(4):
        seen.add(texts(one.body))
        one._step(1)
    assert len(seen) == 4
    one.only_wrong.value = True
    assert one.pick.options == ()
    assert texts(one.body).strip() == ""


def test_when_the_time_is_over_the_exam_is() -> None:
    clock = Clock()
    one = exam(clock=clock, minutes=10)
    answer(one, 0)
    clock.now = 599
    one.go(1)
    assert "0:01 left" in texts(one.box)
    clock.now = 600
    one.card.choose(one.paper[1].right)
    assert one.result is not None
    assert one.result.total.right == 1, "what comes too late does not count"
    assert "The time is over." in texts(one.box)


def test_an_exam_of_65_has_130_minutes_and_the_same_seed_is_the_same_paper() -> None:
    one = Exam(progress=None, seed=5)
    assert (len(one.paper), one.minutes) == (65, 130)
    assert one.paper == Exam(progress=None, seed=5).paper
    assert {question.theme for question in Exam(5, theme="cost", progress=None).paper} == {"cost"}


def test_an_exam_is_kept_and_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress(tmp_path / "mine.json")
    one = Exam(2, seed=1, progress=progress)
    one.begin()
    monkeypatch.setattr(Progress, "save", _full)
    one.finish()
    one.finish()
    assert "could not be saved" in texts(one.box)
    assert one.result is not None


def _full(progress: Progress) -> None:
    raise OSError("No space left on device")


# ---------------------------------------------------------------------------------------------- drill, study, predict


def test_a_drill_wants_an_answer_then_tells_all(tmp_path: Path) -> None:
    one = Drill("approvals", seed=1, progress=tmp_path / "mine.json")
    one.answer()
    assert "Choose an answer first." in texts(one.box)
    question = one.card.question
    one.card.choose(question.right)
    one.answer()
    told = texts(one.box)
    assert "ps-verdict ps-good" in told
    assert all(word in told for word in ("right · your answer", "A run shows it."))
    assert "It comes back in" in told
    assert Progress(tmp_path / "mine.json").seen(question.key)


def test_a_few_questions_can_be_chosen_by_their_keys() -> None:
    one = Drill(keys=["sns-for-failures", "stage-lock"], progress=None)
    assert {question.key for question in one.queue} == {"sns-for-failures", "stage-lock"}
    assert "Drill: events, execution modes" in texts(one.box) or "Drill: execution modes, events" in texts(one.box)
    assert [question.key for question in Study(keys="stage-lock").found] == ["stage-lock"]
    with pytest.raises(ValueError, match="No question has the key 'stage-look'. Did you mean 'stage-lock'?"):
        Drill(keys=["stage-look"], progress=None)


def test_a_drill_comes_to_its_end_and_begins_again() -> None:
    one = Drill("cost", seed=1, progress=None, count=2)
    for _ in range(2):
        one.card.choose(one.card.question.right)
        one.answer()
        one.go_on()
    assert "2 of 2 right" in texts(one.box)
    one.go_on()
    assert "Question 1 of" in texts(one.box)


def test_too_many_answers_are_not_checked() -> None:
    question = next(one for one in questions() if one.several)
    card = Card(question)
    card.choose(range(len(question.options)))
    assert card.objection() == f"Choose exactly 2 answers. You have chosen {len(question.options)}."
    card.choose(question.right)
    assert card.objection() == ""


def test_reading_shows_the_answer_without_a_verdict_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = Study("artifacts")
    one.tell()
    assert "ps-told" in texts(one.box)
    assert "ps-verdict" not in texts(one.body)
    one.go(-1)
    assert f"Question {len(one.found)} of {len(one.found)}" in texts(one.box)
    assert list(tmp_path.iterdir()) == []


def test_the_run_of_an_answer_opens_and_closes() -> None:
    question = next(one for one in questions() if one.key == "overtaking")
    showing = Showing(question)
    showing.toggle()
    assert "ps-now" in texts(showing.inside)
    assert "Why:" in texts(showing.inside)
    labels = [label for label, _ in showing.whose.options]
    assert labels == ["the right answer", "Answer C", "Answer D"]
    showing.whose.value = 1
    assert "StopPipelineExecution" in texts(showing.inside)
    showing.toggle()
    assert showing.inside.children == ()


def test_a_pipeline_that_aws_refuses_says_so_instead_of_a_run() -> None:
    question = next(one for one in questions() if one.key == "mode-v1")
    showing = Showing(question)
    showing.toggle()
    showing.whose.value = 1
    assert "This answer cannot be run" in texts(showing.inside)
    assert "available for pipelines of type V2 only" in texts(showing.inside)


def test_what_only_evidence_shows_is_marked_so_and_has_no_run() -> None:
    card = Card(next(one for one in questions() if one.key == "agent-needed"))
    card.tell()
    assert "No run can show this. It rests on codedeploy-agent [knowledge]." in texts(card.box)
    assert "Show me the run" not in texts(card.box)


def test_a_prediction_is_compared_with_the_run(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "mine.json")
    one = Predict("p-abcd-count", progress=progress)
    one.told()
    assert "Make a prediction first." in texts(one.box)
    one.field.value, one.confidence.value = " 4.0 ", 0.9
    one.told()
    assert "Not right." in texts(one.box)
    assert "The run says 2." in texts(one.box)
    assert progress.answers[0]["confidence"] == 0.9
    assert progress.wrong() == ["p-abcd-count"]


def test_after_some_predictions_confidence_is_judged() -> None:
    progress = Progress(None)
    one = Predict(progress=progress)
    for _ in range(5):
        one.field.value = one.field.options[0] if one.exercise.choices else "2"
        one.told()
        one.go_on()
    assert "Brier score" in one.calibration()
    assert "0.25 is what guessing" in one.calibration()


def test_an_exercise_of_ones_own_can_be_foretold() -> None:
    own = Prediction("own", "mine", "A push <b>comes</b>.", "What is its status?", "e1.status", "It runs.",
                     ("Succeeded", "Failed"), world={"world": {"pushes": "0s"}})
    one = Predict(own, progress=None)
    assert "A push &lt;b&gt;comes&lt;/b&gt;." in texts(one.box)
    one.field.value = "Succeeded"
    one.told()
    assert "Right." in texts(one.box)
    with pytest.raises(ValueError, match="No exercise is called 'nothing'. There are p-"):
        Predict("nothing", progress=None)


@pytest.mark.parametrize("make", [lambda: Exam(1, progress=None), lambda: Drill("cost", progress=None),
                                  lambda: Study("cost"), lambda: Predict("p-double", progress=None)])
def test_a_widget_shows_itself_in_a_notebook(make: Any) -> None:
    shown = make()._repr_mimebundle_(include=None, exclude=None)
    bundle = shown[0] if isinstance(shown, tuple) else shown
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert isinstance(make().box, ipywidgets.VBox)


def test_what_is_not_installed_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "import_module", _without_ipywidgets)
    monkeypatch.delitem(vars(study), "Exam", raising=False)
    with pytest.raises(ImportError, match=r"Exam needs ipywidgets: pip install 'pipeline-sim\[lab,study\]'"):
        _ = study.Exam


def _without_ipywidgets(name: str, package: str) -> object:
    raise ModuleNotFoundError("No module named 'ipywidgets'", name="ipywidgets")


# ---------------------------------------------------------------------------------------------- words


def _said() -> set[str]:
    """The keys of strings that the code says, with their part; `domains.…` has one for each domain."""
    found = set()
    for file in STUDY.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(rf"({'|'.join(PARTS)})\.[a-z_]+", node.value) else set()
    return found


def test_every_string_that_is_said_is_there_and_none_is_left_over() -> None:
    file = yaml.safe_load((FOLDER / "en.yaml").read_text(encoding="utf-8"))
    there = {f"{part}.{key}" for part in PARTS for key in file[part]}
    assert _said() == there
    assert set(file["domains"]) == {one.domain for one in questions()}


def test_every_language_says_the_same_things() -> None:
    first = yaml.safe_load((FOLDER / "en.yaml").read_text(encoding="utf-8"))
    for path in FOLDER.glob("*.yaml"):
        other = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert {part: set(keys) for part, keys in other.items()} == {part: set(keys) for part, keys in first.items()}


def test_the_glossary_leads_to_the_console_and_to_the_evidence() -> None:
    things = set(yaml.safe_load((FOLDER / "en.yaml").read_text(encoding="utf-8"))["things"])
    assert len(glossary()) >= 35
    for term in glossary().values():
        assert term.thing in things, term.key
        assert not term.rule or term.rule in rules(), term.key
        assert term.says.endswith("."), term.key
    with pytest.raises(ValueError, match="It speaks en"):
        say("ui.next", "tlh")


def test_the_glossary_shows_itself() -> None:
    shown = Glossary()._repr_html_()
    assert shown.count("<tr>") == len(glossary())
    assert "the switch between two stages" in shown
    assert "Stop and abandon" in shown
    assert "stage: A part of a pipeline." in str(Glossary())


def test_words_of_a_question_are_found_also_in_the_plural() -> None:
    found = [term.key for term in terms_in("Two stages and a transition; Superseded executions.")]
    assert found == ["execution", "stage", "superseded", "transition"]


def test_where_no_widget_can_run_a_drill_is_its_questions_and_their_answers() -> None:
    data, _ = Drill("approvals", count=2, progress=None)._repr_mimebundle_()
    first = Drill("approvals", count=2, progress=None).queue[0]
    assert data["text/plain"] == "Drill: approvals. Questions: 2."
    assert all(html.escape(option.because.split("`")[0]) in data["text/html"] for option in first.options)
    assert data["text/html"].count("<details>") == 2


def test_where_no_widget_can_run_a_prediction_is_its_text_and_behind_a_click_what_the_run_says() -> None:
    data, _ = Predict("p-double", progress=None)._repr_mimebundle_()
    asked, answer = data["text/html"].split("<details>")
    assert "How many executions start?" in asked
    assert "The run says 2." not in asked
    assert "The run says 2." in answer


def test_where_no_widget_can_run_an_exam_is_its_rules_and_its_first_questions() -> None:
    exam = Exam(10, seed=1, progress=None)
    data, _ = exam._repr_mimebundle_()
    assert data["text/plain"] == "Exam. Questions: 10."
    assert "10 questions, 20 minutes" in data["text/html"]
    assert "the first 3 of its 10 questions" in data["text/html"]
    for place, question in enumerate(exam.paper):
        assert (html.escape(question.options[0].because.split("`")[0]) in data["text/html"]) is (place < 3)
    assert data["text/html"].count("<details>") == 3


def test_what_dva_c02_does_not_ask_is_examined_only_by_name() -> None:
    themes = {one.theme for one in Exam(500, progress=None).paper}
    assert "what if" not in themes
    assert "cost" in themes
    assert {one.theme for one in Exam(500, theme="what if", progress=None).paper} == {"what if"}


def test_only_an_exam_of_that_pace_is_said_to_have_it() -> None:
    pace = "Two minutes for a question"
    assert pace in texts(Exam(10, progress=None).box)
    assert pace not in texts(Exam(10, minutes=15, progress=None).box)
