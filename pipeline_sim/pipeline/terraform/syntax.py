"""How Terraform's language becomes blocks with attributes; `hcl2`, which is imported nowhere else, parses it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..fault import Unreadable

LARGEST = 2 * 1024 * 1024
INSTALL = "Reading Terraform needs the parser python-hcl2: pip install 'pipeline-sim[import]'."
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.S)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}
_HEREDOC = re.compile(r"<<(-?)([\w.-]+)\r?\n(.*?)[ \t]*\2\r?\n?\Z", re.S)


@dataclass(frozen=True)
class Block:
    """`resource "aws_codepipeline" "main" { … }`. Attributes are expressions that nobody has evaluated: trees of the
    parser or, out of a `.tf.json`, plain values."""

    kind: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    def of(self, kind: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind)


def parse(text: str, name: str) -> tuple[Block, ...]:
    """The top-level blocks of a file. Raises Unreadable with line and column."""
    if len(text) > LARGEST:
        raise Unreadable(f"{name}: {len(text)} characters are more than the {LARGEST} that a configuration may have.")
    if name.endswith(".json"):
        return _from_json(text, name)
    return _body(_tree(text.removeprefix("\ufeff"), name)).blocks


def attributes(text: str, name: str) -> Mapping[str, Any]:
    """The attributes of a file of values (`terraform.tfvars`)."""
    return _json(text, name) if name.endswith(".json") else _body(_tree(text, name)).attributes


def expression(text: str, name: str) -> Any:
    """One expression, such as the value of a variable given by hand: `["a", "b"]`."""
    return next(iter(_body(_tree(f"it = {text}\n", name)).attributes.values()), None)


def _tree(text: str, name: str) -> Any:
    """The body of the parsed text."""
    try:
        from hcl2.api import parses_to_tree
        from lark.exceptions import LarkError, UnexpectedInput
    except ImportError as error:
        raise Unreadable(f"{name}: {INSTALL}") from error
    try:
        return parses_to_tree(text).children[0]
    except UnexpectedInput as error:
        place = f"line {error.line}, column {error.column}"
        raise Unreadable(f"{name}: {place}: {_unexpected(text, error)}") from error
    except (LarkError, RecursionError) as error:
        raise Unreadable(f"{name}: {type(error).__name__}: it is no valid Terraform.") from error


def _unexpected(text: str, error: Any) -> str:
    """The token that was not expected, in words."""
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return "the file ends in the middle of a block or an expression."
    written = token if token is not None else text[error.pos_in_stream:error.pos_in_stream + 20]
    found = str(written).strip().split("\n")[0]
    return f"'{found[:40]}' is not expected here." if found else "this is not expected here."


# ---------------------------------------------------------------------------------------------- trees


def _body(tree: Any) -> Block:
    """The attributes and blocks of a body, as a block without a kind."""
    found: dict[str, Any] = {}
    blocks = []
    for child in tree.children:
        if child.data == "attribute":
            found[_word(child.children[0])] = child.children[-1]
        elif child.data == "block":
            blocks.append(_block(child))
    return Block("", (), found, tuple(blocks))


def _block(tree: Any) -> Block:
    words, body = [], Block("", ())
    for child in tree.children:
        if not hasattr(child, "data") or child.data == "new_line_or_comment":
            continue
        if child.data == "body":
            body = _body(child)
        else:
            words.append(_word(child))
    return Block(words[0], tuple(words[1:]), body.attributes, body.blocks)


def _word(tree: Any) -> str:
    """An identifier, a keyword or a quoted label."""
    if tree.data == "string":
        return "".join(unescaped(str(part.children[0])) for part in tree.children[1:-1])
    return str(tree.children[0])


def unescaped(text: str) -> str:
    """A piece of a quoted string with its escapes resolved."""

    def replacement(match: re.Match[str]) -> str:
        escape = match[1]
        if escape[0] in "uU" and len(escape) > 1:
            code = int(escape[1:], 16)
            return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"
        return _SIMPLE.get(escape, escape)

    return _ESCAPE.sub(replacement, text) if "\\" in text else text


def heredoc(token: str) -> str:
    """The text of a heredoc; with `<<-` the indentation that all its lines share is removed."""
    match = _HEREDOC.match(token)
    if not match:
        return token
    text = match[3].replace("\r\n", "\n")
    lines = text.split("\n")
    if match[1]:
        indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
        lines = [line[min(indents, default=0):] for line in lines]
    return "\n".join(lines)


def template(text: str, name: str) -> Any:
    """The tree of a text with `${…}` and `%{…}` in it, as a quoted string has it."""
    return expression(f'"{_quoted(text)}"', name)


def _quoted(text: str) -> str:
    """The text as it would stand in quotes: what is outside of `${…}` escaped."""
    parts, place = [], 0
    for start, end in _interpolations(text):
        parts += [_escaped(text[place:start]), text[start:end].replace("\n", " ")]
        place = end
    return "".join([*parts, _escaped(text[place:])])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _interpolations(text: str) -> Iterator[tuple[int, int]]:
    """Where each `${…}` or `%{…}` begins and ends, braces and quotes counted; `$${` is none."""
    place = 0
    while (match := re.compile(r"[$%]\{").search(text, place)) is not None:
        start = place = match.start()
        if start and text[start - 1] == text[start]:
            place += 2
            continue
        depth, quoted = 0, False
        while place < len(text):
            letter = text[place]
            quoted = quoted != (letter == '"' and text[place - 1] != "\\")
            depth += 0 if quoted else (letter == "{") - (letter == "}")
            place += 1
            if letter == "}" and depth == 0 and not quoted:
                break
        yield start, place


# ---------------------------------------------------------------------------------------------- JSON


def _json(text: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name}: it is no JSON that a configuration could be.") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{name}: it holds no JSON object.")
    return found


def _from_json(text: str, name: str) -> tuple[Block, ...]:
    """The blocks of a `.tf.json`, as CDK for Terraform writes it: kinds, then labels, then bodies."""
    depths = {"resource": 2, "data": 2, "variable": 1, "module": 1, "output": 1, "locals": 0}
    found = _json(text, name)
    return tuple(block for kind, depth in depths.items() if kind in found
                 for block in _labelled(kind, (), found[kind], depth))


def _labelled(kind: str, labels: tuple[str, ...], value: Any, depth: int) -> Iterator[Block]:
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            continue
        if len(labels) == depth:
            yield Block(kind, labels, one)
        else:
            for label, below in one.items():
                yield from _labelled(kind, (*labels, label), below, depth)
