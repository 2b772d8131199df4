"""What an expression of Terraform is worth, as far as it can be known without running Terraform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..fault import Fault, Faults, Unreadable
from ..standins import StandIn, like, word
from ..told import Told
from .expressions import READERS, parts_of
from .module import Module, Scope
from .references import asked_for, indexed
from .syntax import template
from .values import Failed, Reference, Unknown, as_text, remedy

MOST_STEPS = 250_000
LONGEST = 200_000
DEEPEST = 60


@dataclass
class Budget:
    """How much work a configuration may still make; one for all its pipelines."""

    steps: int = MOST_STEPS

    def spend(self, steps: int, path: str) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Unreadable(f"{path}: the configuration makes more than {MOST_STEPS} values.")


@dataclass
class Evaluator:
    """Evaluates for one reader, who is told what could not be known. `guesses` counts the decisions that were guessed;
    `path` is the attribute that is being evaluated."""

    budget: Budget = field(default_factory=Budget)
    told: Told = field(default_factory=Told)
    path: str = ""
    guesses: int = 0
    _known: dict[tuple[int, str], tuple[Any, int]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _depth: int = 0

    def value(self, tree: Any, scope: Scope) -> Any:
        """The value of a parser's tree, or of a plain value out of JSON (whose texts are templates)."""
        self.budget.spend(1, self.path)
        if isinstance(tree, dict):
            return {key: self.value(part, scope) for key, part in tree.items()}
        if isinstance(tree, list):
            return [self.value(part, scope) for part in tree]
        if isinstance(tree, str):
            return self.value(template(tree, self.path), scope) if "${" in tree or "%{" in tree else tree
        if not hasattr(tree, "data"):
            return tree
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable(f"{self.path}: expressions are nested more than {DEEPEST} deep.")
        try:
            return READERS[tree.data](self, parts_of(tree), scope)
        finally:
            self._depth -= 1

    # ------------------------------------------------------------------------------------------ what is not known

    def stand_in(self, value: Unknown | Reference) -> StandIn:
        """The text that stands for an unknown value, which is told."""
        unknown = value if isinstance(value, Unknown) else Unknown(value.path)
        self.told.tell(self.path, f"{unknown.path} is not known; '{unknown.stand_in}' stands for it.", remedy(unknown))
        return unknown.stand_in

    def plain(self, value: Any) -> Any:
        """The value with stand-ins for all that is unknown in it."""
        if isinstance(value, Unknown | Reference):
            return self.stand_in(value)
        if isinstance(value, dict):
            return {key: self.plain(part) for key, part in value.items()}
        return [self.plain(part) for part in value] if isinstance(value, list) else value

    def truth(self, value: Any) -> bool:
        """Whether a condition holds; one that nobody knows is taken as true, and told."""
        if isinstance(value, Unknown | Reference):
            self.guess(value, True)
            return True
        return value in (True, "true")

    def guess(self, value: Any, taken: bool) -> None:
        self.guesses += 1
        what = value.path if isinstance(value, Unknown | Reference) else f"'{value}'"
        self.told.tell(self.path, f"A condition rests on {what}, which is not known; it is taken as "
                       f"{str(taken).lower()}.")

    @contextmanager
    def within(self, what: str) -> Iterator[None]:
        """Raises Faults where a thing is needed to make itself."""
        if what in self._open:
            circle = " → ".join([*self._open[self._open.index(what):], what])
            raise Faults([Fault(what, "", "", f"Circular reference: {circle}.",
                                "One of them must not refer to the next.")])
        if len(self._open) >= 40:
            raise Unreadable(f"{self._open[0]}: a chain of more than 40 references begins here.")
        self._open.append(what)
        depth, self._depth = self._depth, 0
        try:
            yield
        finally:
            self._open.pop()
            self._depth = depth

    @contextmanager
    def at(self, path: str) -> Iterator[None]:
        before, self.path = self.path, path
        try:
            yield
        finally:
            self.path = before

    # ------------------------------------------------------------------------------------------ names

    def once(self, module: Module, what: str, make: Callable[[], Any]) -> Any:
        """A value that is the same wherever it is named: a variable, a local value, an attribute of a resource."""
        key = (id(module), what)
        if key not in self._known:
            before = self.guesses
            with self.within(f"{module.address}{what}"):
                self._known[key] = (make(), self.guesses - before)
            self.guesses = before
        found, guesses = self._known[key]
        self.guesses += guesses
        return found

    def name(self, name: str, scope: Scope) -> Any:
        return scope.names[name] if name in scope.names else Reference((name,))

    def attribute(self, value: Any, name: str, scope: Scope) -> Any:
        """`value.name`. Raises Failed where a known value has no such part."""
        if isinstance(value, Unknown):
            return value.below(name)
        return asked_for(self, value, name, scope) if isinstance(value, Reference) else _part(value, name)

    def index(self, value: Any, key: Any, scope: Scope) -> Any:
        """`value[key]`. Raises Failed where a known value has no such part."""
        if isinstance(value, Unknown):
            return value.below("*" if isinstance(key, Unknown | Reference) else key)
        if isinstance(value, Reference):
            return indexed(self, value, key, scope)
        return Unknown(f"[{key.path}]") if isinstance(key, Unknown | Reference) else _part(value, key)

    def scalar(self, value: Any) -> str:
        """A value as a piece of a text."""
        if isinstance(value, Unknown | Reference):
            return self.stand_in(value)
        if isinstance(value, dict | list) or value is None:
            raise Failed("a text cannot be made of " + ("null" if value is None else "a collection"))
        return value if isinstance(value, str) else as_text(value)

    def joined(self, parts: list[Any]) -> str:
        texts = [self.scalar(part) for part in parts]
        made = "".join(texts)
        self.budget.spend(len(made) // 100, self.path)
        if len(made) > LONGEST:
            raise Unreadable(f"{self.path}: a text of {len(made)} characters is made.")
        return like(made, *texts)


def _part(value: Any, key: Any) -> Any:
    if isinstance(value, dict) and as_text(key) in value:
        return value[as_text(key)]
    if isinstance(value, list) and as_text(key).isdecimal() and int(key) < len(value):
        return value[int(key)]
    if isinstance(value, list) and value and isinstance(value[0], StandIn):
        return StandIn(word(f"{value[0]}-{key}"))  # split() of a text that is not known
    there = f"among {', '.join(list(value)[:8]) or 'nothing'}" if isinstance(value, dict) else "there"
    raise Failed(f"there is no '{key}' {there}")
