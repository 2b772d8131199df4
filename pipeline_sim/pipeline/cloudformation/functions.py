"""CloudFormation's intrinsic functions: what each makes of its argument."""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..standins import StandIn, like, plain, word
from .conditions import holds
from .template import as_text

if TYPE_CHECKING:
    from .resolve import Resolver

# these belong to CodePipeline's CloudFormation action, which replaces them when it runs
KEPT = frozenset({"Fn::GetArtifactAtt", "Fn::GetParam"})


class Malformed(Exception):
    """A function whose argument is not of the form that CloudFormation takes."""


def _several(argument: Any, least: int, most: int, form: str) -> list[Any]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        raise Malformed(f"the form is {form}")
    return argument


def _list(resolver: Resolver, value: Any, path: str, form: str) -> list[Any]:
    found = resolver.resolve(value, path)
    if isinstance(found, StandIn):
        return [found]
    if not isinstance(found, list):
        raise Malformed(f"the form is {form}")
    return found


def _text(resolver: Resolver, value: Any, path: str, form: str) -> str:
    found = resolver.resolve(value, path)
    if not isinstance(found, str | int | float):
        raise Malformed(f"the form is {form}")
    return found if isinstance(found, str) else as_text(found)


def _texts(values: list[Any], form: str) -> list[str]:
    if not all(isinstance(value, str | int | float) for value in values):
        raise Malformed(f"the form is {form}")
    return [value if isinstance(value, str) else as_text(value) for value in values]


def _ref(resolver: Resolver, argument: Any, path: str) -> Any:
    if not isinstance(argument, str):
        raise Malformed("the form is a name")
    return resolver.ref(argument, path)


def _get_att(resolver: Resolver, argument: Any, path: str) -> Any:
    form = "[resource, attribute]"
    parts = argument.partition(".")[::2] if isinstance(argument, str) else _several(argument, 2, 9, form)
    if not isinstance(parts[0], str):
        raise Malformed(f"the form is {form}")
    asked = [_text(resolver, part, path, form) for part in parts[1:]]
    return resolver.get_att(parts[0], ".".join(asked), path)


def _sub(resolver: Resolver, argument: Any, path: str) -> Any:
    form = "a text, or [text, {name: value}]"
    parts = argument if isinstance(argument, list) else [argument]
    text, given = parts[0] if parts else None, parts[1] if len(parts) > 1 else {}
    if not isinstance(text, str) or not isinstance(given, dict) or len(parts) > 2:
        raise Malformed(f"the form is {form}")
    variables = {name: _text(resolver, value, f"{path}[1].{name}", form) for name, value in given.items()}
    return resolver.substituted(text, variables, path)


def _join(resolver: Resolver, argument: Any, path: str) -> str:
    form = "[separator, [texts]]"
    separator, values = _several(argument, 2, 2, form)
    if not isinstance(separator, str):
        raise Malformed(f"the form is {form}")
    texts = _texts(_list(resolver, values, f"{path}[1]", form), form)
    return like(separator.join(texts), *texts)


def _select(resolver: Resolver, argument: Any, path: str) -> Any:
    form = "[index, [values]]"
    index, values = _several(argument, 2, 2, form)
    number = _text(resolver, index, f"{path}[0]", form)
    found = _list(resolver, values, f"{path}[1]", form)
    if isinstance(number, StandIn) or found and isinstance(found[0], StandIn) and len(found) == 1:
        return StandIn(word(f"{found[0] if found else 'value'}-{number}")) if number != "0" else found[0]
    if not number.isdecimal() or len(number) > 6 or int(number) >= len(found):
        return resolver.unknown(path, f"There is no value number {number} (from 0) among {len(found)}", "value")
    return found[int(number)]


def _split(resolver: Resolver, argument: Any, path: str) -> list[Any]:
    form = "[separator, text]"
    separator, value = _several(argument, 2, 2, form)
    text = _text(resolver, value, f"{path}[1]", form)
    if not isinstance(separator, str) or not separator:
        raise Malformed(f"the form is {form}")
    parts = text.split(separator)
    resolver.budget.spend(len(parts), path)
    return [like(part, text) for part in parts]


