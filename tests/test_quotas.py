"""How much an account may have of a thing (10): pipelines, and those among them that poll their sources."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Refused, Simulation
from pipeline_sim.simulation.calls import definitions

from .stories import structure


def shop(name: str, polls: str) -> dict[str, Any]:
    """A pipeline whose source is polled, or not."""
    app = {"App": {"configuration": {"PollForSourceChanges": polls}}}
    return structure({"Source": [app], "Build": ["Compile"]}, name=name)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Simulation:
    """One in which two may poll, and four there may be; two do poll."""
    monkeypatch.setattr(definitions, "POLLING", 2)
    monkeypatch.setattr(definitions, "PIPELINES", 4)
    run = Simulation()
    for name in ("one", "two"):
        run.call("CreatePipeline", pipeline=shop(name, "true"))
    run.call("CreatePipeline", pipeline=shop("three", "false"))
    return run


def limit(run: Simulation, operation: str, name: str, polls: str) -> str:
    with pytest.raises(Refused) as refused:
        run.call(operation, pipeline=shop(name, polls))
    assert refused.value.error == "LimitExceededException"
    return refused.value.message


def test_the_account_says_how_many_of_its_pipelines_may_poll() -> None:
    assert (definitions.PIPELINES, definitions.POLLING) == (1000, 300)


def test_one_more_that_polls_is_refused_and_one_that_does_not_is_taken(account: Simulation) -> None:
    assert "poll" in limit(account, "CreatePipeline", "four", "true")
    account.call("CreatePipeline", pipeline=shop("four", "false"))
    assert limit(account, "CreatePipeline", "five", "false") == "The account has 4 pipelines, its limit"


def test_an_update_may_not_begin_to_poll_but_may_go_on_or_stop(account: Simulation) -> None:
    assert "poll" in limit(account, "UpdatePipeline", "three", "true")
    account.call("UpdatePipeline", pipeline=shop("one", "true"))
    account.call("UpdatePipeline", pipeline=shop("two", "false"))
    account.call("UpdatePipeline", pipeline=shop("three", "true"))
