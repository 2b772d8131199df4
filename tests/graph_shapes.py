"""Pipelines to draw: a shop with everything in it, and any shape with any names."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pipeline_sim.pipeline.model import Action, ActionType, Condition, OnFailure, Pipeline, Rule, Stage
from pipeline_sim.views.graph import Marks
from pipeline_sim.views.graph.marks import LOOKS

ROLE = "arn:aws:iam::111122223333:role/pipeline"
NASTY = ("<script>alert(1)</script>", "a\"quoted'name", "x" * 100, "Déploiement 📦👩‍👩‍👧", "שלום עולם", "\u202eevil",
         "\\N\\L\\", "]]><!--", "&amp;&#92;N", "\x00\x07\ud800\uffff", "", " ", "{a|b}", "<b>", "%0a",
         "a-really_long.name/thatNeverEnds")


def action(name: str, provider: str = "CodeBuild", category: str = "Build", order: int = 1, owner: str = "AWS",
           settings: dict[str, str] | None = None, takes: tuple[str, ...] = (), makes: tuple[str, ...] = ()) -> Action:
    return Action(name, ActionType(category, owner, provider), order, settings or {}, takes, makes)


def pipeline(*stages: Stage, name: str = "web-shop", **more: Any) -> Pipeline:
    return Pipeline(name, ROLE, stages, **more)


def condition(result: str, *rules: str) -> Condition:
    return Condition(result, tuple(Rule(rule, "CloudWatchAlarm") for rule in rules))


def shop() -> Pipeline:
    """Two sources; parallel and sequential builds; a staging with an approval; conditions in front of and after Prod."""
    code = {"FullRepositoryId": "shop/web", "BranchName": "main"}
    env = {"S3Bucket": "shop-config", "S3ObjectKey": "env.zip", "OAuthToken": "very-secret"}
    return pipeline(
        Stage("Source", (action("Code", "CodeStarSourceConnection", "Source", settings=code, makes=("Src",)),
                         action("Config", "S3", "Source", settings=env, makes=("Env",)))),
        Stage("Build", (action("Compile", takes=("Src",), makes=("App",)), action("Lint", takes=("Src",)),
                        action("Unit", category="Test", order=2, takes=("App",))),
              on_failure=OnFailure("RETRY", "FAILED_ACTIONS")),
        Stage("Prod", (action("Sign-off", "Manual", "Approval"),
                       action("Deploy", "ECS", "Deploy", order=3, takes=("App", "Env"))),
              before_entry=condition("FAIL", "Hours"), on_success=condition("ROLLBACK", "Alarm"),
              on_failure=OnFailure("ROLLBACK")),
        type="V2", mode="QUEUED")


def moment() -> Marks:
    """Execution 1 waits for its approval, 2 failed, 3 and 4 wait in front of a closed door."""
    return Marks(status={"stage-0": "Succeeded", "action-0-0": "Succeeded", "action-0-1": "Succeeded",
                         "stage-1": "Failed", "action-1-0": "Succeeded", "action-1-1": "Failed",
                         "action-1-2": "Didn't Run", "stage-2": "InProgress", "action-2-0": "InProgress",
                         "entry-2": "Succeeded"},
                 tokens={1: "action-2-0", 2: "stage-1", 3: "transition-2", 4: "transition-2"},
                 disabled={"transition-2": "Freeze until Monday"})


NAMES = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.from_regex(r"[A-Za-z0-9.@_-]{1,100}", fullmatch=True))
_KINDS = (("Source", "AWS", "S3"), ("Source", "ThirdParty", "GitHub"), ("Source", "AWS", "CodeCommit"),
          ("Approval", "AWS", "Manual"), ("Build", "AWS", "CodeBuild"), ("Test", "Custom", ""))
_SETTINGS = ("S3Bucket", "S3ObjectKey", "Owner", "Repo", "Branch", "RepositoryName", "BranchName", "ProjectName")
_ARTIFACTS = ("A", "B", "C", "<i>")
_RESULTS = ("FAIL", "SKIP", "ROLLBACK", "<b>")


class _Dice:
    """Choices out of one number: a pipeline from some twenty numbers is drawn (and made smaller) fast."""

    def __init__(self, number: int, names: list[str]) -> None:
        self.number, self.names = number, names

    def below(self, limit: int) -> int:
        self.number, rest = divmod(self.number, limit)
        return rest

    def name(self) -> str:
        return self.names[self.below(len(self.names))]

    def some(self, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value for value in values if self.below(3) == 1)


def _action(dice: _Dice) -> Action:
    kind, order, name = _KINDS[dice.below(len(_KINDS))], 1 + dice.below(4), dice.name()
    takes, makes = dice.some(_ARTIFACTS), dice.some(_ARTIFACTS)
    settings = {key: dice.name() for key in dice.some(_SETTINGS)}
    return Action(name, ActionType(kind[0], kind[1], kind[2] or dice.name()), order, settings, takes, makes)


def _condition(dice: _Dice) -> Condition | None:
    rules = tuple(Rule(dice.name(), dice.name()) for _ in range(dice.below(3)))
    return Condition(_RESULTS[dice.below(4)], rules) if dice.below(2) else None


def _failure(dice: _Dice) -> OnFailure | None:
    result, mode = (None, "RETRY", "ROLLBACK", "<b>")[dice.below(4)], (None, "ALL_ACTIONS")[dice.below(2)]
    return OnFailure(result, mode, _condition(dice)) if dice.below(2) else None


def _pipeline(own: list[str], stages: list[tuple[int, list[int]]]) -> Pipeline:
    names = [*NASTY, *own]
    made = []
    for number, inside in stages:
        dice = _Dice(number, names)
        actions = tuple(_action(_Dice(each, names)) for each in inside)
        made.append(Stage(dice.name(), actions, _condition(dice), _condition(dice), _failure(dice)))
    return Pipeline(own[0] if own else "p", ROLE, tuple(made))


_NUMBER = st.integers(0, 10**24)
PIPELINES = st.builds(_pipeline, st.lists(NAMES, max_size=3),
                      st.lists(st.tuples(_NUMBER, st.lists(_NUMBER, max_size=7)), max_size=5))

_PLACES = st.builds(lambda kind, stage: f"{kind}-{stage}", st.sampled_from(("stage", "transition", "entry", "failure")),
                    st.integers(0, 5)) | st.builds("action-{}-{}".format, st.integers(0, 5), st.integers(0, 6))
MARKS = st.none() | st.builds(
    Marks, st.dictionaries(_PLACES, st.sampled_from([*LOOKS, "Didn't Run", "<unknown>", ""]), max_size=20),
    st.dictionaries(st.integers(1, 2000), _PLACES, max_size=20), st.dictionaries(_PLACES, NAMES, max_size=4))


def ids(shown: Pipeline) -> set[str]:
    """What every picture of this pipeline must hold."""
    found = {f"transition-{place}" for place in range(1, len(shown.stages))}
    for place, stage in enumerate(shown.stages):
        found.add(f"stage-{place}")
        found |= {f"action-{place}-{index}" for index in range(len(stage.actions))}
        found |= {f"entry-{place}"} if stage.before_entry else set()
        found |= {f"success-{place}"} if stage.on_success else set()
        failure = stage.on_failure
        found |= {f"failure-{place}"} if failure and (failure.condition or failure.result) else set()
    return found
