"""Every question is true: the right answers are shown by a run, the wrong ones contradicted by it, and this can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pipeline_sim.simulation import walk
from pipeline_sim.study import world
from pipeline_sim.study.bank import predictions, questions, topics
from pipeline_sim.study.facts import facts, known
from pipeline_sim.study.proof import faults, outcome, prediction_faults, show
from pipeline_sim.study.question import DOMAINS, Prediction, Question

ALL = questions()
FORETOLD = predictions()


def of(key: str) -> Question:
    return next(one for one in ALL if one.key == key)


@pytest.mark.parametrize("question", ALL, ids=[one.key for one in ALL])
def test_every_right_answer_is_shown_and_every_wrong_one_contradicted(question: Question) -> None:
    assert [str(fault) for fault in faults([question])] == []


@pytest.mark.parametrize("question", ALL, ids=[one.key for one in ALL])
def test_a_key_that_were_the_other_way_round_would_be_found_out(question: Question) -> None:
    """The proof can fail: each answer that a run proves is a fault when it is marked as the other thing."""
    swapped = replace(question, options=tuple(replace(one, right=not one.right) for one in question.options))
    proven = [place for place, one in enumerate(question.options) if one.claim]
    found = [fault for fault in faults([swapped]) if "options" in fault.path]
    assert [fault.path for fault in found] == [f"{question.path}.options[{place}]" for place in proven]


@pytest.mark.parametrize("prediction", FORETOLD, ids=[one.key for one in FORETOLD])
def test_every_prediction_has_an_answer_and_a_moment(prediction: Prediction) -> None:
    assert [str(fault) for fault in prediction_faults([prediction])] == []


def test_there_are_enough_questions_and_predictions_over_all_that_is_asked() -> None:
    assert len(ALL) >= 120
    assert len(FORETOLD) >= 20
    keys = [*(one.key for one in ALL), *(one.key for one in FORETOLD)]
    assert len(set(keys)) == len(keys), "a key names one thing"
    covered = {topic for one in ALL for topic in one.covers}
    assert covered == set(topics()), "every topic of the exam and every line of the note, and no other"


def test_every_question_is_tagged_by_domain_task_and_level() -> None:
    assert {one.domain for one in ALL} == set(DOMAINS)
    assert all(one.task in DOMAINS[one.domain] for one in ALL)
    assert {one.level for one in ALL} == {1, 2, 3}
    assert any(one.several for one in ALL)


def test_few_answers_rest_on_evidence_alone_and_all_of_that_is_known() -> None:
    options = [option for one in ALL for option in one.options]
    resting = [option for option in options if not option.claim]
    assert len(resting) / len(options) < 0.15
    assert all(option.evidence in known() for option in resting)
    assert set(facts()) <= {option.evidence for option in options}, "a fact that nothing rests on"
    assert all(fact.tags for fact in facts().values())


def test_the_longest_answer_is_not_a_hint() -> None:
    """Whoever always takes the longest answer is no better than whoever guesses."""
    lucky = [one for one in ALL if max(range(len(one.options)), key=lambda at: len(one.options[at].text)) in one.right]
    assert len(lucky) / len(ALL) < 0.35


def test_every_text_stands_by_itself() -> None:
    """They are asked in any order, and come back alone."""
    texts = {one.key: one.text for one in ALL} | {one.key: one.text for one in FORETOLD}
    for key, text in texts.items():
        assert not text.startswith("The same"), key
        assert not any(word in text for word in ("above", "previous question", "as before")), key


def test_every_answer_is_explained_in_plain_sentences() -> None:
    for one in ALL:
        for option in one.options:
            assert option.because.endswith((".", ".)")), (one.key, option.because)
            assert len(option.because) > 8, one.key


# ---------------------------------------------------------------------------------------------- proofs can fail


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Runs that were made before are made again, and not kept for others."""
    world._run.cache_clear()
    world._made.cache_clear()
    yield
    world._run.cache_clear()
    world._made.cache_clear()


@pytest.mark.parametrize(("rule", "instead", "question"), [
    ("superseded_by", lambda *_: [], "abcd-superseded"),
    ("superseded_by", lambda *_: [], "enable-again"),
    ("against_entering", lambda *_: None, "stage-lock"),
    ("may_retry_by_itself", lambda *_: False, "automatic-retry"),
    ("rollback_target", lambda *_: None, "automatic-rollback"),
])
@pytest.mark.usefixtures("forgetful")
def test_a_simulator_that_broke_a_rule_would_be_found_out(
    monkeypatch: pytest.MonkeyPatch, rule: str, instead: Callable[..., object], question: str
) -> None:
    """Take a rule of CodePipeline away: a question about it no longer holds."""
    monkeypatch.setattr(walk, rule, instead)
    assert any(fault.path.endswith("options[0]") for fault in faults([of(question)]))


def test_a_claim_about_nothing_is_no_proof_of_a_wrong_answer() -> None:
    question = of("stage-lock")
    typo = replace(question.options[1], claim="e2.stages.Prdo == 'InProgress'")
    found = faults([replace(question, options=(question.options[0], typo))])
    assert [fault.message for fault in found] == [
        "The claim `e2.stages.Prdo == 'InProgress'` says nothing. It speaks of nothing: e2.stages.Prdo is not there."]


def test_evidence_that_is_not_there_is_a_fault() -> None:
    question = of("agent-needed")
    lost = replace(question.options[0], evidence="my-memory")
    assert faults([replace(question, options=(lost,))])[0].message == "No evidence has the key 'my-memory'."


def test_a_moment_that_never_comes_is_a_fault() -> None:
    found = faults([replace(of("stage-lock"), moment="#9 Prod Failed")])
    assert [fault.message for fault in found] == ["Nothing in the run begins with '#9 Prod Failed'."]


def test_a_prediction_whose_answer_is_no_choice_is_a_fault() -> None:
    one = next(one for one in FORETOLD if one.key == "p-stop-wait")
    assert prediction_faults([replace(one, choices=("Failed", "Stopped"))])[0].message == \
        "The run says 'Stopping', which is no choice."
    assert "comes to None" in prediction_faults([replace(one, query="e1.nothing")])[0].message


# ---------------------------------------------------------------------------------------------- what is shown


def test_the_run_is_shown_at_the_moment_that_decides_with_the_reason() -> None:
    shown = show(of("abcd-superseded"))
    assert shown is not None
    state = shown.run.at(shown.position)
    assert state.pipelines["shop"].executions[2].status == "Superseded"
    assert shown.sentence.startswith("Execution 2 was superseded in front of Prod")


def test_the_run_of_a_wrong_answer_can_be_seen_too() -> None:
    question = of("overtaking")
    wrong = next(one for one in question.options if "Stop execution 2 only" in one.text)
    shown = show(question, wrong)
    assert shown is not None
    assert shown.run.state.pipelines["shop"].executions[3].stages["Prod"].status == "Inbound"


def test_what_is_shown_is_a_run_of_its_own() -> None:
    first, second = show(of("stage-lock")), show(of("stage-lock"))
    assert first is not None
    assert second is not None
    assert first.run is not second.run
    assert first.run.records == second.run.records


def test_the_note_says_cancelled_and_the_run_says_when() -> None:
    assert outcome(next(one for one in FORETOLD if one.key == "p-update")) == "Cancelled"
