"""What a template holds: its sections, each a mapping whatever was written, and its parameters with their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..fault import Fault, Faults, near
from ..standins import ACCOUNT, REGION, StandIn

PSEUDO = {
    "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": StandIn("stack")}

MOST_HINTS, MOST_CANDIDATES = 50, 300


@dataclass(frozen=True)
class Template:
    """One template and what it was given. `path` stands before all paths in it (`[1].` in a list of templates)."""

    sections: Mapping[str, Any]
    given: Mapping[str, str]
    path: str = ""
    hints: dict[str, str] = field(default_factory=dict, compare=False)

    def section(self, name: str) -> Mapping[str, Any]:
        found = self.sections.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def resources(self) -> Mapping[str, Any]:
        return self.section("Resources")

    @property
    def transforms(self) -> list[str]:
        found = self.sections.get("Transform") or []
        return [str(one.get("Name") if isinstance(one, dict) else one)
                for one in (found if isinstance(found, list) else [found])]

    def kind(self, logical_id: str) -> str:
        """The type of a resource: `AWS::IAM::Role`."""
        resource = self.resources.get(logical_id)
        found = resource.get("Type") if isinstance(resource, dict) else None
        return found if isinstance(found, str) else ""

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        resource = self.resources.get(logical_id)
        found = resource.get("Properties") if isinstance(resource, dict) else None
        return found if isinstance(found, dict) else {}

    def hint(self, name: str, names: Iterable[str]) -> str:
        """The name that was meant; looked for a few times only, because it takes long in a large template."""
        if name not in self.hints and len(self.hints) < MOST_HINTS:
            self.hints[name] = near(name, islice(names, MOST_CANDIDATES))
        return self.hints.get(name, "")

    def of_kind(self, *kinds: str) -> list[str]:
        return [logical_id for logical_id in self.resources if self.kind(logical_id) in kinds]


def pseudo(template: Template, name: str) -> str | None:
    """The value of a pseudo-parameter; it can be given like a parameter (`AWS::Region=us-east-1`)."""
    if name in template.given:
        return str(template.given[name])
    region = template.given.get("AWS::Region", REGION)
    if name == "AWS::Partition":
        return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    if name == "AWS::URLSuffix":
        return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    if name == "AWS::StackId":
        stack = template.given.get("AWS::StackName", PSEUDO["AWS::StackName"])
        account = template.given.get("AWS::AccountId", ACCOUNT)
        return f"arn:aws:cloudformation:{region}:{account}:stack/{stack}/00000000-0000-0000-0000-000000000000"
    return PSEUDO.get(name)


# ---------------------------------------------------------------------------------------------- parameters


def is_list(declared: Mapping[str, Any]) -> bool:
    kind = str(declared.get("Type", ""))
    return kind.startswith("List<") or kind == "CommaDelimitedList" or "<List<" in kind or "<CommaDelimited" in kind


def is_path(declared: Mapping[str, Any]) -> bool:
    """Whether the default is a path in the Parameter Store and not the value that is found there."""
    return str(declared.get("Type", "")).startswith("AWS::SSM::Parameter::Value")


def value_of(template: Template, name: str, declared: Mapping[str, Any]) -> Any:
    """What a parameter is worth: the value given, its default, or a stand-in. The value given for one of an SSM type is
    taken as what the Parameter Store holds, because nothing is fetched."""
    if name in template.given:
        text: str = str(template.given[name])
    elif is_path(declared) or declared.get("Default") is None:
        text = StandIn(name)
    else:
        text = as_text(declared["Default"])
    if is_list(declared) and not isinstance(text, StandIn):
        return [part.strip() for part in text.split(",")] if text else []
    return [text] if is_list(declared) else text


def as_text(value: Any) -> str:
    """A scalar as CloudFormation passes it on: true, 1, text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(as_text, value))
    return value if isinstance(value, str) else str(value)


def unknown_parameters(templates: Iterable[Template], given: Mapping[str, str]) -> list[str]:
    """A sentence for each value that was given to a parameter which no template has."""
    known = {name for template in templates for name in template.section("Parameters")}
    return [f"No parameter is called '{name}'. {near(name, known)}".strip()
            for name in given if name not in known and not name.startswith("AWS::")]


def against_values(template: Template) -> None:
    """Raises Faults where a value was given that the parameter does not allow."""
    faults = []
    for name, declared in template.section("Parameters").items():
        allowed = declared.get("AllowedValues") if isinstance(declared, dict) else None
        value = template.given.get(name)
        if value is None or not isinstance(allowed, list) or not allowed:
            continue
        texts = [as_text(one) for one in allowed]
        parts = str(value).split(",") if is_list(declared) else [str(value)]
        faults += [Fault(f"{template.path}Parameters.{name}", "", "ValidationError",
                         f"'{part.strip()}' is not one of the allowed values of the parameter.",
                         near(part, texts) or f"Values: {', '.join(texts[:12])}.")
                   for part in parts if part.strip() not in texts]
    if faults:
        raise Faults(faults)
