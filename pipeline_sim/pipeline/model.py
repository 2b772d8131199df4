"""What a pipeline is, as frozen values: stages of actions, in AWS's own nouns.

Values are made by `pipeline.read` from a structure (the JSON of `aws codepipeline get-pipeline`), which stays beside
them as `Pipeline.structure`: the values are what the simulation asks, the structure is what AWS would print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .fault import Fault
from .found import Found

if TYPE_CHECKING:
    from ..console import Console, Editor, Lens
    from ..scenario import Scenario

SUPERSEDED, QUEUED, PARALLEL = "SUPERSEDED", "QUEUED", "PARALLEL"
BEFORE_ENTRY, ON_SUCCESS, ON_FAILURE = "BEFORE_ENTRY", "ON_SUCCESS", "ON_FAILURE"


@dataclass(frozen=True)
class ActionType:
    """Which provider does the work: `ActionTypeId` of the API."""

    category: str
    owner: str
    provider: str
    version: str = "1"

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.category, self.owner, self.provider, self.version)


@dataclass(frozen=True)
class Action:
    """One step of a stage. Actions of equal `run_order` form a group and start together [UG]."""

    name: str
    type: ActionType
    run_order: int = 1
    configuration: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    region: str | None = None
    role_arn: str | None = None
    namespace: str | None = None
    timeout_minutes: int | None = None
    commands: tuple[str, ...] = ()
    output_variables: tuple[str, ...] = ()
    environment_variables: tuple[Mapping[str, str], ...] = ()
    output_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        return self.type.provider

    @property
    def category(self) -> str:
        return self.type.category

    @property
    def is_source(self) -> bool:
        return self.type.category == "Source"

    @property
    def is_approval(self) -> bool:
        return self.type.category == "Approval"


@dataclass(frozen=True)
class Rule:
    """One check of a condition: `RuleDeclaration` of the API."""

    name: str
    provider: str
    configuration: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    region: str | None = None
    role_arn: str | None = None
    commands: tuple[str, ...] = ()
    timeout_minutes: int | None = None


@dataclass(frozen=True)
class Condition:
    """Rules that must all pass, and what happens otherwise (`FAIL`, `SKIP`, `ROLLBACK`)."""

    result: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class OnFailure:
    """What follows a failed stage: `ROLLBACK` or `RETRY` outright, or a condition that decides."""

    result: str | None = None
    retry_mode: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True)
class Stage:
    """A group of actions that one execution at a time goes through (SUPERSEDED and QUEUED modes)."""

    name: str
    actions: tuple[Action, ...]
    before_entry: Condition | None = None
    on_success: Condition | None = None
    on_failure: OnFailure | None = None
    by_name: Mapping[str, Action] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # an attribute and no cached property, whose look-up is slow: every record of an action asks for it
        object.__setattr__(self, "by_name", {action.name: action for action in self.actions})

    @cached_property
    def groups(self) -> tuple[tuple[Action, ...], ...]:
        """The actions by rising run order: one tuple for each action group."""
        orders = sorted({action.run_order for action in self.actions})
        return tuple(tuple(a for a in self.actions if a.run_order == order) for order in orders)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The places of the actions, by name."""
        return {action.name: place for place, action in enumerate(self.actions)}

    @cached_property
    def conditions(self) -> Mapping[str, Condition]:
        """The conditions that there are, by the gate where each stands: in front of the actions, or after them."""
        of_failure = self.on_failure.condition if self.on_failure else None
        every = {BEFORE_ENTRY: self.before_entry, ON_SUCCESS: self.on_success, ON_FAILURE: of_failure}
        return {gate: condition for gate, condition in every.items() if condition is not None}

    def action(self, name: str) -> Action:
        return self.by_name[name]


@dataclass(frozen=True)
class Filter:
    """Glob patterns of a trigger: matches an include (all, when there is none) and no exclude [UG:syntax-glob]."""

    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PushFilter:
    """All that is given must match; the filters of a trigger are alternatives."""

    tags: Filter | None = None
    branches: Filter | None = None
    file_paths: Filter | None = None


@dataclass(frozen=True)
class PullRequestFilter:
    """As `PushFilter`, for pull requests: the branch is the one merged into."""

    events: tuple[str, ...] = ()
    branches: Filter | None = None
    file_paths: Filter | None = None


@dataclass(frozen=True)
class Trigger:
    """When a connection's source action starts the pipeline (V2)."""

    source_action: str
    push: tuple[PushFilter, ...] = ()
    pull_request: tuple[PullRequestFilter, ...] = ()


