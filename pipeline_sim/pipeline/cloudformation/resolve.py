"""What a value of a template is worth: intrinsic functions and references replaced by texts, as far as one can know.

What only the account knows becomes a stand-in, and is told with its path; nothing is guessed in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..fault import Fault, Faults, Unreadable
from ..standins import ACCOUNT, REGION, StandIn, like, word
from ..told import Told
from .foreach import expanded
from .functions import FUNCTIONS, KEPT, Malformed
from .resources import arn_of, attribute, name_property, named, ref
from .template import Template, as_text, is_path, pseudo, value_of

NO_VALUE: Any = type("NoValue", (), {"__repr__": lambda self: "AWS::NoValue"})()
MOST_STEPS = 400_000
LONGEST = 100_000
LONGEST_CHAIN = 40
_DYNAMIC = re.compile(r"\{\{resolve:([a-zA-Z-]+):([^{}]*)\}\}")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


@dataclass
class Budget:
    """How much work a template may still make; one for all its pipelines."""

    steps: int = MOST_STEPS

    def spend(self, steps: int, path: str) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Unreadable(f"{path}: the template makes more than {MOST_STEPS} values; a template is smaller.")


@dataclass
class Resolver:
    """One template being resolved for one reader, who is told what could not be."""

    template: Template
    budget: Budget = field(default_factory=Budget)
    told: Told = field(default_factory=Told)
    names: dict[str, str] = field(default_factory=dict)
    truths: dict[str, bool] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def resolve(self, value: Any, path: str) -> Any:
        """The value without functions; NO_VALUE where it is to be left out."""
        self.budget.spend(1, path)
        if isinstance(value, dict):
            return self._mapping_or_function(value, path)
        if isinstance(value, list):
            parts = [self.resolve(part, f"{path}[{place}]") for place, part in enumerate(value)]
            return [part for part in parts if part is not NO_VALUE]
        return self._fetched(value, path) if isinstance(value, str) else value

    def _mapping_or_function(self, value: dict[str, Any], path: str) -> Any:
        if len(value) == 1:
            (key, argument), = value.items()
            if key in FUNCTIONS:
                return self._called(key, argument, path)
            if key.startswith("Fn::") and key not in KEPT and not key.startswith("Fn::ForEach"):
                hint = self.template.hint(key, FUNCTIONS)
                return self.unknown(path, f"The function {key} is not known here", word(key.removeprefix("Fn::")), hint)
        found = {}
        for key, part in expanded(self, value, path).items():
            resolved = self.resolve({key: part} if key == "Fn::Transform" else part, f"{path}.{key}")
            if resolved is not NO_VALUE:
                found[key] = resolved
        return found

    def _called(self, name: str, argument: Any, path: str) -> Any:
        if isinstance(argument, list | dict) and name != "Fn::GetAtt":
            path = f"{path}.{name}"
        try:
            found = FUNCTIONS[name](self, argument, path)
        except Malformed as error:
            return self.unknown(path, f"{name} is not written as CloudFormation takes it ({error})",
                                word(name.removeprefix("Fn::")))
        if isinstance(found, str):
            self.budget.spend(len(found) // 100, path)
            if len(found) > LONGEST:
                raise Unreadable(f"{path}: {name} makes a text of {len(found)} characters; a template is smaller.")
            return self._fetched(found, path)
        return found

    def _fetched(self, text: str, path: str) -> str:
        """The text with its dynamic references (`{{resolve:ssm:…}}`) replaced by stand-ins: nothing is fetched."""
        if "{{resolve:" not in text:
            return text

        def stand_in(match: re.Match[str]) -> str:
            named = word(match[2].replace(":SecretString", "").split(":AWSCURRENT")[0].strip(":/"))
            return self.unknown(path, f"{match[0]} is fetched when the stack is made", named)

        found = _DYNAMIC.sub(stand_in, text)
        return StandIn(found) if found != text else text

    # ------------------------------------------------------------------------------------------ what is not known

    def unknown(self, path: str, reason: str, stand_in: str, fix: str = "") -> StandIn:
        self.told.tell(path, f"{reason}; '{stand_in}' stands for it.", fix)
        return StandIn(stand_in)

    @contextmanager
    def within(self, what: str) -> Iterator[None]:
        """Raises Faults where a thing is needed to make itself, Unreadable where one refers to the next without end."""
        if what in self._open:
            circle = " → ".join([*self._open[self._open.index(what):], what])
            raise Faults([Fault(what, "", "ValidationError", f"Circular dependency: {circle}.",
                                "One of them must not refer to the next.")])
        if len(self._open) >= LONGEST_CHAIN:
            raise Unreadable(f"{self._open[0]}: a chain of more than {LONGEST_CHAIN} references begins here.")
        self._open.append(what)
        try:
            yield
        finally:
            self._open.pop()

    # ------------------------------------------------------------------------------------------ references

    def ref(self, name: str, path: str) -> Any:
        """What `Ref` gives for a pseudo-parameter, a parameter or a resource."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name == "AWS::NotificationARNs":
            return []
        if (found := pseudo(self.template, name)) is not None:
            return self._pseudo(name, found, path)
        declared = self.template.section("Parameters").get(name)
        if isinstance(declared, dict):
            return self._parameter(name, declared, path)
        if name in self.template.resources:
            return self._resource(name, path)
        known = [*self.template.section("Parameters"), *self.template.resources]
        made = " (SAM or a macro may make it)" if self.template.transforms else ""
        return self.unknown(path, f"Nothing in the template is called '{name}'{made}", word(name),
                            self.template.hint(name, known))

    def _pseudo(self, name: str, found: str, path: str) -> str:
        if isinstance(found, StandIn):
            return self.unknown(path, f"{name} is known once the stack has a name", found,
                                f"Give it with --parameter {name}=VALUE.")
        return found

    def _parameter(self, name: str, declared: dict[str, Any], path: str) -> Any:
        found = value_of(self.template, name, declared)
        first = found[0] if isinstance(found, list) and found else found
        if isinstance(first, StandIn):
            reason = "is read from the Parameter Store" if is_path(declared) else "has no default"
            self.unknown(path, f"The parameter {name} {reason}", name, f"Give it with --parameter {name}=VALUE.")
        return found

    def _resource(self, name: str, path: str) -> str:
        kind = self.template.kind(name)
        found = ref(kind, self.name_of(name), self.template.properties(name), self.place)
        return self._made_with_the_stack(found, f"{kind} {name}", path)

    def _made_with_the_stack(self, found: str, what: str, path: str) -> str:
        if isinstance(found, StandIn):
            return self.unknown(path, f"{what} is known once the stack is made", found)
        return found

    def get_att(self, name: str, asked: str, path: str) -> Any:
        """What `Fn::GetAtt` gives for an attribute of a resource."""
        if name not in self.template.resources:
            return self.unknown(path, f"No resource of the template is called '{name}'", word(f"{name}-{asked}"),
                                self.template.hint(name, self.template.resources))
        kind, properties = self.template.kind(name), self.template.properties(name)
        if kind == "AWS::SSM::Parameter" and asked == "Value" and "Value" in properties:
            with self.within(f"{self.template.path}Resources.{name}.Properties.Value"):
                return self.resolve(properties["Value"], f"{self.template.path}Resources.{name}.Properties.Value")
        found = attribute(kind, self.name_of(name), asked, properties, self.place)
        return self._made_with_the_stack(found, f"{asked} of {kind} {name}", path)

    def arn_of(self, logical_id: str) -> str:
        kind, properties = self.template.kind(logical_id), self.template.properties(logical_id)
        return arn_of(kind, self.name_of(logical_id), properties, self.place)

    def name_of(self, logical_id: str) -> str:
        """A resource's name: the one that the template gives, or a stand-in made of its logical id."""
        if logical_id not in self.names:
            self.names[logical_id] = self._name_of(logical_id)
        return self.names[logical_id]

    def _name_of(self, logical_id: str) -> str:
        properties, kind = self.template.properties(logical_id), self.template.kind(logical_id)
        for key in name_property(kind):
            if key in properties:
                path = f"{self.template.path}Resources.{logical_id}.Properties.{key}"
                with self.within(path):
                    found = self.resolve(properties[key], path)
                if found is not NO_VALUE and isinstance(found, str | int) and found != "":
                    return found if isinstance(found, str) else as_text(found)
        return named(kind, logical_id, pseudo(self.template, "AWS::StackName") or "")

    @property
    def place(self) -> tuple[str, str, str]:
        """Region, account and partition of the stack."""
        return (pseudo(self.template, "AWS::Region") or REGION, pseudo(self.template, "AWS::AccountId") or ACCOUNT,
                pseudo(self.template, "AWS::Partition") or "aws")

    def substituted(self, text: str, variables: dict[str, Any], path: str) -> str:
        """The text with `${Name}`, `${Resource.Attribute}` and `${!Literal}` replaced, as `Fn::Sub` does."""
        parts: list[Any] = []

        def replacement(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            parts.append(self._variable(name, variables, path))
            return as_text(parts[-1])

        made = _VARIABLE.sub(replacement, text)
        flat = [one for part in parts for one in (part if isinstance(part, list) else [part])]
        return like(made, text, *flat)

    def _variable(self, name: str, variables: dict[str, Any], path: str) -> Any:
        if name in variables:
            return variables[name]
        if "." in name:
            resource, _, asked = name.partition(".")
            found = self.get_att(resource, asked, path)
        else:
            found = self.ref(name, path)
        return "" if found is NO_VALUE or isinstance(found, dict) else found
