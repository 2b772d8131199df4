"""Which values variables have: the output variables of actions and the variables of a pipeline, while it runs (5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .ids import execution_id, token
from .pipeline.model import Action
from .pipeline.regular import fits
from .pipeline.variables import resolve
from .record import Revision
from .state import Attempt, ExecutionState, State

MESSAGE_BYTES = 100 * 1024


def lookup(state: State, execution: ExecutionState) -> Callable[[str, str], str | None]:
    """A function of namespace and key that gives the value a reference has in this execution, or None."""
    spaces = {action.namespace: (stage.name, action) for stage, action in execution.definition.walk()
              if action.namespace}

    def find(namespace: str, key: str) -> str | None:
        if namespace == "codepipeline":
            return execution_id(state.seed, execution.pipeline, execution.number) if key == "PipelineExecutionId" \
                else None
        if namespace in spaces:
            stage, action = spaces[namespace]
            return _produced(state, execution, stage, action).get(key)
        return execution.start.variables.get(key) if namespace == "variables" else None

    return find


def resolved(state: State, execution: ExecutionState, configuration: Mapping[str, str]) -> Mapping[str, str]:
    """A configuration with the values that its references have now; one without a value stays as it is."""
    if not any("#{" in text for text in configuration.values()):
        return configuration
    find = lookup(state, execution)
    return {key: resolve(text, find)[0] for key, text in configuration.items()}


def _produced(state: State, execution: ExecutionState, stage: str, action: Action) -> dict[str, str]:
    """What the newest success of an action produced; a rollback has what its target had."""
    run = execution.stages.get(stage)
    attempt = run.latest(action.name) if run else None
    if attempt is None and execution.start.target is not None:
        target = state.execution(execution.pipeline, execution.start.target)
        return _produced(state, target, stage, action)
    if attempt is None or attempt.status != "Succeeded":
        return {}
    return output_variables(state, execution, action, attempt)


def output_variables(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    """All output variables of a successful attempt: its provider's own, then what the scenario or a worker set. Commands
    give out those that the action names, and no others (2.5) [UG:action-reference-Commands]."""
    if action.provider == "Commands":
        return {name: value for name, value in attempt.result.variables.items() if name in action.output_variables}
    make = _OF_PROVIDER.get(action.provider) if action.type.owner != "Custom" else None
    own = make(state, execution, action, attempt) if make else {}
    return {**own, **attempt.result.variables}


def _of_commit(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    revision = attempt.result.revision
    if revision is None:
        return {}
    settings = action.configuration
    date = _date(state, revision.created)
    values = {"AuthorDate": date, "CommitId": revision.id, "CommitMessage": _message(revision),
              "BranchName": revision.branch or settings.get("BranchName", settings.get("Branch", ""))}
    if action.provider == "CodeStarSourceConnection":
        return {**values, "ConnectionArn": settings.get("ConnectionArn", ""),
                "FullRepositoryName": settings.get("FullRepositoryId", "")}
    values |= {"CommitterDate": date, "RepositoryName": settings.get("RepositoryName", settings.get("Repo", ""))}
    if action.provider == "GitHub":
        owner, repository = settings.get("Owner", ""), settings.get("Repo", "")
        values["CommitUrl"] = f"https://github.com/{owner}/{repository}/commit/{revision.id}"
    return values


def _message(revision: Revision) -> str:
    """The commit's message, cut at 100 KB [UG22:limits]."""
    message = revision.message or f"Change {revision.number}"
    return message if len(message) * 4 <= MESSAGE_BYTES else message.encode()[:MESSAGE_BYTES].decode(errors="ignore")


def _of_object(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    revision = attempt.result.revision
    return {"ETag": revision.id[:32], "VersionId": revision.id} if revision else {}


def _of_image(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    revision = attempt.result.revision
    if revision is None:
        return {}
    repository, tag = action.configuration.get("RepositoryName", ""), action.configuration.get("ImageTag", "latest")
    digest = revision.id if revision.id.startswith("sha256:") else f"sha256:{revision.id}"
    registry = f"{state.account}.dkr.ecr.{state.region}.amazonaws.com"
    return {"RegistryId": state.account, "RepositoryName": repository, "ImageTag": tag, "ImageDigest": digest,
            "ImageURI": f"{registry}/{repository}@{digest}"}


def _of_state_machine(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    machine = action.configuration.get("StateMachineArn", "")
    run = machine.replace(":stateMachine:", ":execution:") + ":" + token(state.seed, "states", attempt.index, 12)
    return {"StateMachineArn": machine, "ExecutionArn": run}


def _of_ecr_build(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    return {"ECRImageDigestId": f"sha256:{token(state.seed, 'image', attempt.index, 16).lower()}",
            "ECRRepositoryName": action.configuration.get("ECRRepositoryName", "")}


def _of_stack_set(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    name = action.configuration.get("StackSetName", "")
    return {"StackSetId": f"{name}:{token(state.seed, 'set:' + name, 0, 12)}",
            "OperationId": token(state.seed, "operation", attempt.index, 12)}


def _of_cluster(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    return {"EKSClusterName": action.configuration.get("ClusterName", "")}


def _of_scan(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    return {"HighestScannedSeverity": "NONE"}


def _of_function(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, str]:
    return {"FunctionVersion": str(execution.number)} if action.category == "Deploy" else {}


_Maker = Callable[[State, ExecutionState, Action, Attempt], dict[str, str]]
_OF_PROVIDER: dict[str, _Maker] = {
    "CodeCommit": _of_commit,
    "CodeStarSourceConnection": _of_commit,
    "GitHub": _of_commit,
    "S3": _of_object,
    "ECR": _of_image,
    "StepFunctions": _of_state_machine,
    "ECRBuildAndPublish": _of_ecr_build,
    "CloudFormationStackSet": _of_stack_set,
    "CloudFormationStackInstances": _of_stack_set,
    "EKS": _of_cluster,
    "InspectorScan": _of_scan,
    "Lambda": _of_function,
}


def _date(state: State, seconds: int) -> str:
    from datetime import datetime, timedelta

    return (datetime.fromisoformat(state.start) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def compared(value: str, operator: str, wanted: str) -> bool:
    """A VariableCheck's comparison of texts: EQ, NE, CONTAINS, MATCHES (a regular expression) (1.6). ValueError where an
    expression is none, or could keep us busy for ever."""
    if operator == "NE":
        return value != wanted
    if operator == "CONTAINS":
        return wanted in value
    if operator == "MATCHES":
        return fits(wanted, value)
    return value == wanted
