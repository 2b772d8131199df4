"""The formats that a pipeline can be read from, and written in.

Read are the output of `aws codepipeline get-pipeline`, the input of `create-pipeline --cli-input-json`, a bare
pipeline declaration, the same as YAML, recordings of these, and templates (`cloudformation`, `terraform`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from ..shapes import without_nulls
from .build import from_structure, with_defaults
from .check import V2_FIELDS, cannot_run, check
from .check.members import OF_TYPE, Broken, broken, plain, usable
from .check.walk import TypeKey
from .document import is_json, load_document, read_text
from .fault import Fault, Faults, Unreadable, near
from .found import Found
from .model import Pipeline

Source = str | Path | Mapping[str, Any]
Parameters = Mapping[str, str] | None
CustomTypes = Mapping[TypeKey, Mapping[str, Any]] | Iterable[Mapping[str, Any]] | None
_RESOURCES = re.compile(r"""(^|[{,])\s*["']?Resources["']?\s*:""", re.MULTILINE)
_TERRAFORM = re.compile(
    r"""^\s*resource\s+"aws_codepipeline"|"(resource|format_version|terraform_version)"\s*:""", re.MULTILINE)


def load(
    source: Source, lenient: bool = False, parameters: Parameters = None, custom_types: CustomTypes = None,
    name: str = "",
) -> Pipeline:
    """The one pipeline that a file, a text or a structure holds, or the one of them that `name` says: by its own name
    or by the template's logical id (Terraform's address).

    Raises Unreadable where there is none (or several), Faults where AWS would refuse it. A `lenient` load takes
    whatever can still be simulated; `Pipeline.waived` says what AWS would have refused. `parameters` are a template's;
    `custom_types` are the requests that create the account's custom action types: without them any is taken.
    """
    return _checked(chosen(structures(source, parameters), name, _name(source)), _name(source), lenient,
                    _declared(custom_types))


def chosen(found: list[Found], name: str, source: str) -> Found:
    """The pipeline that is meant; Unreadable where that is none or more than one."""
    named = [one for one in found if name in ("", one.name)] or [
        one for one in found if one.structure.get("name") == name] or [
        one for one in found if _bare(one.name) == _bare(name)]
    if len(named) == 1:
        return named[0]
    names = ", ".join(one.name for one in named or found)
    if named:
        raise Unreadable(f"{source}: it holds {len(named)} pipelines ({names}): say which one is meant, with --pipeline or "
                         "name=…, or take them all with load_all.")
    meant = near(name, [one.name for one in found])
    raise Unreadable(f"{source}: it holds no pipeline '{name}'. {f'{meant} ' if meant else ''}There is {names}.")


def _bare(name: str) -> str:
    """Terraform's address without what shells and people write in different ways: `aws_codepipeline.each["prod"]`."""
    return re.sub("[\"']|aws_codepipeline\\.", "", name)


def load_all(
    source: Source, lenient: bool = False, parameters: Parameters = None, custom_types: CustomTypes = None
) -> list[Pipeline]:
    """Every pipeline that a file holds."""
    types = _declared(custom_types)
    return [_checked(found, _name(source), lenient, types) for found in structures(source, parameters)]


def _name(source: Source) -> str:
    if isinstance(source, Mapping):
        return "the structure"
    return str(source) if "\n" not in str(source) and not is_json(str(source)) else "the text"


def _declared(types: CustomTypes) -> Mapping[TypeKey, Mapping[str, Any]] | None:
    if types is None or isinstance(types, Mapping):
        return types
    return {(one["category"], "Custom", one["provider"], one["version"]): one for one in types}


def _checked(
    found: Found, name: str, lenient: bool, types: Mapping[TypeKey, Mapping[str, Any]] | None
) -> Pipeline:
    faults = [fault for fault in check(found.structure, types) if not fault.warning]
    if faults and not lenient:
        raise Faults(faults, name)
    structure = usable(_as_wanted(found.structure)[0], enums=True) if faults else found.structure
    if refused := cannot_run(structure, faults) if faults else []:
        raise Faults(refused, name)
    return replace(from_structure(with_defaults(structure)), waived=(*faults, *found.notes),
                   beside=found if found.says_more else None)


# ---------------------------------------------------------------------------------------------- finding structures


def structures(source: Source, parameters: Parameters = None) -> list[Found]:
    """Every pipeline structure of a file, a text or a document, as `create-pipeline` takes it, unchecked."""
    if isinstance(source, Mapping):
        return _in_document(source, "the structure", parameters, exact=True)
    if not isinstance(source, str | PathLike):
        raise Unreadable(f"{source!r} is no pipeline: give a file's name, a text or a structure.")
    text = str(source)
    if "\n" in text or is_json(text):
        return _in_text(text, "the text", text, parameters)
    if not text.strip():
        raise Unreadable("There is no file's name to read from.")
    path = Path(source)
    if path.is_dir() and not any(path.glob("*.tf*")):
        raise Unreadable(f"{source}: {_of_folder(path)}")
    if path.is_dir() or path.suffix in (".tf", ".hcl"):
        return _terraform(path, parameters)
    return _in_text(read_text(path), str(path), path, parameters)


def _of_folder(path: Path) -> str:
    """What to do with a folder that holds no Terraform."""
    if synthesised := sorted(one.name for one in path.glob("*.template.json")):
        return f"it is no file. Name one of the templates in it: {', '.join(synthesised[:5])}."
    return ("there is no .tf file in this folder. A folder of a saved history is for `pipeline-sim replay` and `calibrate`, "
            "and for `export` with --history.")


def _in_text(text: str, name: str, source: Source, parameters: Parameters) -> list[Found]:
    if "AWS::CodePipeline::Pipeline" in text and _RESOURCES.search(text):
        return _cloudformation(text, name, parameters)
    if '"aws_codepipeline"' in text and _TERRAFORM.search(text):
        return _terraform(source, parameters)
    return _in_document(load_document(text, name), name, parameters, exact=is_json(text))


def _cloudformation(text: str, name: str, parameters: Parameters) -> list[Found]:
    from .cloudformation import pipelines

    return _some(pipelines(text, parameters or {}, name=name), name)


def _terraform(source: Any, parameters: Parameters) -> list[Found]:
    from .terraform import pipelines

    return _some(pipelines(source, parameters or {}), _name(source) or "the text")


def _some(found: list[Found], name: str) -> list[Found]:
    if not found:
        raise Unreadable(f"{name}: there is no pipeline in it.")
    return found


def _in_document(document: Any, name: str, parameters: Parameters, *, exact: bool) -> list[Found]:
    """`exact` documents must have texts where AWS wants texts; in YAML, numbers and booleans are meant as texts."""
    if isinstance(document, Mapping) and "Resources" in document:
        return _cloudformation(json.dumps(document, default=str), name, parameters)
    declaration, tags = _unwrapped(document, name)
    structure = plain(without_nulls(plain(declaration)))
    structure, notes = (structure, []) if exact else _as_wanted(structure)
    return [Found(str(structure.get("name", "")), structure, tuple(notes), tags=tags)]


OTHERS = {
    "stageStates": "It is the output of get-pipeline-state, which has no configuration. Save that of get-pipeline.",
    "pipelines": "It is the output of list-pipelines. Save that of get-pipeline.",
    "pipelineExecution": "It is the output of get-pipeline-execution. Save that of get-pipeline.",
    "actionExecutionDetails": "It is the output of list-action-executions. Save that of get-pipeline.",
}


def _unwrapped(document: Any, name: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The pipeline declaration inside whatever wraps it: get-pipeline, a recording, an AWS Config item."""
    inner = document
    for _ in range(5):
        if not isinstance(inner, Mapping):
            break
        if isinstance(inner.get("pipeline"), Mapping):
            return inner["pipeline"], _tags(inner.get("tags"))
        if "stages" in inner:
            return inner, {}
        inner = inner.get("data") or inner.get("configuration")
        inner = load_document(inner, name) if isinstance(inner, str) else inner
    hint = next((text for key, text in OTHERS.items() if isinstance(document, Mapping) and key in document),
                "It has neither `pipeline` nor `stages`, nor a template's Resources.")
    raise Unreadable(f"{name}: there is no pipeline in it. {hint}")


def _tags(tags: Any) -> dict[str, str]:
    return {str(tag["key"]): str(tag.get("value", "")) for tag in tags if isinstance(tag, Mapping) and "key" in tag
            } if isinstance(tags, list) else {}


# ---------------------------------------------------------------------------------------------- types of values


def _as_wanted(structure: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """A copy with texts where AWS wants texts, and whole numbers where it wants those, and a note for each change."""
    copy: dict[str, Any] = plain(structure)
    notes: list[Fault] = []
    for one in broken(copy):
        if one.violation.constraint.startswith(OF_TYPE) and one.steps:
            owner = copy
            for step in one.steps[:-1]:
                owner = owner[step]  # type: ignore[index]  # a violation's path leads to its value
            notes += _replaced(owner, one)
    return copy, notes


def _replaced(owner: Any, one: Broken) -> list[Fault]:
    value, wanted = owner[one.steps[-1]], one.violation.constraint.removeprefix(OF_TYPE)
    if wanted == "string" and isinstance(value, bool | int | float):
        better: Any = str(value).lower() if isinstance(value, bool) else str(value)
    elif wanted == "integer" and isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
        better = int(value)
    else:
        return []
    owner[one.steps[-1]] = better
    return [Fault(one.path, "", "ValidationException", f"{value!r} is taken as {better!r}: AWS wants a "
                  f"{'text' if wanted == 'string' else 'number'}.", f"Write {json.dumps(better)}.", warning=True)]


# ---------------------------------------------------------------------------------------------- writing


def to_structure(pipeline: Pipeline) -> dict[str, Any]:
    """What `create-pipeline --cli-input-json` takes."""
    return {"pipeline": plain(pipeline.structure)}


def to_json(pipeline: Pipeline) -> str:
    return json.dumps(to_structure(pipeline), indent=2, ensure_ascii=False) + "\n"


def to_yaml(pipeline: Pipeline) -> str:
    """The same as YAML: texts that look like something else are in quotes, nothing is said by reference."""
    import yaml

    text: str = yaml.safe_dump(to_structure(pipeline), sort_keys=False, allow_unicode=True, width=120)
    return text


__all__ = ["V2_FIELDS", "from_structure", "load", "load_all", "structures", "to_json", "to_structure", "to_yaml",
           "with_defaults"]
