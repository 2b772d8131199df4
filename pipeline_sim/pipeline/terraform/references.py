"""What a name refers to: a variable, a local value, an output, or an attribute of a resource still to be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..standins import ACCOUNT, REGION, StandIn, arn, bucket_name, like
from .module import Module, Scope
from .syntax import Block
from .values import Failed, Reference, Unknown, as_text, items
from .variables import variable

if TYPE_CHECKING:
    from .evaluate import Evaluator

# service, resource part of the ARN, what `id` is
_TYPES: Mapping[str, tuple[str, str, str]] = {
    "aws_cloudwatch_event_rule": ("events", "rule/{name}", "name"),
    "aws_cloudwatch_log_group": ("logs", "log-group:{name}", "name"),
    "aws_cloudwatch_metric_alarm": ("cloudwatch", "alarm:{name}", "name"),
    "aws_codebuild_project": ("codebuild", "project/{name}", "arn"),
    "aws_codecommit_repository": ("codecommit", "{name}", "name"),
    "aws_codeconnections_connection": ("codeconnections", "connection/{name}", "arn"),
    "aws_codedeploy_app": ("codedeploy", "application:{name}", "name"),
    "aws_codepipeline": ("codepipeline", "{name}", "name"),
    "aws_codestarconnections_connection": ("codestar-connections", "connection/{name}", "arn"),
    "aws_dynamodb_table": ("dynamodb", "table/{name}", "name"),
    "aws_ecr_repository": ("ecr", "repository/{name}", "name"),
    "aws_ecs_cluster": ("ecs", "cluster/{name}", "arn"),
    "aws_ecs_service": ("ecs", "service/{name}", "arn"),
    "aws_iam_policy": ("iam", "policy{path}{name}", "arn"),
    "aws_iam_role": ("iam", "role{path}{name}", "name"),
    "aws_kms_alias": ("kms", "{name}", "name"),
    "aws_kms_key": ("kms", "key/{name}", "name"),
    "aws_lambda_function": ("lambda", "function:{name}", "name"),
    "aws_s3_bucket": ("s3", "{name}", "name"),
    "aws_secretsmanager_secret": ("secretsmanager", "secret:{name}", "arn"),
    "aws_sfn_state_machine": ("states", "stateMachine:{name}", "arn"),
    "aws_sns_topic": ("sns", "{name}", "arn"),
    "aws_sqs_queue": ("sqs", "{name}", "url"),
}
_UNSURE_ARN = frozenset({"aws_codeconnections_connection", "aws_codestarconnections_connection", "aws_ecs_service",
                         "aws_kms_key", "aws_secretsmanager_secret"})
_NAMES = ("name", "bucket", "function_name", "repository_name", "deployment_group_name", "alias")
_KNOWN_DATA: Mapping[tuple[str, str], str] = {
    ("aws_caller_identity", "account_id"): ACCOUNT, ("aws_caller_identity", "id"): ACCOUNT,
    ("aws_region", "name"): REGION, ("aws_region", "id"): REGION, ("aws_region", "region"): REGION,
    ("aws_partition", "partition"): "aws", ("aws_partition", "dns_suffix"): "amazonaws.com"}


def asked_for(reader: Evaluator, reference: Reference, name: str, scope: Scope) -> Any:
    """What `reference.name` is: a longer reference, or a value."""
    parts, module = reference.parts, scope.module
    if parts == ("var",):
        return reader.once(module, f"var.{name}", lambda: variable(reader, module, name))
    if parts == ("local",):
        return _local(reader, module, name)
    if parts[0] in ("each", "count", "self"):
        return Unknown(f"{parts[0]}.{name}")
    if parts in (("path",), ("terraform",)):
        return "default" if name == "workspace" else "."
    if len(parts) < _whole(parts):
        return Reference((*parts, name))
    if parts[0] == "module":
        return _output(reader, module, reference, name)
    return _attribute(reader, reference, name, scope)


def indexed(reader: Evaluator, reference: Reference, key: Any, scope: Scope) -> Any:
    """What `reference[key]` is: one instance of a resource, or the same as `reference.key`."""
    if len(reference.parts) >= _whole(reference.parts) and reference.index is None:
        return Reference(reference.parts, key)
    return asked_for(reader, reference, as_text(key), scope) if isinstance(key, str | int) else Unknown(reference.path)


def _whole(parts: tuple[str, ...]) -> int:
    """How many parts name a thing: `data.aws_region.current`, `module.build`, `aws_iam_role.build`, `var`."""
    return 3 if parts[0] == "data" else 2 if parts[0] not in ("var", "local", "each", "count", "self", "path") else 1


def _local(reader: Evaluator, module: Module, name: str) -> Any:
    if name not in module.locals:
        return Unknown(f"{module.address}local.{name}")
    return reader.once(module, f"local.{name}", lambda: reader.value(module.locals[name], Scope(module)))


def _output(reader: Evaluator, module: Module, reference: Reference, name: str) -> Any:
    """An output of the instance of a module that a reference names; of the first where it names none."""
    several = children(reader, module, reference.parts[1])
    child = next((one for key, one in several if key == reference.index), several[0][1] if several else None)
    output = child.outputs.get((name,)) if child else None
    if child is None or output is None or "value" not in output.attributes:
        return Unknown(f"{module.address}{reference.path}.{name}")
    return reader.once(child, f"output.{name}", lambda: reader.value(output.attributes["value"], Scope(child)))


def children(reader: Evaluator, module: Module, label: str) -> list[tuple[Any, Module]]:
    """The instances of a module that is called from a folder beside the calling one, each with its key: one, or as many as
    `count` and `for_each` say. None where its code is somewhere else."""
    if label not in module.called:
        block = module.modules.get((label,))
        if block is None or module.folder_of(block) is None:
            module.called[label] = []
        else:
            made = ((key, module.child(block, key, scope)) for key, scope in _rounds(reader, block, module, label))
            module.called[label] = [(key, one) for key, one in made if one is not None]
    return module.called[label]


def _rounds(reader: Evaluator, block: Block, module: Module, label: str) -> list[tuple[Any, Scope]]:
    path = f"{module.address}module.{label}"
    with reader.at(path), reader.within(path):
        try:
            return list(instances(reader, block, module))
        except Failed as error:
            reader.told.tell(path, f"How many there are cannot be worked out: {error}; one is taken.")
            return [(None, Scope(module))]


# ---------------------------------------------------------------------------------------------- resources


def instances_of(reader: Evaluator, reference: Reference, scope: Scope) -> list[Reference]:
    """The instances of a resource: none where its `count` is 0, one for each of its `for_each`, one elsewhere."""
    block = _block_of(reference, scope.module)
    if block is None:
        return [reference]
    return [Reference(reference.parts, key) for key, _ in instances(reader, block, scope.module)]


def whole(reader: Evaluator, value: Any, scope: Scope) -> Any:
    """A resource or module that has several instances, named as a whole, as the map (`for_each`) or list (`count`) that
    it is; anything else as it is."""
    if not isinstance(value, Reference) or value.index is not None or len(value.parts) != _whole(value.parts):
        return value
    block = _block_of(value, scope.module)
    if block is None or not block.attributes.keys() & {"count", "for_each"}:
        return value
    several = instances_of(reader, value, scope)
    if "count" in block.attributes:
        return several
    known = all(isinstance(one.index, str | int) for one in several)
    return {as_text(one.index): one for one in several} if known else value


def instances(reader: Evaluator, block: Block, module: Module) -> Iterator[tuple[Any, Scope]]:
    """The key of each instance of a block, and the scope in which its attributes stand. A number that rests on a guess
    is at least one."""
    before = reader.guesses
    if "count" in block.attributes:
        count = reader.value(block.attributes["count"], Scope(module))
        if isinstance(count, str) and count.isdecimal():  # Terraform makes a number of it, too
            count = int(count)
        number = int(count) if isinstance(count, int | float) else 1
        if not isinstance(count, int | float) or reader.guesses > before:
            reader.told.tell(f"{reader.path}.count", f"How many there are is not known (count is {_shown(count)}); "
                             f"{max(number, 1)} is taken.", "Give the variable with --parameter NAME=VALUE.")
        for index in range(max(min(number, 1000), 1 if reader.guesses > before else 0)):
            yield index, Scope(module, {"count": {"index": index}})
    elif "for_each" in block.attributes:
        over = reader.value(block.attributes["for_each"], Scope(module))
        if isinstance(over, Unknown | Reference) or (not over and reader.guesses > before):
            unknown = Unknown(getattr(over, "path", "each")).below("*")
            yield unknown, Scope(module, {"each": {"key": unknown.below("key"), "value": unknown}})
            return
        for key, value in items(over):
            shown = value if isinstance(over, list) else key
            yield shown, Scope(module, {"each": {"key": shown, "value": value}})
    else:
        yield None, Scope(module)


def _shown(count: Any) -> str:
    return str(getattr(count, "path", count))


def _block_of(reference: Reference, module: Module) -> Block | None:
    parts = reference.parts
    if parts[0] == "module":
        return module.modules.get(parts[1:])
    return module.data.get(parts[1:]) if parts[0] == "data" else module.resources.get(parts)


def _instance_scope(reader: Evaluator, block: Block, reference: Reference, module: Module) -> Scope:
    """The scope of the instance that a reference names; the first where it names none."""
    first = None
    for key, scope in instances(reader, block, module):
        first = first or scope
        if key == reference.index:
            return scope
    return first or Scope(module)


def _attribute(reader: Evaluator, reference: Reference, name: str, scope: Scope) -> Any:
    module = scope.module
    kind = reference.parts[1] if reference.parts[0] == "data" else reference.parts[0]
    if reference.parts[0] == "data" and (kind, name) in _KNOWN_DATA:
        return _KNOWN_DATA[kind, name]
    what = f"{reference.path}[{reference.index}].{name}" if reference.index is not None else f"{reference.path}.{name}"
    return reader.once(module, what, lambda: _attribute_of(reader, reference, kind, name, module))


def _attribute_of(reader: Evaluator, reference: Reference, kind: str, name: str, module: Module) -> Any:
    from .policies import document_of  # it evaluates blocks, which this module is needed for

    block = _block_of(reference, module)
    inner = _instance_scope(reader, block, reference, module) if block is not None else Scope(module)
    if block is not None and kind == "aws_iam_policy_document" and name in ("json", "minified_json"):
        return document_of(reader, block, inner)
    if block is not None and name in block.attributes:
        return reader.value(block.attributes[name], inner)
    return made(reader, kind, reference, name, block, inner)


def made(
    reader: Evaluator, kind: str, reference: Reference, asked: str, block: Block | None, scope: Scope,
) -> Any:
    """An attribute that AWS would make: the name where none is given, the ARN, the id."""
    identity = identity_of(kind)
    asked = identity if asked == "id" and identity else asked
    if not identity or asked not in ("arn", "url", *_NAMES):
        return Unknown(f"{scope.module.address}{reference.path}.{asked}")
    name = name_of(reader, kind, reference.parts[-1], block, scope)
    path = reader.value(block.attributes["path"], scope) if block is not None and "path" in block.attributes else "/"
    return _told(reader, made_of(kind, name, asked, path), reference)


def made_of(kind: str, name: str, asked: str, path: object = "/") -> str:
    """The ARN, address or name of a resource of a known type."""
    service, form, _ = _TYPES[kind]
    if asked == "url":
        return like(f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}", name)
    if asked != "arn":
        return name
    path = path if isinstance(path, str) and path.startswith("/") else "/"
    where = ("", "" if service == "s3" else ACCOUNT) if service in ("iam", "s3") else (REGION, ACCOUNT)
    text = like(arn(service, form.format(name=name, path=path), *where), name)
    return StandIn(text) if kind in _UNSURE_ARN else text


def identity_of(kind: str) -> str:
    """What `id` gives: `name`, `arn` or `url`; empty for a type that is not known here."""
    return _TYPES[kind][2] if kind in _TYPES else ""


def _told(reader: Evaluator, found: str, reference: Reference) -> str:
    if isinstance(found, StandIn):
        reader.told.tell(reader.path, f"{reference.path} is known once it is made; '{found}' stands for it.")
    return found


def name_of(reader: Evaluator, kind: str, label: str, block: Block | None, scope: Scope) -> str:
    """The name that a resource is given, or a stand-in made of its label."""
    for attribute in _NAMES if block is not None else ():
        if block is not None and attribute in block.attributes:
            found = reader.value(block.attributes[attribute], scope)
            if found is not None and found != "":
                return reader.scalar(found)
    prefix = block.attributes.get("name_prefix", block.attributes.get("bucket_prefix", "")) if block is not None else ""
    before = reader.scalar(reader.value(prefix, scope) or "")
    return StandIn(bucket_name(before + label) if kind == "aws_s3_bucket" else before + label)
