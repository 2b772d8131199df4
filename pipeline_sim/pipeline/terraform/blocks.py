"""What a block says once its expressions are worked out: attributes as values, blocks below it as lists of the same.

That is also the form in which `terraform show -json` prints a resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .evaluate import Evaluator
from .module import Scope
from .syntax import Block
from .values import Failed, Reference, Unknown, items, remedy

GUESSED = "?guessed"
META = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})
ARGUMENTS = frozenset({"count", "for_each", "depends_on", "provider"})


def resource_value(reader: Evaluator, block: Block, scope: Scope, path: str) -> dict[str, Any]:
    """A resource without the arguments that speak to Terraform itself."""
    own = {name: tree for name, tree in block.attributes.items() if name not in ARGUMENTS}
    return block_value(reader, Block(block.kind, block.labels, own, block.blocks), scope, path)


def block_value(reader: Evaluator, block: Block, scope: Scope, path: str) -> dict[str, Any]:
    """Attributes and lists of blocks, without those that are null. Stand-ins are in the place of what is not known, and
    blocks that are there by a guess are marked (`GUESSED`)."""
    found: dict[str, Any] = {}
    for name, tree in block.attributes.items():
        value = attribute_value(reader, tree, scope, f"{path}.{name}")
        if value is not None:
            found[name] = value
    for kind, body, inner, guessed in _written_out(reader, block, scope, path):
        below = found.setdefault(kind, [])
        if isinstance(below, list):
            made = block_value(reader, body, inner, f"{path}.{kind}[{len(below)}]")
            below.append({**made, GUESSED: True} if guessed else made)
    return found


def attribute_value(reader: Evaluator, tree: Any, scope: Scope, path: str) -> Any:
    """One attribute; what Terraform would refuse is told and left out."""
    with reader.at(path):
        try:
            return _without_null(reader.plain(reader.value(tree, scope)))
        except Failed as error:
            reader.told.tell(path, f"It cannot be worked out: {error}; it is left out.")
            return None


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(part) for key, part in value.items() if part is not None}
    return [_without_null(part) for part in value] if isinstance(value, list) else value


def _written_out(
    reader: Evaluator, block: Block, scope: Scope, path: str,
) -> Iterator[tuple[str, Block, Scope, bool]]:
    """The blocks below, `dynamic` ones once for each value: (kind, body, the scope of its attributes, by a guess)."""
    actions, left_out = 0, None
    for below in block.blocks:
        if below.kind in META:
            continue
        if below.kind != "dynamic" or len(below.labels) != 1:
            actions += below.kind == "action"
            yield below.kind, below, scope, False
            continue
        kind, before = below.labels[0], reader.guesses
        body = next(below.of("content"), Block("", ()))
        least = 2 if kind == "stage" and not any(one.kind == "stage" for one in block.blocks) else 1
        names = list(_rounds(reader, below, scope, f"{path}.dynamic.{kind}", least))
        actions += len(names) if kind == "action" else 0
        if not names and kind == "action" and reader.guesses > before:
            left_out = left_out or (below, body)
        for one in names:
            yield kind, body, scope.with_names(one), reader.guesses > before
    if left_out and not actions:
        yield _first_of(reader, *left_out, scope, path)


def _first_of(reader: Evaluator, block: Block, body: Block, scope: Scope, path: str) -> tuple[str, Block, Scope, bool]:
    """A stage has an action at least: the first of several that all rest on guesses."""
    reader.told.tell(path, "All its actions rest on what is not known; the first stands for them.",
                     "Give the variables with --parameter NAME=VALUE.")
    value = Unknown(_iterator(block))
    return "action", body, scope.with_names({_iterator(block): {"key": value.below("key"), "value": value}}), True


def _rounds(reader: Evaluator, block: Block, scope: Scope, path: str, least: int) -> Iterator[dict[str, Any]]:
    """The names for each round of a `dynamic` block. One that goes through what nobody knows is written once: for
    stages as often as a pipeline needs at least."""
    iterator = _iterator(block)
    with reader.at(f"{path}.for_each"):
        try:
            over = reader.value(block.attributes.get("for_each"), scope)
        except Failed as error:
            reader.told.tell(reader.path, f"It cannot be worked out: {error}; the blocks are left out.")
            return
        if isinstance(over, Unknown | Reference):
            reader.told.tell(reader.path, f"{over.path} is not known, nor how many blocks it makes: one stands "
                             f"{'once' if least == 1 else f'{least} times'}.", remedy(over))
            rounds = [(index, Unknown(over.path).below(index)) for index in range(least)]
        else:
            rounds = items(over)
    for key, value in rounds:
        yield {iterator: {"key": value.below("key") if isinstance(value, Unknown) else key, "value": value}}


def _iterator(block: Block) -> str:
    tree = block.attributes.get("iterator")
    if isinstance(tree, str):
        return tree
    names = [str(token) for token in tree.scan_values(lambda token: token.type == "NAME")] if tree is not None else []
    return names[0] if names else block.labels[0]
