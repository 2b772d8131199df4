"""The pipeline that every benchmark runs: 5 stages, 12 actions, parallel pairs, flaky actions, retries, one approval."""

from __future__ import annotations

from typing import Any

from pipeline_sim import Pipeline, Scenario

APPROVAL = "approval"
"""What the draws of an approval are keyed by, beside its place."""

STAGES: list[tuple[str, bool, list[tuple[str, str, int, int, int, float]]]] = [
    # stage, automatic retry, (action, provider, run order, median seconds, 95th percentile, failure)
    ("Source", False, [("App", "CodeCommit", 1, 10, 20, 0.005)]),
    ("Build", True, [("Lint", "CodeBuild", 1, 60, 120, 0.01), ("Compile", "CodeBuild", 1, 180, 400, 0.03),
                     ("Package", "CodeBuild", 2, 90, 180, 0.01)]),
    ("Test", True, [("Unit", "CodeBuild", 1, 240, 500, 0.04), ("Contract", "CodeBuild", 1, 200, 420, 0.03),
                    ("Integration", "CodeBuild", 2, 600, 1500, 0.06)]),
    ("Staging", True, [("Deploy", "CodeBuild", 1, 180, 360, 0.02), ("Smoke", "CodeBuild", 2, 60, 150, 0.03)]),
    ("Prod", False, [("Approve", "Manual", 1, 1800, 7200, 0.0), ("Deploy", "CodeBuild", 2, 240, 500, 0.01),
                     ("Verify", "CodeBuild", 3, 60, 120, 0.01)]),
]


def structure(mode: str = "SUPERSEDED") -> dict[str, Any]:
    """The pipeline as `create-pipeline` takes it."""
    return {
        "name": "shop", "roleArn": "arn:aws:iam::111122223333:role/shop", "pipelineType": "V2", "executionMode": mode,
        "artifactStore": {"type": "S3", "location": "shop-artifacts"},
        "stages": [_stage(name, retry, actions) for name, retry, actions in STAGES],
    }


def _stage(name: str, retry: bool, actions: list[tuple[str, str, int, int, int, float]]) -> dict[str, Any]:
    stage: dict[str, Any] = {"name": name, "actions": [_action(*action[:3]) for action in actions]}
    if retry:
        stage["onFailure"] = {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}
    return stage


def _action(name: str, provider: str, order: int) -> dict[str, Any]:
    category = {"CodeCommit": "Source", "Manual": "Approval"}.get(provider, "Build")
    configuration = {"CodeCommit": {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"},
                     "CodeBuild": {"ProjectName": name}}.get(provider, {})
    action: dict[str, Any] = {
        "name": name, "runOrder": order, "configuration": configuration,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}}
    if category == "Source":
        action["outputArtifacts"] = [{"name": "App"}]
    elif provider == "CodeBuild":
        action["inputArtifacts"] = [{"name": "App"}]
    return action


def pipeline(mode: str = "SUPERSEDED") -> Pipeline:
    return Pipeline.load(structure(mode))


def scenario(pushes: Any = None) -> Scenario:
    """How its world behaves; `pushes` as a scenario takes them."""
    actions = {f"{stage}/{name}": {"duration": {"p50": median, "p95": high}, "failure": failure}
               for stage, _, found in STAGES for name, provider, _, median, high, failure in found
               if provider != "Manual"}
    world: dict[str, Any] = {
        "actions": actions,
        "approvals": {"Prod/Approve": {"probability": 1.0, "response": {"p50": 1800, "p95": 7200}}},
    }
    if pushes is not None:
        world["pushes"] = pushes
    return Scenario.load(world, [pipeline()])
