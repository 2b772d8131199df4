"""Every challenge is true: its start fails, its solution mends it with no step too many, its hints are so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline_sim.study.bank import topics
from pipeline_sim.study.clinic.case import Case, Hint, arrived, open_claims, treated
from pipeline_sim.study.clinic.proof import faults
from pipeline_sim.study.clinic.reading import case_of, challenges
from pipeline_sim.study.clinic.steps import Step
from pipeline_sim.study.question import DOMAINS
from pipeline_sim.views.why import why

ALL = challenges()


@pytest.mark.parametrize("case", ALL, ids=[one.key for one in ALL])
def test_the_start_fails_the_solution_mends_it_and_every_hint_is_true(case: Case) -> None:
    assert [str(fault) for fault in faults([case])] == []


@pytest.mark.parametrize("case", ALL, ids=[one.key for one in ALL])
def test_a_challenge_that_were_not_true_would_be_found_out(case: Case) -> None:
    """The proof can fail: a step too many, a solution that does nothing, a hint that says the contrary."""
    idle = Step("wait", "1s")
    assert any("works without" in one.message for one in faults([replace(case, solution=(*case.solution, idle))]))
    assert any(one.path.endswith("goal") for one in faults([replace(case, solution=(idle,))]))
    lie = Hint("No.", f"!({case.hints[0].claim})")
    assert [one.path for one in faults([replace(case, hints=(lie,))])] == [f"{case.path}.hints[0]"]


def test_there_are_enough_challenges_over_all_domains() -> None:
    assert len(ALL) >= 25
    assert len({one.key for one in ALL}) == len(ALL)
    assert {one.domain for one in ALL} == set(DOMAINS)
    assert {one.level for one in ALL} == {1, 2, 3}
    assert {topic for one in ALL for topic in one.covers} <= set(topics())


@pytest.mark.parametrize("case", [one for one in ALL if one.ask], ids=lambda one: one.key)
def test_what_is_explained_afterwards_can_be_asked_at_the_start(case: Case) -> None:
    sim = arrived(case)
    assert why(sim.state, case.ask, sim.records).sentence


def test_a_goal_that_time_alone_brings_is_a_fault() -> None:
    case = replace(case_of("queue-behind-approval"), goal=("e1.actions.\"Prod/Approve\" == 'Failed'",), within=8 * 86_400)
    assert "only time passes" in faults([case])[0].message


def test_a_solution_that_takes_too_long_is_a_fault() -> None:
    case = case_of("stopped-left-overs")
    found = faults([replace(case, within=1200)])
    assert any("longer than there is time" in one.message for one in found)


def test_a_step_that_is_refused_is_told() -> None:
    case = case_of("retry-the-newest")
    wrong = case.solution[0]._replace(members={**case.solution[0].members, "execution": 1})
    assert "NotLatestPipelineExecution" in faults([replace(case, solution=(wrong,))])[0].message


def test_a_fork_of_a_mended_run_is_as_good() -> None:
    """What was done is kept as inputs: the same run comes of them again."""
    for case in ALL:
        sim = treated(case, case.solution)
        assert not open_claims(case, sim.fork(sim.now)), case.key
