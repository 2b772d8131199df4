"""What the array path refuses, with a sentence each: the simulation then does the work.

Here is what single things of a pipeline and its world ask that arrays do not model; `plan` refuses what does not go
together.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from ..iam import Policy
from ..pipeline.check.conditions import against_running
from ..pipeline.model import PARALLEL, Action, Pipeline, Rule, Stage
from ..pipeline.variables import RESOLVED_BYTES, Reference, references, size_of
from ..rules import THIRTY_DAYS
from ..scenario import Quantiles, Scenario
from ..simulation import Simulation
from ..simulation.mistakes import against_configuration, against_sharing
from ..simulation.others import alarms_of
from ..simulation.permissions import denial
from ..simulation.stacks import EXECUTES, MAKES, stack_key
from .transitions import NEVER, Spans

HARMLESS = ("DisableStageTransition", "EnableStageTransition", "PutWebhook", "RegisterWebhookWithThirdParty")
"""Calls that start nothing and that arrays know, or need not know."""
BY_CHANCE = ("CodeBuild", "Commands", "LambdaInvoke")
"""Rules that chance decides, and nothing else."""


class NotAnArray(Exception):
    """The array path does not model this; the sentence says what."""


def refuse(reason: str) -> None:
    raise NotAnArray(reason)


def refuse_world(scenario: Scenario) -> None:
    """What a scenario may have that starts or decides more than pushes and luck do."""
    if scenario.topics is not None:
        refuse("Approvals need topics that may not be there.")
    if scenario.schedules or scenario.deliveries:
        refuse("Schedules or webhooks start executions.")
    if scenario.identities and scenario.data.get("retry"):
        refuse("People retry, and their permissions are looked at.")
    if (scenario.calls or scenario.data.get("retry")) and _looked_at(scenario):
        refuse("People call, and their permissions are looked at.")


def _looked_at(scenario: Scenario) -> bool:
    """Whether the policies of somebody who calls are given: a user's, or those of a role that calls or is in session."""
    given = {*scenario.identities, *scenario.roles}
    names = {arn.rpartition("/")[2] for arn in given if ":role/" in arn}
    callers = {scenario.by, *(call.by or scenario.by for call in scenario.calls)}
    return any(by in given or (":assumed-role/" in by and by.split("/")[1] in names) for by in callers)


def refuse_long(closed: Mapping[str, Spans]) -> None:
    """Who waits in front of a transition for so long is stopped when it opens."""
    if any(to - since > THIRTY_DAYS and to < NEVER for spans in closed.values() for since, to in spans):
        refuse("A transition is disabled for more than 30 days.")


# ---------------------------------------------------------------------------------------------- actions


def _by_time(policy: Policy) -> bool:
    keys = (one.key.lower() for statement in policy.statements for one in statement.conditions)
    return any(key in ("aws:currenttime", "aws:epochtime") for key in keys)


def _refuse_denied(sim: Simulation, place: str, work: Action | Rule, settings: Mapping[str, str]) -> None:
    """What a role may do is the same in every run, unless it depends on variables; arrays know work that may be done."""
    if not (sim.roles or sim.trust):
        return
    if any(map(_by_time, chain(*sim.roles.values(), sim.trust.values()))):
        refuse("What a role may do depends on the time.")
    if any(map(references, settings.values())):
        refuse(f"What {place} may do depends on variables, and its role's permissions are looked at.")
    denied = denial(sim, sim.pipelines[0], work, settings)
    if denied is not None:
        refuse(f"{place} is not allowed to {denied.action}.")


def refuse_action(sim: Simulation, stage: Stage, action: Action, limit: int) -> None:
    """What an action, its provider or its script may do that is not drawn from one word of chance."""
    place, behaviour = f"{stage.name}/{action.name}", sim.scenario.behaviour(stage.name, action)
    if behaviour.attempts or behaviour.executions:
        refuse(f"The scenario scripts single attempts of {place}.")
    if any(references(text) for text in chain(action.configuration.values(), action.commands)) and not (
            only_words(sim.pipelines[0], action, sim.scenario)):
        refuse(f"{place} uses variables that may be missing, or on which its work depends.")
    if against_configuration(action, action.configuration, sim.state.account) is not None:
        refuse(f"{place} fails by its configuration.")
    if against_sharing(sim.pipelines[0], action, action.region or sim.state.region) is not None:
        refuse(f"{place} cannot use its artifacts in another account.")
    _refuse_denied(sim, place, action, action.configuration)
    if action.is_approval:
        return
    if behaviour.worker != "scenario":
        refuse(f"A job worker ends {place}.")
    if action.provider == "CodePipeline":
        refuse(f"{place} starts another pipeline.")
    if alarms_of(action.configuration) and sim.scenario.alarms:
        refuse(f"{place} watches alarms.")
    if action.provider in ("CodeDeploy", "CloudFormation"):
        _refuse_lasting(sim, place, action, behaviour.duration, limit)
    if action.provider == "CodeDeploy":
        _refuse_deployment(sim, place, action)
    if action.provider == "CloudFormation":
        _refuse_stack(sim, stage, action)


_WORDS = {("Approval", "Manual"): ("CustomData", "ExternalEntityLink"), ("Build", "CodeBuild"): ("EnvironmentVariables",),
          ("Test", "CodeBuild"): ("EnvironmentVariables",)}
