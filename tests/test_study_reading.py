"""A file of questions: what is wrong with one is told at once, each fault with its place and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.cli import main
from pipeline_sim.pipeline.fault import Faults, Unreadable
from pipeline_sim.study.bank import HERE, languages, predictions, questions, themes
from pipeline_sim.study.document import PARTS
from pipeline_sim.study.reading import _faults, load
from pipeline_sim.study.world import KEYS as WORLD_KEYS

GOOD: dict[str, Any] = {
    "theme": "mine",
    "questions": [{
        "key": "one", "text": "What happens?", "domain": "deployment", "task": "3.4", "level": 1,
        "world": {"pushes": "0s"}, "moment": "#1 Prod InProgress", "ask": "Prod",
        "options": [
            {"text": "It works.", "because": "It does.", "right": True, "claim": "e1.status == 'Succeeded'"},
            {"text": "It fails.", "because": "It does not.", "claim": "e1.status == 'Failed'"},
            {"text": "It waits.", "because": "It does not.", "claim": "e1.status == 'InProgress'"}]}],
}


def written(folder: Path, document: Any) -> Path:
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def changed(**members: Any) -> dict[str, Any]:
    """The good file with its question changed."""
    return {**GOOD, "questions": [{**GOOD["questions"][0], **members}]}


def test_a_teachers_file_is_asked_beside_the_course(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    assert [one.key for one in questions("mine", files=[file])] == ["one"]
    assert len(questions(files=[file])) == len(questions()) + 1
    assert main(["study", "check", str(file)]) == 0


def options(*, change: int, **members: Any) -> list[dict[str, Any]]:
    return [{**one, **members} if place == change else one for place, one in enumerate(GOOD["questions"][0]["options"])]


@pytest.mark.parametrize(("document", "place", "message", "fix"), [
    ([], "the document", "no mapping", "theme"),
    ({"theme": "x"}, "questions", "no question", "questions:"),
    ({**GOOD, "theme": None}, "theme", "missing", "theme: approvals"),
    ({**GOOD, "questons": []}, "questons", "means nothing", "Did you mean 'questions'?"),
    ({**GOOD, "questions": 7}, "questions", "no list", "- key"),
    ({**GOOD, "exam": "no"}, "exam", "neither true nor false", "exam: false"),
    ({**GOOD, "questions": ["x"]}, "questions[0]", "no mapping", "- key"),
    ({**GOOD, "questions": GOOD["questions"] * 2}, "questions[1].key", "used twice", "its own"),
    (changed(key="My Key"), "questions[0].key", "no key", "small letters"),
    (changed(text=""), "questions[0].text", "missing", "Write a text"),
    (changed(domain="deploy"), "questions[0].domain", "no domain", "deployment"),
    (changed(task="4.1"), "questions[0].task", "no task", "3.4"),
    (changed(level=9), "questions[0].level", "1, 2 or 3", "easy"),
    (changed(mment="#1"), "questions[0].mment", "means nothing", "Did you mean 'moment'?"),
    (changed(world=[]), "questions[0].world", "no mapping", "name: value"),
    (changed(pipelines={}), "questions[0].pipelines", "no list", "- name"),
    (changed(options=[]), "questions[0].options", "3 to 6", "list"),
    (changed(options=options(change=0, right=False)), "questions[0].options", "0 of 3", "right: true"),
    (changed(options=options(change=1, claim="")), "questions[0].options[1]", "Nothing proves", "claim"),
    (changed(options=options(change=1, because="")), "questions[0].options[1].because", "missing", "text"),
    (changed(options=options(change=1, evidence="retry")), "questions[0].options[1]", "claim and evidence", "proves more"),
    (changed(options=options(change=1, given={"wrld": {}})), "questions[0].options[1].given.wrld", "means nothing", "world"),
    (changed(options=options(change=1, given=7)), "questions[0].options[1].given", "no mapping", "pipeline"),
])
def test_a_fault_has_its_place_and_its_remedy(tmp_path: Path, document: Any, place: str, message: str, fix: str) -> None:
    with pytest.raises(Faults) as refused:
        load(written(tmp_path, document))
    told = [fault for fault in refused.value.faults if place in str(fault)]
    assert told, str(refused.value)
    assert any(message in fault.message and fix in fault.fix for fault in told), str(refused.value)


@pytest.mark.parametrize(("text", "sentence"), [
    ("theme: [", "no YAML"), ("theme: a\ntheme: b", "given twice"), ("a: &x [*x]", "means nothing"),
    ("theme: !!python/name:os.system x", "no YAML"),
])
def test_what_is_no_yaml_is_said_so(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises((Unreadable, Faults), match=sentence):
        load(file)


def test_a_file_that_is_not_there_and_one_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        load(tmp_path / "none.yaml")
    (tmp_path / "large.yaml").write_text("x" * 1_000_001)
    with pytest.raises(Unreadable, match="larger than 1000 kB"):
        load(tmp_path / "large.yaml")


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["theme", "questions", "options", "key", "text", "world", "given", "right", "predictions", "choices"]),
    inner, max_size=5), max_leaves=20)


@given(JSON)
def test_whatever_a_file_holds_is_told_and_raises_nothing(document: Any) -> None:
    for fault in _faults(document):
        assert fault.message
        assert fault.fix


# ---------------------------------------------------------------------------------------------- the course, the command


def test_a_theme_that_nobody_asks_about_is_told() -> None:
    with pytest.raises(ValueError, match="Nothing is asked about love. Themes: approvals"):
        questions("love")
    with pytest.raises(ValueError, match="There is one in en"):
        questions(language="tlh")
    assert sum(themes().values()) == len(questions())
    assert len(predictions("predict")) == len(predictions())


def test_a_translation_has_the_same_questions() -> None:
    known = {one.key for one in questions()}
    for language in languages():
        assert {one.key for one in questions(language=language)} == known


def test_check_tells_false_proofs_and_their_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, changed(options=options(change=0, claim="e1.status == 'Failed'")))
    assert main(["study", "check", str(file)]) == 1
    told = capsys.readouterr().out
    assert "questions[0].options[0] (one): It is marked right, but the run contradicts `e1.status == 'Failed'`." in told
    assert "→ Mend the option" in told
    assert f"{file}: 1 fault." in told
    assert main(["study", "check", str(file), "--json"]) == 1
    assert '"path": "questions[0].options[0]"' in capsys.readouterr().out


def test_check_of_the_course_itself_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(str(file) for folder in ("questions", "predictions") for file in HERE.glob(f"{folder}/en/*.yaml"))
    assert len(files) > 10
    assert main(["study", "check", *files]) == 0
    assert capsys.readouterr().out.count("every answer is as it says") == len(files)


def test_themes_are_listed_with_the_share_that_runs_prove(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "themes"]) == 0
    told = capsys.readouterr().out
    assert "execution modes" in told
    assert "What proves them" in told
    assert "rest on evidence alone" in told
    whole, *parts = map(int, re.findall(r"\d+", told[told.rindex("\n", 0, told.index("answers.")):]))
    assert whole == sum(parts), "no kind of proof is left out"
    assert main(["study", "themes", "--language", "tlh"]) == 2


def test_the_examples_of_the_page_are_true(tmp_path: Path) -> None:
    page = (HERE.parents[1] / "docs" / "questions.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in page.split("```yaml\n")[1:]]
    assert len(examples) == 3
    for number, text in enumerate(examples):
        file = tmp_path / f"example-{number}.yaml"
        file.write_text(text, encoding="utf-8")
        assert main(["study", "check", str(file)]) == 0, text


def test_the_page_names_all_that_a_claim_may_speak_of() -> None:
    page = (HERE.parents[1] / "docs" / "questions.md").read_text(encoding="utf-8")
    for name in (*PARTS, *WORLD_KEYS):
        assert f"`{name}`" in page, name
