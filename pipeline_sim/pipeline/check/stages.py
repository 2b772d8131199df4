"""The structure as a whole: stages, types and modes, stores, triggers, conditions (1.1, 1.2, 1.5, 1.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..catalogue import RULE_TYPES, V2_WITH_A_WARNING, action_type
from ..fault import Fault, near
from .walk import Draft, PlacedAction

MOST_STAGES, MOST_IN_STAGE, MOST_ACTIONS = 50, 50, 500
V2_FIELDS = ("variables", "triggers")
GATES = ("beforeEntry", "onSuccess", "onFailure")
RESULTS = {"beforeEntry": ("FAIL", "SKIP"), "onSuccess": ("FAIL", "ROLLBACK"), "onFailure": ("ROLLBACK",)}
STRUCTURE, STAGE, ACTION = ("InvalidStructureException", "InvalidStageDeclarationException",
                            "InvalidActionDeclarationException")


def look_at_structure(draft: Draft) -> Iterator[Fault]:
    """Faults of the pipeline and its stages, in AWS's order."""
    for look in (_stages, _sources, _type, _stores, _variables, _triggers, _conditions):
        yield from look(draft)


def _stages(draft: Draft) -> Iterator[Fault]:
    """Two to fifty stages with names of their own [UG22, PROBE-A], one to fifty actions in each."""
    count = len(draft.stages)
    if count < 2:
        yield Fault("stages", "", STRUCTURE, f"The pipeline has {count} stage{'s' if count != 1 else ''}; it needs at "
                    "least two.", "Add a stage that builds, tests or deploys.")
    if count > MOST_STAGES:
        yield Fault("stages", "", STRUCTURE, f"The pipeline has {count} stages; at most {MOST_STAGES} are allowed.",
                    "Join stages by run orders.")
    if len(draft.actions) > MOST_ACTIONS:
        yield Fault("stages", "", "LimitExceededException", f"The pipeline has {len(draft.actions)} actions; at most "
                    f"{MOST_ACTIONS} are allowed.", "Divide it into several pipelines.")
    seen: dict[str, int] = {}
    for number, stage in enumerate(draft.stages):
        name = str(stage.get("name", ""))
        if name in seen:
            yield Fault(f"stages[{number}]", name, STAGE, f"The stage name '{name}' is used more than once.",
                        f"Rename this one or stages[{seen[name]}].")
        seen.setdefault(name, number)
        yield from _actions_of(draft, number, name)


def _actions_of(draft: Draft, number: int, name: str) -> Iterator[Fault]:
    actions = draft.of_stage(number)
    if not actions:
        yield Fault(f"stages[{number}].actions", name, STAGE, f"The stage '{name}' has no actions.",
                    "Add an action or take the stage out.")
    if len(actions) > MOST_IN_STAGE:
        yield Fault(f"stages[{number}].actions", name, STAGE, f"The stage '{name}' has {len(actions)} actions; at most "
                    f"{MOST_IN_STAGE} are allowed.", "Divide it into several stages.")
    seen: dict[str, PlacedAction] = {}
    for action in actions:
        if action.name in seen:
            yield action.fault(ACTION, f"The action name '{action.name}' is used more than once in the stage.",
                               f"Rename this one or {seen[action.name].path}.", "name")
        seen.setdefault(action.name, action)


def _sources(draft: Draft) -> Iterator[Fault]:
    """Source actions in the first stage, all of it and nowhere else [PROBE-A]."""
    if not draft.actions:
        return
    first = draft.of_stage(0)
    if not any(action.kind.category == "Source" for action in first):
        yield Fault("stages[0]", str(draft.stages[0].get("name", "")), STRUCTURE, "The first stage has no source action.",
                    "Begin with a stage that holds only source actions.")
    for action in draft.actions:
        is_source = action.kind.category == "Source"
        if action.stage == 0 and not is_source and action.kind.category:
            yield action.fault(STRUCTURE, f"The first stage may hold only source actions; '{action.name}' is of category "
                               f"{action.kind.category}.", "Move it to a later stage.")
        if action.stage > 0 and is_source:
            yield action.fault(STRUCTURE, f"The source action '{action.name}' is not in the first stage.",
                               "Move it to the first stage.")
    if all(action.kind.category == "Source" for action in draft.actions):
        yield Fault("stages", "", STRUCTURE, "The pipeline has source actions only.",
                    "Add an action that builds, tests, deploys or approves.")


