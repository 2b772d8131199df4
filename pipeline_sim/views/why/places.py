"""Why a stage or an action is as it is: who is in it, who waits in front, or why nobody has come so far."""

from __future__ import annotations

from ...pipeline.model import PARALLEL, Action, Stage
from ...record import INBOUND
from ...state import ExecutionState, PipelineState, StageRun, State
from ..picture import whose
from ..words import clock, executions, listed
from .answer import Answer, Clause, answer, prefixed
from .attempts import RUNS, conditions, failures, why_ended, why_running
from .executions import may_retry, why_execution, why_inside, why_waiting


def why_stage(state: State, pipeline: PipelineState, stage: Stage) -> Answer:
    """Why this stage is as it is now."""
    door, name = pipeline.stages[stage.name], stage.name
    inside = _inside(pipeline, name)
    if inside:
        return _held(state, pipeline, name, inside)
    if door.waiting:
        return _closed(state, pipeline, name)
    if door.latest is not None:
        return _after(state, pipeline, name, pipeline.executions[door.latest])
    return _never(state, pipeline, name, f"{name} has not run")


def _inside(pipeline: PipelineState, stage: str) -> list[ExecutionState]:
    """Who is in the stage: its holder, or in PARALLEL mode all who work there."""
    here = []
    for number in pipeline.active:
        execution = pipeline.executions[number]
        run = execution.stages.get(stage)
        if execution.stage == stage and run is not None and run.status in ("InProgress", "Stopping"):
            here.append(execution)
    return here


def _held(state: State, pipeline: PipelineState, stage: str, inside: list[ExecutionState]) -> Answer:
    first = inside[0]
    if len(inside) > 1:
        claim = Clause(f"{stage} is run by {executions([one.number for one in inside])} at once", "parallel-mode")
        return answer(stage, claim, [], [clause for one in inside for clause in why_inside(state, one, stage)])
    alone = first.mode == PARALLEL
    claim = Clause(f"{stage} is held by execution {first.number}", "parallel-mode" if alone else "stage-lock")
    notes = [] if alone else _line_of(pipeline, stage)
    return answer(stage, claim, why_inside(state, first, stage), notes, link=": ")


def _line_of(pipeline: PipelineState, stage: str) -> list[Clause]:
    waiting = pipeline.stages[stage].waiting
    if not waiting:
        return []
    verb = "waits" if len(waiting) == 1 else "wait"
    rule = "queued-mode" if pipeline.executions[waiting[0]].mode == "QUEUED" else "superseded-mode"
    return [Clause(f"{executions(waiting)} {verb} in front of {stage}", rule)]


def _closed(state: State, pipeline: PipelineState, stage: str) -> Answer:
    first = pipeline.executions[pipeline.stages[stage].waiting[0]]
    chain, notes = why_waiting(state, pipeline, first, stage)
    ran = "" if pipeline.stages[stage].latest is None else " again"
    claim = Clause(f"{stage} has not run{ran}: execution {first.number} waits in front of it since "
                   f"{clock(state, first.stages[stage].arrived)}", "transition-disabled")
    line = _line_of(pipeline, stage) if len(pipeline.stages[stage].waiting) > 1 else []
    return answer(stage, claim, chain, [*notes, *line])


def _after(state: State, pipeline: PipelineState, stage: str, latest: ExecutionState) -> Answer:
    """Nobody is there: how the last one left."""
    run, number = latest.stages[stage], latest.number
    at = clock(state, run.ended) if run.ended is not None else ""
    when = f" at {at}" if at else ""
    rule = {"Failed": "failed-stage", "Skipped": "condition-skip", "Cancelled": "cancelled-by-edit",
            "Stopped": "stop-wait"}.get(run.status, "execution-life")
    went_back = latest.start.kind == "ROLLBACK" and run.status == "Succeeded"
    back = f", which took it back to execution {latest.start.target}," if went_back else ""
    claim = Clause(f"{stage} {_LEFT.get(run.status, run.status)} execution {number}{back}{when}", rule)
    chain = failures(state, latest, stage) if run.status == "Failed" else conditions(
        state, latest, stage, ("Failed", "Errored")) if run.status == "Skipped" else []
    notes = may_retry(state, pipeline, latest) if run.status == "Failed" and latest.stage == stage else []
    return answer(stage, claim, chain, [*notes, *_nobody_since(state, pipeline, stage, latest)])


_LEFT = {"Succeeded": "was last passed by", "Failed": "failed in", "Skipped": "was skipped by",
         "Stopped": "was left when somebody stopped", "Cancelled": "was left when the pipeline was updated under"}


def _nobody_since(state: State, pipeline: PipelineState, stage: str, latest: ExecutionState) -> list[Clause]:
    """Why a newer execution has not come to the stage."""
    comer = _nearest(pipeline, stage)
    if comer is None or comer.number <= latest.number:
        return []
    return [Clause(why_execution(state, pipeline, comer).sentence.rstrip("."), "")]


# ---------------------------------------------------------------------------------------------- nobody has come