def _find_in_map(resolver: Resolver, argument: Any, path: str) -> Any:
    form = "[map, key, key]"
    parts = _several(argument, 3, 4, form)
    keys = [_text(resolver, part, f"{path}[{place}]", form) for place, part in enumerate(parts[:3])]
    found: Any = resolver.template.section("Mappings")
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None and len(parts) == 4 and isinstance(parts[3], dict) and "DefaultValue" in parts[3]:
        return resolver.resolve(parts[3]["DefaultValue"], f"{path}[3].DefaultValue")
    if found is None or isinstance(found, dict):
        return resolver.unknown(path, f"The mapping {keys[0]} has no value for {keys[1]}, {keys[2]}",
                                word("-".join(keys)))
    return found


def _if(resolver: Resolver, argument: Any, path: str) -> Any:
    condition, _, _ = parts = _several(argument, 3, 3, "[condition, value if true, value if false]")
    chosen = 1 if holds(resolver, condition if isinstance(condition, dict) else {"Condition": condition}, path) else 2
    return resolver.resolve(parts[chosen], f"{path}[{chosen}]")


def _import(resolver: Resolver, argument: Any, path: str) -> Any:
    name = _text(resolver, argument, path, "a name")
    return resolver.unknown(path, f"'{name}' is exported by another stack", word(name))


def _base64(resolver: Resolver, argument: Any, path: str) -> str:
    text = _text(resolver, argument, path, "a text")
    return like(base64.b64encode(text.encode("utf-8", "replace")).decode(), text)


def _cidr(resolver: Resolver, argument: Any, path: str) -> list[str]:
    form = "[block, count, bits]"
    parts = _several(argument, 2, 3, form)
    block, count, bits = [_text(resolver, part, path, form) for part in [*parts, 8][:3]]
    try:
        network = ipaddress.ip_network(block)
        width = network.max_prefixlen - int(bits)
        return [str(one) for one in islice(network.subnets(new_prefix=width), min(int(count), 256))]
    except ValueError:
        return [resolver.unknown(path, f"The blocks of {block} are not known", "10.0.0.0/24")]


def _azs(resolver: Resolver, argument: Any, path: str) -> list[str]:
    region = _text(resolver, argument, path, "a Region") or resolver.place[0]
    resolver.unknown(path, f"The zones of {region} are known to the account", f"{region}a")
    return [StandIn(f"{region}{letter}") for letter in "abc"]


def _to_json(resolver: Resolver, argument: Any, path: str) -> str:
    found = resolver.resolve(argument, path)
    return like(json.dumps(plain(found), separators=(",", ":"), default=str), *_leaves(found))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [leaf for part in parts for leaf in _leaves(part)]
    return [value]


def _length(resolver: Resolver, argument: Any, path: str) -> int:
    return len(_list(resolver, argument, path, "a list"))


def _transform(resolver: Resolver, argument: Any, path: str) -> Any:
    name = argument.get("Name") if isinstance(argument, Mapping) else argument
    resolver.told.tell(path, f"The transform {name} is not run: what it would put here is missing.",
                       "Let CloudFormation process the template, and load that.")
    return resolver.ref("AWS::NoValue", path)


def _truth(name: str) -> Callable[[Resolver, Any, str], bool]:
    return lambda resolver, argument, path: holds(resolver, {name: argument}, path)


FUNCTIONS: Mapping[str, Callable[[Resolver, Any, str], Any]] = {
    "Ref": _ref, "Fn::GetAtt": _get_att, "Fn::Sub": _sub, "Fn::Join": _join, "Fn::Select": _select,
    "Fn::Split": _split, "Fn::FindInMap": _find_in_map, "Fn::If": _if, "Fn::ImportValue": _import,
    "Fn::Base64": _base64, "Fn::Cidr": _cidr, "Fn::GetAZs": _azs, "Fn::ToJsonString": _to_json, "Fn::Length": _length,
    "Fn::Transform": _transform, "Fn::And": _truth("Fn::And"), "Fn::Or": _truth("Fn::Or"), "Fn::Not": _truth("Fn::Not"),
    "Fn::Equals": _truth("Fn::Equals"),
}
