"""The structure as a whole: stages, sources, V1 and V2, pipeline variables, triggers (1.1, 1.2, 1.4, 1.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..catalogue import V2_WITH_A_WARNING, action_type
from ..fault import Fault, near
from .walk import ACTION, CATEGORIES, GATES, STAGE, STRUCTURE, Draft, PlacedAction

MOST_STAGES, MOST_IN_STAGE, MOST_ACTIONS = 50, 50, 500
V2_FIELDS = ("variables", "triggers")
CONNECTION = "CodeStarSourceConnection"


def look_at_structure(draft: Draft) -> Iterator[Fault]:
    for look in (_stages, _sources, _type, _variables, _triggers):
        yield from look(draft)


def _stages(draft: Draft) -> Iterator[Fault]:
    """Two to fifty stages [UG22, knowledge; PROBE-A] with names of their own [PROBE-A], 500 actions at most [UG22]."""
    if "stages" not in draft.structure:
        return  # the missing member has been told
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
        name = stage.get("name", "")
        if name and name in seen:
            yield Fault(f"stages[{number}].name", name, STAGE, f"The stage name '{name}' is used more than once.",
                        f"Rename this one or stages[{seen[name]}].")
        seen.setdefault(name, number)
        yield from _actions_of(draft, number, name)


def _actions_of(draft: Draft, number: int, name: str) -> Iterator[Fault]:
    """One to fifty actions in a stage [UG22, class: knowledge], each name once [knowledge]; no blockers [MODEL]."""
    actions, path = draft.of_stage(number), f"stages[{number}]"
    if not actions and "actions" in draft.stages[number]:
        yield Fault(f"{path}.actions", name, STAGE, f"The stage '{name}' has no actions.",
                    "Add an action or take the stage out.")
    if len(actions) > MOST_IN_STAGE:
        yield Fault(f"{path}.actions", name, STAGE, f"The stage '{name}' has {len(actions)} actions; at most "
                    f"{MOST_IN_STAGE} are allowed.", "Divide it into several stages.")
    if draft.stages[number].get("blockers"):
        yield Fault(f"{path}.blockers", name, "InvalidBlockerDeclarationException",
                    "Blockers are reserved for future use.", "Take them out; an approval or a condition holds a stage.")
    seen: dict[str, PlacedAction] = {}
    for action in actions:
        if action.name and action.name in seen:
            yield action.fault(ACTION, f"The action name '{action.name}' is used more than once in the stage.",
                               f"Rename this one or {seen[action.name].path}.", "name")
        seen.setdefault(action.name, action)


def _sources(draft: Draft) -> Iterator[Fault]:
    """Source actions in the first stage, all of it and nowhere else; something else after it [PROBE-A]."""
    first = draft.of_stage(0) if draft.stages else []
    sure = all(action.kind.category in CATEGORIES for action in draft.actions)  # otherwise it has been told
    if first and sure and not any(action.kind.category == "Source" for action in first):
        yield Fault("stages[0]", draft.stages[0].get("name", ""), STRUCTURE, "The first stage has no source action.",
                    "Begin with a stage that holds only source actions.")
    for action in draft.actions:
        category = action.kind.category
        if action.stage == 0 and category in CATEGORIES and category != "Source":
            yield action.fault(STRUCTURE, f"The first stage may hold only source actions; '{action.name}' is of category "
                               f"{category}.", "Move it to a later stage.")
        if action.stage > 0 and category == "Source":
            yield action.fault(STRUCTURE, f"The source action '{action.name}' is not in the first stage.",
                               "Move it to the first stage.")
    if draft.actions and all(action.kind.category == "Source" for action in draft.actions):
        yield Fault("stages", "", STRUCTURE, "The pipeline has source actions only.",
                    "Add an action that builds, tests, deploys or approves.")


# ---------------------------------------------------------------------------------------------- V1 and V2


def uses_v2(structure: Mapping[str, Any]) -> list[Fault]:
    """What of a structure only type V2 has, as the faults that it would be in a V1 pipeline (1.2) [PROBE-A]."""
    draft = Draft(structure)
    found = [_needs_v2(path, "", STRUCTURE, what) for path, what in _of_the_pipeline(structure)]
    for number, stage in enumerate(draft.stages):
        found += [_needs_v2(f"stages[{number}].{gate}", stage.get("name", ""), STAGE, f"The stage level condition {gate}")
                  for gate in GATES if stage.get(gate)]
    for action in draft.actions:
        info = action_type(action.kind)
        if info is not None and info.v2_only:
            found.append(_needs_v2(action.path, action.where, ACTION, f"The action provider {action.kind.provider}"))
    return found


def _of_the_pipeline(structure: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if structure.get("executionMode") in ("QUEUED", "PARALLEL"):
        yield "executionMode", f"The execution mode {structure['executionMode']}"
    if structure.get("variables"):
        yield "variables", "A pipeline variable"
    if structure.get("triggers"):
        yield "triggers", "A trigger"


def _needs_v2(path: str, where: str, error: str, what: str) -> Fault:
    return Fault(path, where, error, f"{what} is available for pipelines of type V2 only.",
                 'Set "pipelineType": "V2" or take it out.')


def _type(draft: Draft) -> Iterator[Fault]:
    """Without a type, a pipeline that uses V2 is of type V2 (1.1, our decision); with the type V1 it is refused."""
    if draft.structure.get("pipelineType") != "V1":
        return
    yield from uses_v2(draft.structure)
    for action in draft.actions:
        if action.kind.key in V2_WITH_A_WARNING:  # section 15
            yield action.fault(ACTION, f"{action.kind.provider} was announced for type V2; its page does not say so.",
                               'Set "pipelineType": "V2".', warning=True)


# ---------------------------------------------------------------------------------------------- variables, triggers


def _variables(draft: Draft) -> Iterator[Fault]:
    """Each name once [PROBE-A]."""
    seen: set[str] = set()
    for number, variable in enumerate(draft.structure.get("variables") or ()):
        name = variable.get("name", "")
        if name and name in seen:
            yield Fault(f"variables[{number}].name", "", STRUCTURE, f"The pipeline variable '{name}' is declared twice.",
                        "Variable names must be unique.")
        seen.add(name)


def _triggers(draft: Draft) -> Iterator[Fault]:
    """A trigger names a connection's source action [PROBE-A], one trigger for each (1.4)."""
    sources = {action.name: action for action in draft.actions if action.kind.category == "Source"}
    known = [name for name, action in sources.items() if action.kind.provider == CONNECTION]
    seen: set[str] = set()
    for number, trigger in enumerate(draft.structure.get("triggers") or ()):
        git = trigger.get("gitConfiguration") or {}
        path, name = f"triggers[{number}].gitConfiguration", git.get("sourceActionName", "")
        if name and name not in known:
            what = f"is of {sources[name].kind.provider}" if name in sources else "is no source action"
            yield Fault(f"{path}.sourceActionName", name, STRUCTURE, f"A connection trigger must name a {CONNECTION} "
                        f"action; '{name}' {what}.", near(name, known) or
                        f"Connection actions: {', '.join(known) or 'none'}.")
        elif name and name in seen:
            yield Fault(f"{path}.sourceActionName", name, STRUCTURE, f"The source action '{name}' has two triggers.",
                        "Join their filters in one.")
        seen.add(name)
        for place, push in enumerate(git.get("push") or ()):
            if push.get("tags") and push.get("branches"):  # a push is of one of the two [knowledge]
                yield Fault(f"{path}.push[{place}]", name, STRUCTURE, "A filter with both tags and branches never lets "
                            "a push through: it is of one or the other.", "Make two filters.", warning=True)
