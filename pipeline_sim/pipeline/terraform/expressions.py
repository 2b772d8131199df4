"""The forms of an expression: what each makes of its parts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..standins import StandIn
from .functions import FUNCTIONS, SPECIAL, called
from .references import instances_of, whole
from .syntax import heredoc, template, unescaped
from .values import Failed, Reference, Unknown, as_text, items, uncertain

if TYPE_CHECKING:
    from .evaluate import Evaluator
    from .module import Scope


def parts_of(tree: Any) -> list[Any]:
    """The children without line breaks and comments."""
    return [child for child in tree.children if getattr(child, "data", "") != "new_line_or_comment"]


def _trees(parts: list[Any]) -> list[Any]:
    return [part for part in parts if hasattr(part, "data")]


# ---------------------------------------------------------------------------------------------- terms


def _only(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    return reader.value(_trees(parts)[0], scope)


def _literal(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    return {"true": True, "false": False}.get(str(parts[0]))


def _int(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    return int(parts[0]) if len(parts[0]) < 20 else str(parts[0])


def _float(reader: Evaluator, parts: list[Any], scope: Scope) -> float:
    return float(parts[0])


def _identifier(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    return reader.name(str(parts[0]), scope)


def _get_attr(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    value, name = reader.value(parts[0], scope), str(parts[1].children[-1].children[0])
    return reader.attribute(value, name, scope)


def _index(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    value = reader.value(parts[0], scope)
    return reader.index(value, _key_of(reader, parts[1], scope), scope)


def _key_of(reader: Evaluator, tree: Any, scope: Scope) -> Any:
    if tree.data == "short_index":
        return int(tree.children[-1])
    return reader.value(_trees(parts_of(tree))[0], scope)


def _splat(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    """`value[*].name`: the part of each; a single value counts as a list of one, null as none."""
    value = reader.value(parts[0], scope)
    steps = _trees(parts_of(parts[1]))
    if isinstance(value, Unknown):
        return _stepped(reader, value.below("*"), steps, scope)
    if isinstance(value, Reference):
        return [_stepped(reader, one, steps, scope) for one in instances_of(reader, value, scope)]
    several = value if isinstance(value, list) else [] if value is None else [value]
    return [_stepped(reader, one, steps, scope) for one in several]


def _stepped(reader: Evaluator, value: Any, steps: list[Any], scope: Scope) -> Any:
    for step in steps:
        if step.data == "get_attr":
            value = reader.attribute(value, str(step.children[-1].children[0]), scope)
        else:
            value = reader.index(value, _key_of(reader, step, scope), scope)
    return value


def _tuple(reader: Evaluator, parts: list[Any], scope: Scope) -> list[Any]:
    return [reader.value(part, scope) for part in _trees(parts)]


def _object(reader: Evaluator, parts: list[Any], scope: Scope) -> dict[str, Any]:
    found = {}
    for element in _trees(parts):
        key, *_, value = parts_of(element)
        name = _object_key(reader, key, scope)
        found[name] = reader.value(value, scope)
    return found


def _object_key(reader: Evaluator, tree: Any, scope: Scope) -> str:
    """A bare word is the key itself; anything else is worked out."""
    inner = tree.children[0]
    if inner.data == "keyword":
        return str(inner.children[0])
    bare = parts_of(inner)
    if inner.data == "expr_term" and len(bare) == 1 and getattr(bare[0], "data", "") in ("identifier", "literal_value"):
        return str(bare[0].children[0])
    return reader.scalar(reader.value(inner, scope))


# ---------------------------------------------------------------------------------------------- texts


def _string(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    """A quoted string. One that is a single `${…}` keeps the type of what is in it."""
    pieces = [part.children[0] for part in _trees(parts)]
    if len(pieces) == 1 and getattr(pieces[0], "data", "") == "interpolation":
        return reader.value(pieces[0], scope)
    return reader.joined(_pieces(reader, iter(pieces), scope, ()))


def _pieces(reader: Evaluator, pieces: Iterator[Any], scope: Scope, ends: tuple[str, ...]) -> list[Any]:
    """The values of the pieces up to one of the ends."""
    found: list[Any] = []
    for piece in pieces:
        kind = getattr(piece, "data", "")
        if kind in ends:
            return [*found, piece]
        if not kind:
            text = str(piece)
            found.append(text[1:] if piece.type.startswith("ESCAPED") else unescaped(text))
        elif kind == "template_if_start":
            found += _if(reader, piece, pieces, scope)
        elif kind == "template_for_start":
            found += _for(reader, piece, pieces, scope)
        else:
            found.append(reader.value(piece, scope))
    return found


def _if(reader: Evaluator, start: Any, pieces: Iterator[Any], scope: Scope) -> list[Any]:
    condition = _trees(parts_of(start))[-1]
    *yes, end = _pieces(reader, pieces, scope, ("template_else", "template_endif")) or [None]
    no = _pieces(reader, pieces, scope, ("template_endif",))[:-1] if getattr(end, "data", "") == "template_else" else []
    return yes if reader.truth(reader.value(condition, scope)) else no


def _for(reader: Evaluator, start: Any, pieces: Iterator[Any], scope: Scope) -> list[Any]:
    """The body of `%{ for }` once for each value."""
    *names, collection = _trees(parts_of(start))
    body: list[Any] = []
    depth = 1
    for piece in pieces:
        depth += {"template_for_start": 1, "template_endfor": -1}.get(getattr(piece, "data", ""), 0)
        if not depth:
            break
        body.append(piece)
    over = reader.value(collection, scope)
    words = [str(name.children[0]) for name in names]
    return [piece for key, value in items(over)
            for piece in _pieces(reader, iter(body), scope.with_names(_bound(words, key, value)), ())]


def _bound(words: list[str], key: Any, value: Any) -> dict[str, Any]:
    """The names of a loop: one is the value, two are key and value."""
    return {words[0]: value} if len(words) == 1 else {words[0]: key, words[1]: value}


def _heredoc(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    text = heredoc(str(parts[0]))
    if "${" not in text and "%{" not in text:
        return text
    found = reader.value(template(text, reader.path), scope)
    return found if isinstance(found, str) else reader.scalar(found)


def _template_string(reader: Evaluator, parts: list[Any], scope: Scope) -> str:
    return unescaped(str(parts[0])[2:-2])


# ---------------------------------------------------------------------------------------------- operators


def _conditional(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    condition, yes, no = _trees(parts)
    return reader.value(yes if reader.truth(reader.value(condition, scope)) else no, scope)


def _unary(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    value = reader.value(parts[1], scope)
    if str(parts[0]) == "!":
        return value if isinstance(value, Unknown | Reference) else not reader.truth(value)
    return value if isinstance(value, Unknown | Reference) else -_number(value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Failed("a number is needed here")
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.lstrip("-").isdecimal() else float(value)
    except ValueError as error:
        raise Failed(f"'{value}' is no number") from error


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
_COUNT: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod}


def _binary(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    left = reader.value(parts[0], scope)
    sign, right_tree = str(parts_of(parts[1])[0].children[0]), parts_of(parts[1])[-1]
    if sign in ("&&", "||"):
        if reader.truth(left) is (sign == "||"):
            return sign == "||"
        return reader.truth(reader.value(right_tree, scope))
    right = reader.value(right_tree, scope)
    if sign in ("==", "!="):
        return _equal(reader, left, right) is (sign == "==")
    if isinstance(left, Unknown | Reference | StandIn) or isinstance(right, Unknown | Reference | StandIn):
        unknown = left if isinstance(left, Unknown | Reference | StandIn) else right
        if sign not in _COMPARE:
            return unknown
        reader.guess(unknown, True)
        return True
    return _counted(sign, _number(left), _number(right))


def _counted(sign: str, left: int | float, right: int | float) -> Any:
    if max(abs(left), abs(right)) > 1e15:
        raise Failed("the number is too large")
    try:
        found = (_COMPARE.get(sign) or _COUNT[sign])(left, right)
    except (ArithmeticError, ValueError) as error:
        raise Failed(f"{left} {sign} {right} cannot be worked out") from error
    return int(found) if isinstance(found, float) and found.is_integer() and abs(found) < 1e15 else found


def _equal(reader: Evaluator, left: Any, right: Any) -> bool:
    """Whether two values are the same; what is not known is taken as different from anything, and told."""
    if uncertain([left, right]) and left != right:
        unknown = left if uncertain([left]) else right
        reader.guess(unknown if isinstance(unknown, Unknown | Reference | str) else "a part", False)
        return False
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right or (as_text(left) == as_text(right) and None not in (left, right))
    if isinstance(left, str | int | float) and isinstance(right, str | int | float):
        return as_text(left) == as_text(right)
    return bool(left == right)


# ---------------------------------------------------------------------------------------------- loops and calls


def _loop(parts: list[Any]) -> tuple[list[str], Any, list[Any], Any, bool]:
    """Names, collection, results, condition and whether results are grouped (`...`)."""
    intro = next(part for part in parts if getattr(part, "data", "") == "for_intro")
    *names, collection = _trees(parts_of(intro))
    condition = next((part for part in parts if getattr(part, "data", "") == "for_cond"), None)
    results = [part for part in _trees(parts) if part is not intro and part is not condition]
    grouped = any(getattr(part, "type", "") == "ELLIPSIS" for part in parts)
    return [str(name.children[0]) for name in names], collection, results, condition, grouped


def _rounds(reader: Evaluator, loop: Any, scope: Scope) -> Iterator[Scope] | Unknown:
    names, collection, _, condition, _ = loop
    over = whole(reader, reader.value(collection, scope), scope)
    if isinstance(over, Unknown | Reference):
        return Unknown(over.path)

    def rounds() -> Iterator[Scope]:
        for key, value in items(over):
            inner = scope.with_names(_bound(names, key, value))
            if condition is None or reader.truth(reader.value(_trees(parts_of(condition))[-1], inner)):
                yield inner

    return rounds()


def _for_tuple(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    loop = _loop(parts)
    rounds = _rounds(reader, loop, scope)
    return rounds if isinstance(rounds, Unknown) else [reader.value(loop[2][0], inner) for inner in rounds]


def _for_object(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    loop = _loop(parts)
    rounds = _rounds(reader, loop, scope)
    if isinstance(rounds, Unknown):
        return rounds
    found: dict[str, Any] = {}
    for inner in rounds:
        key, value = reader.scalar(reader.value(loop[2][0], inner)), reader.value(loop[2][1], inner)
        if loop[4]:
            found.setdefault(key, []).append(value)
        else:
            found[key] = value
    return found


def _call(reader: Evaluator, parts: list[Any], scope: Scope) -> Any:
    name = "::".join(str(part.children[0]) for part in _trees(parts) if part.data == "identifier")
    given = next((part for part in parts if getattr(part, "data", "") == "arguments"), None)
    arguments = _trees(parts_of(given)) if given is not None else []
    if name in SPECIAL:
        return SPECIAL[name](reader, [partial(reader.value, tree, scope) for tree in arguments])
    values = [whole(reader, reader.value(tree, scope), scope) for tree in arguments]
    spread = given is not None and any(getattr(part, "type", "") == "ELLIPSIS" for part in given.children)
    if spread and values and isinstance(values[-1], list):
        values[-1:] = values[-1]
    if name not in FUNCTIONS:
        return Unknown(f"{name}()")
    return called(reader, name, values)


READERS: Mapping[str, Callable[[Evaluator, list[Any], Scope], Any]] = {
    "expr_term": _only, "interpolation": _only, "literal_value": _literal, "int_lit": _int, "float_lit": _float,
    "identifier": _identifier, "get_attr_expr_term": _get_attr, "index_expr_term": _index,
    "attr_splat_expr_term": _splat, "full_splat_expr_term": _splat, "tuple": _tuple, "object": _object,
    "string": _string, "heredoc_template": _heredoc, "heredoc_template_trim": _heredoc,
    "template_string": _template_string, "conditional": _conditional, "unary_op": _unary, "binary_op": _binary,
    "for_tuple_expr": _for_tuple, "for_object_expr": _for_object, "function_call": _call}
