"""What a folder of Terraform files holds: variables, local values, resources and the modules that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..document import read_text
from ..fault import Unreadable
from .syntax import Block, attributes, parse

MOST_FILES = 200


@dataclass(frozen=True)
class Later:
    """A value that a module is given: an expression of the module that calls it."""

    tree: Any
    scope: Scope


@dataclass(frozen=True)
class Module:
    """`address` stands before the names in it (`module.build.`). `given` are the values of its variables: texts that a
    person gave, or expressions."""

    blocks: tuple[Block, ...]
    folder: Path | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""

    def _of(self, kind: str, labels: int) -> dict[tuple[str, ...], Block]:
        return {block.labels: block for block in self.blocks if block.kind == kind and len(block.labels) == labels}

    @cached_property
    def variables(self) -> dict[tuple[str, ...], Block]:
        return self._of("variable", 1)

    @cached_property
    def resources(self) -> dict[tuple[str, ...], Block]:
        return self._of("resource", 2)

    @cached_property
    def data(self) -> dict[tuple[str, ...], Block]:
        return self._of("data", 2)

    @cached_property
    def modules(self) -> dict[tuple[str, ...], Block]:
        return self._of("module", 1)

    @cached_property
    def outputs(self) -> dict[tuple[str, ...], Block]:
        return self._of("output", 1)

    @cached_property
    def locals(self) -> dict[str, Any]:
        return {name: tree for block in self.blocks if block.kind == "locals"
                for name, tree in block.attributes.items()}

    @cached_property
    def called(self) -> dict[str, list[tuple[Any, Module]]]:
        """The modules that it calls, by label, as far as they have been worked out: each instance with its key."""
        return {}

    def child(self, block: Block, key: Any, scope: Scope) -> Module | None:
        """One instance of a module that it calls from a folder beside it; others are not fetched."""
        folder = self.folder_of(block)
        if folder is None:
            return None
        given = {name: Later(tree, scope) for name, tree in block.attributes.items()}
        index = f"[{key}]" if isinstance(key, str | int) else ""
        return Module(blocks_of(folder), folder, given, f"{self.address}module.{block.labels[0]}{index}.")

    def folder_of(self, block: Block) -> Path | None:
        """Where the code of a module that it calls is; None where that is not beside it."""
        source = source_of(block)
        if self.folder is None or not source.startswith(("./", "../")) or self.address.count("module.") > 8:
            return None
        folder = (self.folder / source).resolve()
        return folder if folder.is_dir() else None


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its module, and the names of the loops around it."""

    module: Module
    names: Mapping[str, Any] = field(default_factory=dict)

    def with_names(self, names: Mapping[str, Any]) -> Scope:
        return Scope(self.module, {**self.names, **names})


def source_of(block: Block) -> str:
    """The source of a module, which is always a plain text."""
    tree = block.attributes.get("source", "")
    if isinstance(tree, str):
        return tree
    tokens = [str(token) for token in tree.scan_values(lambda token: token.type == "STRING_CHARS")]
    return tokens[0] if tokens else ""


def blocks_of(folder: Path) -> tuple[Block, ...]:
    """The blocks of all `.tf` and `.tf.json` files of a folder."""
    paths = sorted([*folder.glob("*.tf"), *folder.glob("*.tf.json")])
    if len(paths) > MOST_FILES:
        raise Unreadable(f"{folder}: {len(paths)} files are more than the {MOST_FILES} that a module may have.")
    return tuple(block for path in paths for block in parse(read_text(path), str(path)))


def values_of(folder: Path) -> dict[str, Any]:
    """The values that Terraform takes by itself: `terraform.tfvars` and `*.auto.tfvars`, the later over the earlier."""
    found: dict[str, Any] = {}
    for path in _value_files(folder):
        scope = Scope(Module(()))
        found |= {name: Later(tree, scope) for name, tree in attributes(read_text(path), str(path)).items()}
    return found


def _value_files(folder: Path) -> Iterator[Path]:
    for name in ("terraform.tfvars", "terraform.tfvars.json"):
        if (folder / name).is_file():
            yield folder / name
    yield from sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