"""Members of a configuration that nobody but the provider reads: whatever stands there, the action takes as long."""
_COMMIT = frozenset({"AuthorDate", "BranchName", "CommitId", "CommitMessage"})
_TOLD = {"CodeCommit": _COMMIT, "CodeStarSourceConnection": _COMMIT, "GitHub": _COMMIT,
         "S3": frozenset({"ETag", "VersionId"}), "ECR": frozenset({"ImageDigest", "ImageTag", "ImageURI"})}
"""What a source's every success gives out (5)."""
_LONG = 20_000
"""Letters of all pushes that a scenario writes out: far from the limit of a resolved configuration."""


def only_words(pipeline: Pipeline, action: Action, scenario: Scenario) -> bool:
    """Whether every variable that an action uses is always there and stands in mere words: what a source gave out, a
    pipeline variable with a default, the execution's id. A source stage that may be skipped gives nothing out."""
    free = _WORDS.get((action.category, action.provider), ())
    named = {key for key, text in action.configuration.items() if references(text)}
    if action.commands or not named <= set(free) or pipeline.stages[0].before_entry is not None:
        return False
    found = [one for key in named for one in references(action.configuration[key])]
    return all(_is_always_there(pipeline, one) for one in found) and len(str(scenario.data.get("pushes", ""))) < _LONG


def _is_always_there(pipeline: Pipeline, reference: Reference) -> bool:
    if reference.namespace == "codepipeline":
        return reference.key == "PipelineExecutionId"
    if reference.namespace == "variables":
        return any(one.name == reference.key and one.default is not None for one in pipeline.variables)
    makers = [one for _, one in pipeline.walk() if one.namespace == reference.namespace]
    return len(makers) == 1 and makers[0] in pipeline.sources and reference.key in _TOLD.get(makers[0].provider, ())


def _refuse_lasting(sim: Simulation, place: str, action: Action, duration: Quantiles, limit: int) -> None:
    """What goes on at its provider when CodePipeline has given it up is in the way of the next."""
    if duration.at(0xFFFF) > limit:
        refuse(f"What {place} does can outlast its action's time-out, and is then in the way of the next.")
    if any(call.operation == "StopPipelineExecution" for call in sim.scenario.calls):
        refuse(f"What {place} does goes on after a stop, and is in the way of the next.")
    if sim.capacity_of(sim.scenario.behaviour(place.partition("/")[0], action), action):
        refuse(f"{place} may wait for a capacity, while its work counts as begun.")


def _refuse_deployment(sim: Simulation, place: str, action: Action) -> None:
    pipeline = sim.pipelines[0]
    if pipeline.mode == PARALLEL:
        refuse(f"{place} deploys with CodeDeploy in PARALLEL mode, where deployments can be in each other's way.")
    if sum(_group(one) == _group(action) for _, one in pipeline.walk()) > 1:
        refuse(f"{place} shares its deployment group with another action.")


def _group(action: Action) -> tuple[str, str] | None:
    settings = action.configuration
    found = (settings.get("ApplicationName", ""), settings.get("DeploymentGroupName", ""))
    return found if action.provider == "CodeDeploy" else None


def _refuse_stack(sim: Simulation, stage: Stage, action: Action) -> None:
    """A stack is exact where operations on it cannot meet: all in one locked stage, one after another; and where a
    change set is always there, and never executed twice."""
    place, pipeline = f"{stage.name}/{action.name}", sim.pipelines[0]
    key = _stack(sim, action)
    others = [(where, one) for where, one in pipeline.walk() if one is not action and _stack(sim, one) == key]
    if pipeline.mode == PARALLEL or any(where is not stage or one.run_order == action.run_order for where, one in others):
        refuse(f"Operations on the stack of {place} can be in each other's way.")
    if action.configuration.get("ActionMode") == EXECUTES:
        before = sorted((one for _, one in others if one.run_order < action.run_order), key=lambda one: one.run_order)
        made = bool(before) and before[-1].configuration.get("ActionMode") == MAKES and (
            before[-1].configuration.get("ChangeSetName") == action.configuration.get("ChangeSetName"))
        again = stage.on_failure is not None or stage.on_success is not None
        if not made or again or sim.scenario.retry_policy(stage.name):
            refuse(f"{place} executes a change set that may not be there.")


def _stack(sim: Simulation, action: Action) -> tuple[str, str, str] | None:
    if action.provider != "CloudFormation":
        return None
    return stack_key(action.configuration, action, sim.state.account, sim.state.region)


# ---------------------------------------------------------------------------------------------- rules


def refuse_rule(sim: Simulation, stage: Stage, rule: Rule) -> None:
    """A rule that more than chance decides."""
    place = f"{stage.name} has a condition with {rule.provider}"
    if rule.provider not in BY_CHANCE:
        refuse(f"{place}, which chance does not decide.")
    if any(references(text) for text in chain(rule.configuration.values(), rule.commands)):
        refuse(f"{place} that uses variables.")
    if against_running(rule.provider, rule.configuration) or size_of(rule.configuration) > RESOLVED_BYTES // 2:
        refuse(f"{place} that fails by its configuration.")
    if against_sharing(sim.pipelines[0], rule, rule.region or sim.state.region) is not None:
        refuse(f"{place} that cannot use its artifacts in another account.")
    _refuse_denied(sim, f"A rule of {stage.name}", rule, rule.configuration)
