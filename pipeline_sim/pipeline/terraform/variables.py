"""What a variable is worth: the value it is given, in the form that its type asks for, or its default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fault import Unreadable
from .module import Later, Module, Scope
from .syntax import Block, expression
from .values import Failed, Reference, Unknown, as_text

if TYPE_CHECKING:
    from .evaluate import Evaluator

LISTS, MAPS = ("list", "set", "tuple"), ("map",)


def variable(reader: Evaluator, module: Module, name: str) -> Any:
    """The value of `var.name`; Unknown where nobody gave one and there is no default."""
    declared = module.variables.get((name,))
    if name in module.given:
        given = module.given[name]
        value = reader.value(given.tree, given.scope) if isinstance(given, Later) else _by_hand(reader, given, declared)
        return _conformed(reader, value, declared)
    if declared is None or "default" not in declared.attributes:
        return Unknown(f"{module.address}var.{name}")
    return _conformed(reader, reader.value(declared.attributes["default"], Scope(module)), declared)


def _by_hand(reader: Evaluator, text: Any, declared: Block | None) -> Any:
    """A text given by hand: as it is for a string, else an expression (`["a", "b"]`), as `terraform -var` takes it."""
    kind = _kind(declared.attributes.get("type")) if declared else ""
    looks = str(text).lstrip()[:1] in ("[", "{")
    if kind == "string" or not looks and kind not in ("number", "bool"):
        return text
    try:
        return reader.value(expression(str(text), "the value of the parameter"), Scope(Module(())))
    except Failed as error:
        raise Unreadable(f"the value of the parameter: {error}.") from error


def _conformed(reader: Evaluator, value: Any, declared: Block | None) -> Any:
    tree = declared.attributes.get("type") if declared else None
    return value if tree is None or isinstance(tree, str) else conform(reader, value, tree)


def _kind(tree: Any) -> str:
    """The outermost word of a type: `string`, `list`, `object`."""
    if isinstance(tree, str):
        return tree.split("(")[0].strip("${} ")
    if not hasattr(tree, "data"):
        return ""
    return next((str(token) for token in tree.scan_values(lambda token: token.type == "NAME")), "")


def conform(reader: Evaluator, value: Any, tree: Any) -> Any:
    """The value with the optional attributes that its type names filled in, and scalars converted."""
    kind, inner = _kind(tree), _argument(tree)
    if value is None or isinstance(value, Unknown | Reference):
        return value
    if kind == "string" and isinstance(value, bool | int | float):
        return as_text(value)
    if kind in LISTS and isinstance(value, list) and inner is not None:
        return [conform(reader, part, inner) for part in value]
    if kind in MAPS and isinstance(value, dict) and inner is not None:
        return {key: conform(reader, part, inner) for key, part in value.items()}
    if kind == "object" and isinstance(value, dict) and inner is not None:
        return {**value, **dict(_members(reader, value, inner))}
    return value


def _argument(tree: Any) -> Any:
    """The first argument of `list(…)` or `object({…})`."""
    if not hasattr(tree, "find_data"):
        return None
    call = tree.children[0] if tree.data == "expr_term" else tree
    if getattr(call, "data", "") != "function_call":
        return None
    given = next((part for part in call.children if getattr(part, "data", "") == "arguments"), None)
    parts = given.children if given is not None else []
    return next((one for one in parts if getattr(one, "data", "new_line_or_comment") != "new_line_or_comment"), None)


def _members(reader: Evaluator, value: dict[str, Any], tree: Any) -> list[tuple[str, Any]]:
    """The members of an object by its type: `{ name = string, region = optional(string, "eu-west-1") }`."""
    found: list[tuple[str, Any]] = []
    body = tree.children[0] if tree.data == "expr_term" else tree
    for element in body.children if getattr(body, "data", "") == "object" else ():
        if getattr(element, "data", "") != "object_elem":
            continue
        name, kind = _kind(element.children[0]), element.children[-1]
        optional = _kind(kind) == "optional"
        inner = _argument(kind) if optional else kind
        if value.get(name) is None and optional:
            found.append((name, _default(reader, kind)))
        elif name in value:
            found.append((name, conform(reader, value[name], inner)))
    return found


def _default(reader: Evaluator, tree: Any) -> Any:
    """The second argument of `optional(type, default)`."""
    call = tree.children[0] if tree.data == "expr_term" else tree
    given = next((part for part in call.children if getattr(part, "data", "") == "arguments"), None)
    parts = given.children if given is not None else []
    trees = [part for part in parts if getattr(part, "data", "new_line_or_comment") != "new_line_or_comment"]
    return reader.value(trees[1], Scope(Module(()))) if len(trees) > 1 else None
