"""The course covers every line of the study note that it grew from: its last notebook has a row for each, and says where."""

from __future__ import annotations

import re

import pytest

from pipeline_sim.study.bank import questions, topics
from tools.make_notebooks import SOURCES

EXAM = (SOURCES / "13-exam.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in row.strip("|").split(" | ")]
        for row in EXAM[EXAM.index("| the note says |"):].split("\n\n")[0].splitlines()[2:]]
LINES = {key: text for key, text in topics().items() if key.startswith("n")}


def test_the_table_has_a_row_for_each_line_of_the_note_in_its_order() -> None:
    assert [row[0] for row in ROWS] == list(LINES.values())


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:30] for row in ROWS])
def test_each_row_says_what_is_true_and_leads_to_sections_that_are_there(row: list[str]) -> None:
    _, true, where = row
    assert true
    found = re.fullmatch(r"\[(\d\d)\]\((\S+)\.ipynb\), (\d)(?: and (\d))?", where)
    assert found, where
    source = (SOURCES / f"{found[2]}.md").read_text(encoding="utf-8")
    assert found[2].startswith(found[1])
    for section in filter(None, found.groups()[2:]):
        assert re.search(rf"^## {section}\. ", source, re.MULTILINE), f"{found[2]} has no section {section}"


def test_each_line_is_asked_about() -> None:
    asked = {topic for one in questions() for topic in one.covers}
    assert set(LINES) <= asked
