"""What a Terraform configuration says of its pipelines: a folder or file of HCL, or what `terraform show -json` prints.

Plans and states are the sure way, because Terraform itself worked out their values. HCL is evaluated as far as that is
possible without running Terraform; what is not known becomes a readable stand-in and is told in `notes`, with its path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..document import read_text
from ..fault import Unreadable, near
from ..found import Found
from ..standins import plain
from ..told import Told
from .beside import KINDS, Beside, Resource
from .blocks import resource_value
from .convert import structure_of
from .evaluate import Budget, Evaluator
from .module import Module, Scope, blocks_of, source_of, values_of
from .references import children, instances
from .shown import PIPELINE, Shown, beside_of, by_address, is_shown, resources_of
from .shown import values_of as values_shown
from .syntax import Block, parse
from .values import Failed

SHOW = "Load what `terraform show -json` prints of a plan or state: there Terraform has worked everything out."


def pipelines(source: str | Path, parameters: Mapping[str, str] | None = None, *, name: str = "") -> list[Found]:
    """Every pipeline of a folder, a file (`.tf`, `.tf.json`, a plan or state as JSON) or a text of HCL or JSON. Raises
    Unreadable with line and column. Values of `parameters` are texts, or expressions where a variable is no string."""
    given = dict(parameters or {})
    is_text = isinstance(source, str) and ("\n" in source or "{" in source)
    name = name or ("the configuration" if is_text else str(source))
    try:
        if is_text:
            return _of_text(str(source), name, given)
        path = Path(source)
        if path.is_dir():
            return _of_module(Module(blocks_of(path), path, {**values_of(path), **given}), name, given)
        return _of_text(read_text(path), name, given, path.parent)
    except (Failed, RecursionError) as error:
        raise Unreadable(f"{name}: {error}. {SHOW}") from error


def _of_text(text: str, name: str, given: Mapping[str, str], folder: Path | None = None) -> list[Found]:
    if text.lstrip()[:1] == "{":
        document = _json(text, name)
        if is_shown(document):
            return _of_shown(document)
        return _of_module(Module(parse(text, f"{name.removesuffix('.json')}.json"), folder, given), name, given)
    return _of_module(Module(parse(text, name), folder, given), name, given)


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name}: it is no JSON that Terraform prints.") from error


# ---------------------------------------------------------------------------------------------- plans and states


def _of_shown(document: Mapping[str, Any]) -> list[Found]:
    shown = resources_of(document)
    names = by_address(shown)
    beside = Beside(beside_of(shown, names))
    return [_of_one(one, names, beside) for one in shown if one.kind == PIPELINE]


def _of_one(shown: Shown, names: Mapping[str, Shown], beside: Beside) -> Found:
    told = Told()
    said = values_shown(shown, names, told)
    return _found(shown.address.removeprefix(f"{PIPELINE}."), said, shown.address, told, beside)


def _found(name: str, said: Mapping[str, Any], path: str, told: Told, beside: Beside) -> Found:
    structure = structure_of(said, path, told)
    tags = said.get("tags")
    return Found(name, structure, told.notes(), tags=_tags(plain(tags)), webhooks=beside.webhooks(structure["name"]),
                 rules=beside.rules(structure["name"]), policies=beside.policies(_role_arns(structure)))


def _tags(said: Any) -> dict[str, str]:
    return {key: str(value) for key, value in said.items()} if isinstance(said, dict) else {}


def _role_arns(structure: Mapping[str, Any]) -> set[str]:
    actions = [action for stage in structure["stages"] for action in stage["actions"]]
    return {str(one["roleArn"]) for one in (structure, *actions) if "roleArn" in one}


# ---------------------------------------------------------------------------------------------- HCL


def _of_module(module: Module, name: str, given: Mapping[str, str]) -> list[Found]:
    told = Told()
    known = [labels[0] for labels in module.variables]
    for one in given:
        if (one,) not in module.variables and known:
            told.tell("variable", f"No variable is called '{one}'. {near(one, known)}".strip())
    budget = Budget()
    found = [one for each in _modules(module, budget, told) for one in _of_resources(each, budget, told)]
    if not found and (away := sorted(_away(module, budget))):
        raise Unreadable(f"{name}: there is no {PIPELINE} in it, and these modules are somewhere else: "
                         f"{', '.join(away[:5])}. {SHOW}")
    return found


def _modules(module: Module, budget: Budget, told: Told) -> list[Module]:
    """The module and those that it calls from folders beside it."""
    found = [module]
    for one in found:
        for (label,) in one.modules:
            reader = _reader(budget, told, f"{one.address}module.{label}")
            found += [child for _, child in children(reader, one, label)]
        if len(found) > 100:
            raise Unreadable(f"{module.folder}: it calls more than 100 modules.")
    return found


def _away(module: Module, budget: Budget) -> set[str]:
    return {f"{label} ({source_of(block)})" for each in _modules(module, budget, Told())
            for (label,), block in each.modules.items() if each.folder_of(block) is None}


def _of_resources(module: Module, budget: Budget, told: Told) -> list[Found]:
    made: list[Found] = []
    wanted = {labels[1]: block for labels, block in module.resources.items() if labels[0] == PIPELINE}
    if not wanted:
        return made
    beside = _beside(module, budget)
    for label, block in wanted.items():
        made += _instances(module, label, block, budget, told, beside)
    return made or [_not_made(module, label, block, budget, told, beside) for label, block in wanted.items()]


def _instances(
    module: Module, label: str, block: Block, budget: Budget, told: Told, beside: Beside,
) -> list[Found]:
    reader = _reader(budget, told, f"{module.address}{PIPELINE}.{label}")
    try:
        several = list(instances(reader, block, module))
    except Failed as error:
        raise Unreadable(f"{reader.path}: how many there are cannot be worked out: {error}. {SHOW}") from error
    found = []
    for key, scope in several:
        address = f"{label}[{key}]" if isinstance(key, str | int) else label
        found.append(_instance(module, address, block, scope, _reader(budget, reader.told, reader.path), beside))
    return found


def _instance(module: Module, label: str, block: Block, scope: Scope, reader: Evaluator, beside: Beside) -> Found:
    path = f"{module.address}{PIPELINE}.{label}"
    return _found(f"{module.address}{label}", resource_value(reader, block, scope, path), path, reader.told, beside)


def _not_made(module: Module, label: str, block: Block, budget: Budget, told: Told, beside: Beside) -> Found:
    """The pipeline of a resource whose count is 0, where there is no other to show."""
    path = f"{module.address}{PIPELINE}.{label}"
    reader = _reader(budget, told, path)
    reader.told.tell(path, "Its count or for_each makes none with these variables.",
                     "Give others with --parameter NAME=VALUE.")
    return _instance(module, label, block, Scope(module), reader, beside)


def _reader(budget: Budget, told: Told, path: str) -> Evaluator:
    reader = Evaluator(budget, path=path)
    reader.told.add(told)
    return reader


def _beside(module: Module, budget: Budget) -> Beside:
    """The module's other resources that may belong to its pipelines; what is not known of them is not told."""
    found: list[Resource] = []
    for (kind, label), block in module.resources.items():
        if kind in KINDS:
            reader = Evaluator(budget, path=f"{kind}.{label}")
            with suppress(Failed):
                found += [Resource(kind, label, resource_value(reader, block, scope, reader.path))
                          for _, scope in instances(reader, block, module)]
    return Beside(tuple(found))


__all__ = ["pipelines"]