@dataclass(frozen=True)
class Variable:
    """A pipeline-level variable (V2): `#{variables.NAME}`."""

    name: str
    default: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class ArtifactStore:
    """An S3 bucket (one for each Region that has actions) and the key that encrypts in it."""

    location: str
    key_id: str | None = None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as `create-pipeline` takes it. `stores` is by Region; `""` stands for the pipeline's own Region.
    `beside` is what the template that it is from says of it: a simulation begins with that."""

    name: str
    role_arn: str
    stages: tuple[Stage, ...]
    mode: str = SUPERSEDED
    type: str = "V1"
    version: int = 1
    variables: tuple[Variable, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    stores: Mapping[str, ArtifactStore] = field(default_factory=dict)
    structure: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    waived: tuple[Fault, ...] = field(default=(), compare=False, repr=False)
    beside: Found | None = field(default=None, compare=False, repr=False)
    by_name: Mapping[str, Stage] = field(init=False, compare=False, repr=False)
    index: Mapping[str, int] = field(init=False, compare=False, repr=False)
    """Each stage's place, from 0."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {stage.name: stage for stage in self.stages})
        object.__setattr__(self, "index", {stage.name: place for place, stage in enumerate(self.stages)})

    @classmethod
    def load(
        cls, source: str | Path | Mapping[str, Any], *, lenient: bool = False,
        parameters: Mapping[str, str] | None = None, custom_types: Iterable[Mapping[str, Any]] | None = None,
        name: str = "",
    ) -> Pipeline:
        """Read the pipeline that a file, a text or a structure holds: see `read.load`."""
        from .read import load

        return load(source, lenient, parameters, custom_types, name)

    @cached_property
    def trigger_of(self) -> Mapping[str, Trigger]:
        """The triggers by the source action that they replace the change detection of."""
        return {trigger.source_action: trigger for trigger in self.triggers}

    def stage(self, name: str) -> Stage:
        return self.by_name[name]

    @cached_property
    def sources(self) -> tuple[Action, ...]:
        return tuple(action for action in self.stages[0].actions if action.is_source)

    def walk(self) -> Iterator[tuple[Stage, Action]]:
        """Every action with its stage, in the order of the structure."""
        return ((stage, action) for stage in self.stages for action in stage.actions)

    # ------------------------------------------------------------------------------------------ another pipeline

    def edited(self, how: Callable[..., Mapping[str, Any]], *places: Any, **more: Any) -> Pipeline:
        """This pipeline edited by a function of `pipeline.edit`. Raises Faults where AWS would refuse the result; one
        that was loaded leniently stays so."""
        lenient = any(not fault.warning for fault in self.waived)
        return replace(Pipeline.load(how(self.structure, *places, **more), lenient=lenient), beside=self.beside)

    def parallel(self, first: str, second: str) -> Pipeline:
        """With two actions of a stage at once: `parallel("Test/Unit", "Test/Lint")`."""
        from .edit import parallel

        return self.edited(parallel, first, second)

    def in_sequence(self, first: str, second: str) -> Pipeline:
        """With the second action right after the first."""
        from .edit import in_sequence

        return self.edited(in_sequence, first, second)

    def without(self, place: str) -> Pipeline:
        """Without a stage or an action."""
        from .edit import without

        return self.edited(without, place)

    def with_mode(self, mode: str) -> Pipeline:
        """In another execution mode, of type V2 where it must be."""
        from .edit import set_mode

        return self.edited(set_mode, mode)

    def with_action(self, place: str, **members: Any) -> Pipeline:
        """With other members of an action: `with_action("Prod/Approve", timeoutInMinutes=60)`."""
        from .edit import edit_action

        return self.edited(edit_action, place, **members)

    def console(self, scenario: Scenario | None = None, *, seed: int = 0, **options: Any) -> Console:
        """A console in which this pipeline runs in a scenario's world. Needs `pipeline-sim[lab]`."""
        from ..console import Console

        return Console(self, scenario, seed=seed, **options)

    def lens(self, scenario: Scenario | None = None, *, seed: int = 0, **options: Any) -> Lens:
        """The same pushes through all three execution modes, side by side in step. Needs `pipeline-sim[lab]`."""
        from ..console import Lens

        return Lens(self, scenario, seed=seed, **options)

    def editor(self) -> Editor:
        """An editor of this pipeline, in a cell. Needs `pipeline-sim[lab]`."""
        from ..console import Editor

        return Editor(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The picture that a notebook shows."""
        from ..views.graph import mimebundle

        return mimebundle(self)
