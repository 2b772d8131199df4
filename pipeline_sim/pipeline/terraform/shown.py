"""What `terraform show -json` prints, of a plan or of a state: resources whose values Terraform itself worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..standins import StandIn, word
from ..told import Told
from .beside import KINDS, Resource
from .references import identity_of, made_of

PIPELINE = "aws_codepipeline"
DEEPEST = 12


@dataclass(frozen=True)
class Shown:
    """One resource: where it is in the configuration, its values, and marks on those that are only known once it is
    made."""

    address: str
    kind: str
    label: str
    values: Mapping[str, Any]
    unknown: Any
    references: Mapping[str, Any]


def is_shown(document: Any) -> bool:
    """Whether a document is such an output, or a state file."""
    return isinstance(document, dict) and bool(
        {"planned_values", "values"} & document.keys() and "format_version" in document or _is_state(document))


def _is_state(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("resources"), list) and "terraform_version" in document


def resources_of(document: Mapping[str, Any]) -> list[Shown]:
    """Every resource of the plan or state, those of modules too."""
    if _is_state(document):
        return list(_of_state_file(document))
    root = document.get("planned_values") or document.get("values") or {}
    unknown = {str(change.get("address")): _mapping(change.get("change")).get("after_unknown")
               for change in _mappings(document.get("resource_changes"))}
    wanted = dict(_references(_mapping(_mapping(document.get("configuration")).get("root_module")), "", 0))
    return [_shown(said, unknown, wanted) for said in _below(_mapping(_mapping(root).get("root_module")), 0)]


def _shown(said: Mapping[str, Any], unknown: Mapping[str, Any], wanted: Mapping[str, Any]) -> Shown:
    address = str(said.get("address", ""))
    return Shown(address, str(said.get("type", "")), str(said.get("name", "")), _mapping(said.get("values")),
                 unknown.get(address), _mapping(wanted.get(_without_indices(address))))


def _without_indices(address: str) -> str:
    return "".join(part.split("]")[-1] for part in address.split("["))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _below(module: Mapping[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    yield from (one for one in _mappings(module.get("resources")) if one.get("mode", "managed") == "managed")
    if depth < DEEPEST:
        for child in _mappings(module.get("child_modules")):
            yield from _below(child, depth + 1)


def _references(module: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """The expressions of each resource of the configuration, by address."""
    for one in _mappings(module.get("resources")):
        yield prefix + str(one.get("address", "")), one.get("expressions")
    if depth < DEEPEST:
        for name, call in _mapping(module.get("module_calls")).items():
            yield from _references(_mapping(_mapping(call).get("module")), f"{prefix}module.{name}.", depth + 1)


def _of_state_file(document: Mapping[str, Any]) -> Iterator[Shown]:
    """`terraform.tfstate` itself, of version 4."""
    for one in _mappings(document.get("resources")):
        if one.get("mode") == "managed":
            label = str(one.get("name", ""))
            prefix = f"{one['module']}." if one.get("module") else ""
            for instance in _mappings(one.get("instances")):
                index = f"[{instance['index_key']}]" if "index_key" in instance else ""
                yield Shown(f"{prefix}{one.get('type')}.{label}{index}", str(one.get("type", "")), label,
                            _mapping(instance.get("attributes")), None, {})


# ---------------------------------------------------------------------------------------------- what is not known yet


COMPUTED = frozenset({"id", "arn", "tags_all", "trigger_all"})
"""What Terraform's provider tells of a resource, and nobody asks for."""


def values_of(shown: Shown, names: Mapping[str, Shown], told: Told) -> dict[str, Any]:
    """The values with stand-ins for those that are known only after `terraform apply`."""
    asked = {key: mark for key, mark in _mapping(shown.unknown).items() if key not in COMPUTED}
    return _mapping(_filled(shown.values, asked, shown.references, shown.address, names, told))


def _filled(
    value: Any, unknown: Any, wanted: Any, path: str, names: Mapping[str, Shown], told: Told,
) -> Any:
    if unknown is True:
        found = _stand_in(wanted, path, names)
        told.tell(path, f"It is known only after `terraform apply`; '{found}' stands for it.")
        return found
    if isinstance(unknown, dict) and isinstance(value, dict | None):
        given = value or {}
        return {**given, **{key: _filled(given.get(key), mark, _of(wanted, key), f"{path}.{key}", names, told)
                            for key, mark in unknown.items() if mark}}
    if isinstance(unknown, list) and isinstance(value, list):
        marks = [*unknown, *([False] * (len(value) - len(unknown)))]
        return [_filled(part, mark, _at(wanted, place), f"{path}[{place}]", names, told)
                for place, (part, mark) in enumerate(zip(value, marks, strict=False))]
    return value


def _of(wanted: Any, key: str) -> Any:
    """The expression of an attribute. A map has one for all its values, which says what one of them is only where it
    refers to one thing."""
    return wanted.get(key, wanted if "references" in wanted else None) if isinstance(wanted, dict) else None


def _at(wanted: Any, place: int) -> Any:
    return wanted[min(place, len(wanted) - 1)] if isinstance(wanted, list) and wanted else wanted


def _stand_in(wanted: Any, path: str, names: Mapping[str, Shown]) -> str:
    listed = _mapping(wanted).get("references")
    references = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    whole = [one for one in references if not any(other.startswith(f"{one}.") for other in references)]
    if len(whole) == 1:
        return _of_reference(whole[0], path, names)
    return StandIn(word(path.rpartition(".")[2]))


def _of_reference(reference: str, path: str, names: Mapping[str, Shown]) -> str:
    """`aws_iam_role.build.arn` → the ARN of the role's name, as far as the plan says it."""
    resource, _, asked = reference.rpartition(".")
    kind = resource.split(".")[0]
    prefix = path[:path.index(kind)] if kind in path and not path.startswith(kind) else ""
    made = names.get(_without_indices(prefix + resource)) or names.get(_without_indices(resource))
    asked = identity_of(kind) if asked == "id" else asked
    if not identity_of(kind) or asked not in ("arn", "url", "name", "bucket"):
        return StandIn(word(reference))
    given = _mapping(made.values if made else None)
    name = given.get("name") or given.get("bucket") or StandIn(resource.rpartition(".")[2])
    return StandIn(made_of(kind, str(name), asked, given.get("path")))


def beside_of(shown: list[Shown], names: Mapping[str, Shown]) -> tuple[Resource, ...]:
    """Those resources that may belong to pipelines."""
    return tuple(Resource(one.kind, one.label, values_of(one, names, Told())) for one in shown if one.kind in KINDS)


def by_address(shown: list[Shown]) -> dict[str, Shown]:
    return {_without_indices(one.address): one for one in shown}