# ---------------------------------------------------------------------------------------------- V1 and V2


def uses_v2(structure: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What of a structure only type V2 has: (path, error, what) (1.2) [PROBE-A]."""
    draft = Draft(structure, None)
    found = []
    if structure.get("executionMode") in ("QUEUED", "PARALLEL"):
        found.append(("executionMode", STRUCTURE, f"The execution mode {structure['executionMode']}"))
    for key, what in (("variables", "A pipeline variable"), ("triggers", "A trigger")):
        if structure.get(key):
            found.append((key, STRUCTURE, what))
    for number, stage in enumerate(draft.stages):
        found += [(f"stages[{number}].{gate}", STAGE, f"The stage level condition {gate}")
                  for gate in GATES if stage.get(gate)]
    for action in draft.actions:
        info = action_type(action.kind)
        if info is not None and info.v2_only:
            found.append((action.path, ACTION, f"The action provider {action.kind.provider}"))
    return found


def _type(draft: Draft) -> Iterator[Fault]:
    if draft.structure.get("pipelineType") != "V1":
        return
    for path, error, what in uses_v2(draft.structure):
        yield Fault(path, "", error, f"{what} is available for pipelines of type V2 only.",
                    'Set "pipelineType": "V2" or take it out.')
    for action in draft.actions:
        if action.kind.key in V2_WITH_A_WARNING:
            yield action.fault(ACTION, f"{action.kind.provider} was announced for type V2; its page does not say so.",
                               'Set "pipelineType": "V2".', warning=True)


# ---------------------------------------------------------------------------------------------- stores


def _stores(draft: Draft) -> Iterator[Fault]:
    """One artifact store, or one for each Region that has actions [MODEL, PROBE-A]."""
    structure = draft.structure
    one, several = structure.get("artifactStore"), structure.get("artifactStores")
    if bool(one) == bool(several):
        what = "both artifactStore and artifactStores" if one else "neither artifactStore nor artifactStores"
        yield Fault("artifactStore", "", STRUCTURE, f"The pipeline has {what}.",
                    "Give exactly one: artifactStores where actions run in several Regions.")
    regions = _regions(draft)
    if one and not several and len(set(regions)) > 1:
        yield Fault("artifactStore", "", STRUCTURE, f"Actions run in several Regions ({', '.join(sorted(set(regions)))}).",
                    "Use artifactStores, with one store for each Region.")
    if not several:
        return
    for region, action in regions.items():
        if region not in several:
            yield action.fault(STRUCTURE, f"There is no artifact store for the Region {region}.",
                               f"{near(region, several)} Add it to artifactStores.".strip(), "region")


def _regions(draft: Draft) -> dict[str, PlacedAction]:
    """The Regions that actions name, each with the first that does. The pipeline's own is that of its sources."""
    regions: dict[str, PlacedAction] = {}
    for action in draft.actions:
        if region := action.body.get("region"):
            regions.setdefault(str(region), action)
    return regions


# ---------------------------------------------------------------------------------------------- variables, triggers


def _variables(draft: Draft) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, variable in enumerate(draft.structure.get("variables") or ()):
        name = str(variable.get("name", ""))
        if name in seen:
            yield Fault(f"variables[{number}]", "", STRUCTURE, f"The pipeline variable '{name}' is declared twice.",
                        "Variable names must be unique.")
        seen.add(name)


def _triggers(draft: Draft) -> Iterator[Fault]:
    """A trigger names a connection's source action, one trigger for each (1.4) [PROBE-A]."""
    sources = {action.name: action for action in draft.of_stage(0)} if draft.stages else {}
    seen: set[str] = set()
    for number, trigger in enumerate(draft.structure.get("triggers") or ()):
        path = f"triggers[{number}].gitConfiguration.sourceActionName"
        name = str((trigger.get("gitConfiguration") or {}).get("sourceActionName", ""))
        source = sources.get(name)
        if source is None or source.kind.provider != "CodeStarSourceConnection":
            known = [one.name for one in sources.values() if one.kind.provider == "CodeStarSourceConnection"]
            yield Fault(path, name, STRUCTURE, f"A connection trigger must name a CodeStarSourceConnection action; '{name}' "
                        "is none.", near(name, known) or f"Connection actions: {', '.join(known) or 'none'}.")
        elif name in seen:
            yield Fault(path, name, STRUCTURE, f"The source action '{name}' has two triggers.",
                        "Join their filters in one.")
        seen.add(name)


# ---------------------------------------------------------------------------------------------- conditions


def _conditions(draft: Draft) -> Iterator[Fault]:
    for number, stage in enumerate(draft.stages):
        for gate in GATES:
            if isinstance(stage.get(gate), Mapping):
                yield from _gate(draft, number, str(stage.get("name", "")), gate, stage[gate])


def _gate(draft: Draft, number: int, stage: str, gate: str, body: Mapping[str, Any]) -> Iterator[Fault]:
    path = f"stages[{number}].{gate}"
    if gate == "onFailure":
        yield from _on_failure(draft, path, stage, body)
    if gate == "beforeEntry" and number == 0:
        yield Fault(path, stage, STAGE, "An entry condition on the source stage is neither documented nor forbidden.",
                    "Better put it on a later stage.", warning=True)
    for place, condition in enumerate(body.get("conditions") or ()):
        yield from _condition(f"{path}.conditions[{place}]", stage, gate, condition)


def _on_failure(draft: Draft, path: str, stage: str, body: Mapping[str, Any]) -> Iterator[Fault]:
    result, conditions = body.get("result"), body.get("conditions")
    if result and conditions:
        yield Fault(path, stage, STAGE, "onFailure has both a result and conditions.", "Keep one of the two.")
    if result and result not in ("ROLLBACK", "RETRY"):
        yield Fault(f"{path}.result", stage, STAGE, f"onFailure cannot have the result {result}.", "ROLLBACK or RETRY.")
    rolls_back = result == "ROLLBACK" or any(one.get("result") == "ROLLBACK" for one in conditions or ())
    if rolls_back and draft.structure.get("executionMode") == "PARALLEL":
        yield Fault(path, stage, STAGE, "A pipeline in PARALLEL mode cannot roll back on failure.",
                    "Use SUPERSEDED or QUEUED, or another result.")
    if body.get("retryConfiguration") and result != "RETRY":
        yield Fault(f"{path}.retryConfiguration", stage, STAGE, "A retry configuration needs the result RETRY.",
                    'Set "result": "RETRY".')


def _condition(path: str, stage: str, gate: str, condition: Mapping[str, Any]) -> Iterator[Fault]:
    result = condition.get("result")
    if result is not None and result not in RESULTS[gate]:
        yield Fault(f"{path}.result", stage, STAGE, f"A condition of {gate} cannot have the result {result}.",
                    f"{' or '.join(RESULTS[gate])}.")
    names: set[str] = set()
    for number, rule in enumerate(condition.get("rules") or ()):
        place, name = f"{path}.rules[{number}]", str(rule.get("name", ""))
        if name in names:
            yield Fault(f"{place}.name", stage, STAGE, f"The rule name '{name}' is used twice.", "Rename one.")
        names.add(name)
        yield from _rule(place, stage, rule, result == "SKIP")


def _rule(path: str, stage: str, rule: Mapping[str, Any], skips: bool) -> Iterator[Fault]:
    """The six rule providers with their keys; SKIP takes only LambdaInvoke and VariableCheck (1.6)."""
    provider = str((rule.get("ruleTypeId") or {}).get("provider", ""))
    info = RULE_TYPES.get(provider)
    where = f"{stage}/{rule.get('name', '')}"
    if info is None:
        yield Fault(f"{path}.ruleTypeId.provider", where, STAGE, f"There is no rule provider '{provider}'.",
                    near(provider, RULE_TYPES) or f"Providers: {', '.join(RULE_TYPES)}.")
        return
    if skips and not info.may_skip:
        yield Fault(f"{path}.ruleTypeId.provider", where, STAGE, f"The result SKIP does not take a rule of {provider}.",
                    "Use LambdaInvoke or VariableCheck, or the result FAIL.")
    settings = rule.get("configuration") or {}
    for key in info.required:
        if key not in settings:
            yield Fault(f"{path}.configuration", where, STAGE, f"The rule lacks the required configuration '{key}'.",
                        f"Add {key}.")
    for key in settings:
        if key not in info.key_names:
            yield Fault(f"{path}.configuration.{key}", where, STAGE, f"{provider} knows no configuration '{key}'.",
                        near(str(key), info.key_names))
    if info.takes_commands and not rule.get("commands"):
        yield Fault(f"{path}.commands", where, STAGE, "A Commands rule needs commands.", "Add commands.")