def _never(state: State, pipeline: PipelineState, stage: str, claim: str) -> Answer:
    comer = _nearest(pipeline, stage)
    if comer is None:
        return answer(stage, Clause(claim, "execution-life"),
                      [Clause(f"no execution of {pipeline.name} has started yet", "what-starts")])
    return prefixed(stage, Clause(claim, "execution-life"), why_execution(state, pipeline, comer))


def _nearest(pipeline: PipelineState, stage: str) -> ExecutionState | None:
    """Whose fate explains that nobody came: the active execution nearest to the stage, or else the newest."""
    door = pipeline.stages[stage]
    if door.waiting:
        return pipeline.executions[door.waiting[0]]
    index = pipeline.definition.index
    place = index[stage]
    under_way = [pipeline.executions[number] for number in pipeline.active]
    coming = [one for one in under_way
              if one.start.kind == "STANDARD" and index.get(one.stage, 0) <= place]
    if coming:
        return max(coming, key=lambda one: (index.get(one.stage, 0), -one.number))
    return next((one for one in reversed(pipeline.executions.values()) if one.start.kind == "STANDARD"), None)


# ---------------------------------------------------------------------------------------------- actions


def why_action(state: State, pipeline: PipelineState, stage: Stage, action: Action,
               execution: ExecutionState | None = None) -> Answer:
    """Why an action is as it is: in the given execution, or in the one that the stage shows."""
    place = f"{stage.name}/{action.name}"
    subject = execution or whose(pipeline, stage.name, action.name)
    run = subject.stages.get(stage.name) if subject else None
    if subject is None:
        return _moved(_never(state, pipeline, stage.name, f"{place} has not run"), place)
    if run is None or run.status == INBOUND:
        claim = Clause(f"{place} has not run in execution {subject.number}", "execution-life")
        return prefixed(place, claim, why_execution(state, pipeline, subject))
    attempt = run.latest(action.name)
    if attempt is None:
        return _not_reached(state, subject, run, stage.name, action.name)
    declared = subject.definition.by_name[stage.name].by_name[action.name]
    if attempt.status == "InProgress":
        first, *rest = why_running(state, subject, stage.name, declared, attempt)
        claim = first._replace(text=f"{first.text} (execution {subject.number})")
        return answer(place, claim, rest, link="; ")
    claim = why_ended(state, stage.name, declared, attempt, timed=True)
    claim = claim._replace(text=f"{claim.text} (execution {subject.number})")
    notes = may_retry(state, pipeline, subject) if attempt.status in ("Failed", "Abandoned") and \
        subject.stage == stage.name and not subject.active else []
    return answer(place, claim, [], [*notes, *_nobody_since(state, pipeline, stage.name, subject)])


def _moved(inner: Answer, place: str) -> Answer:
    return Answer(place, inner.sentence, inner.causes, inner.rule)


def _not_reached(state: State, execution: ExecutionState, run: StageRun, stage: str, action: str) -> Answer:
    """The execution came into the stage, but not to this action."""
    place = f"{stage}/{action}"
    declared = execution.definition.by_name[stage]
    if action not in declared.by_name:
        claim = Clause(f"{place} has not run in execution {execution.number}", "cancelled-by-edit")
        return answer(place, claim, [Clause(f"version {execution.definition.version} of the pipeline, which it runs, "
                                            "has no such action", "cancelled-by-edit")])
    claim = Clause(f"{place} has not run in execution {execution.number}", RUNS)
    order = declared.by_name[action].run_order
    return answer(place, claim, _before_it(state, execution, run, stage, order))


def _before_it(state: State, execution: ExecutionState, run: StageRun, stage: str, order: int) -> list[Clause]:
    asked = conditions(state, execution, stage, ("InProgress", "Failed", "Errored"))
    if run.status in ("Skipped", "Failed") and not run.attempts:
        return asked
    declared = execution.definition.by_name[stage].by_name
    earlier = [(name, attempts[-1]) for name, attempts in run.attempts.items() if declared[name].run_order < order]
    failed = [(name, attempt) for name, attempt in earlier if attempt.status in ("Failed", "Abandoned")]
    if failed:
        names = listed(f"{stage}/{name}" for name, _ in failed)
        return [Clause(f"{names} of an earlier run order did not succeed, and no later run order starts after that",
                       "later-groups"), *(why_ended(state, stage, declared[name], attempt) for name, attempt in failed)]
    running = [(name, attempt) for name, attempt in earlier if attempt.status == "InProgress"]
    if running:
        names = listed(f"{stage}/{name}" for name, _ in running)
        waits = [Clause(f"{names}, of an earlier run order, still must succeed", RUNS)]
        return waits + [clause for name, attempt in running
                        for clause in why_running(state, execution, stage, declared[name], attempt)]
    if execution.status in ("Stopping", "Stopped") and not run.attempts:
        return [Clause(f"execution {execution.number} was stopped before any action of {stage} began", "stop-in-condition")]
    if execution.status in ("Stopping", "Stopped"):
        return [Clause(f"execution {execution.number} was stopped: what ran came to its end, nothing new starts",
                       "stop-wait")]
    if run.status == "Cancelled":
        return [Clause("the pipeline was updated while the stage was under way", "cancelled-by-edit")]
    return asked
