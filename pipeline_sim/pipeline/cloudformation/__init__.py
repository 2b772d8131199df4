"""What a CloudFormation template says of its pipelines: the structure of each, and what the template sets beside it.

YAML with short forms, JSON, SAM, what CDK synthesises. Functions and parameters are resolved as far as a simulation
needs; what only the account knows becomes a readable stand-in and is told in the pipeline's `notes`, with its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..document import read_text
from ..fault import Unreadable
from ..found import Found
from ..standins import ACCOUNT, REGION, plain
from ..told import Told
from .beside import Beside, policies_of, rules_of, webhooks_of
from .conditions import holds
from .convert import disabled, pairs, structure_of
from .export import METADATA, to_cloudformation
from .foreach import expanded
from .region import home
from .resolve import Budget, Resolver
from .template import Template, against_values, as_text, unknown_parameters
from .text import document

PIPELINE = "AWS::CodePipeline::Pipeline"
# these transforms leave pipelines as they are, or are done here
HARMLESS = ("AWS::Serverless-", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-",
            "AWS::ServiceCatalog", "AWS::CodeStar")


def pipelines(
    source: str | Path, parameters: Mapping[str, str] | None = None, *, name: str = "",
) -> list[Found]:
    """Every pipeline of a template (a path or its text), by logical id. Raises Unreadable where it is no template, and
    Faults where it contradicts itself. `name` is what errors call a text; pseudo-parameters can be given too."""
    text, name = _text(source, name)
    found, doubts = document(text, name)
    given = {key: as_text(value) for key, value in (parameters or {}).items()}
    templates = _templates(found, given, name)
    told = Told()
    for place, sentence in (*doubts, *(("Parameters", one) for one in unknown_parameters(templates, given))):
        told.tell(place, sentence)
    budget = Budget()
    try:
        made = [one for template in templates for one in _of_template(template, told, budget)]
    except (RecursionError, Unreadable) as error:
        raise Unreadable(f"{name}: {error}") from error
    if not made and (away := [one for template in templates for one in _elsewhere(template)]):
        raise Unreadable(f"{name}: there is no pipeline in it. {' '.join(away[:3])}")
    return made


def _elsewhere(template: Template) -> Iterator[str]:
    """What of a template may hold a pipeline that the template does not show."""
    for logical_id in template.resources:
        kind = template.kind(logical_id)
        if kind in ("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
            properties = template.properties(logical_id)
            where = properties.get("TemplateURL", properties.get("Location"))
            yield f"The nested stack {logical_id} may: load its template{f' ({where})' if isinstance(where, str) else ''}."
        elif kind.endswith("::MODULE"):
            yield (f"The module {logical_id} ({kind}) may: let CloudFormation put it in, and load that (aws cloudformation "
                   "get-template --template-stage Processed).")


def _text(source: str | Path, name: str) -> tuple[str, str]:
    if isinstance(source, str) and ("\n" in source or source.lstrip("\ufeff \t\r")[:1] in ("{", "[")):
        return source, name or "the template"
    return read_text(source), name or str(source)


def _templates(found: Any, given: Mapping[str, str], name: str) -> list[Template]:
    """A file holds one template, or (as some snapshots of CDK) a list of them."""
    several = isinstance(found, list)
    parts = [(f"[{place}]." if several else "", one) for place, one in enumerate(found if several else [found])]
    templates = [Template(one, given, path) for path, one in parts
                 if isinstance(one, dict) and isinstance(one.get("Resources"), dict)]
    if not templates:
        raise Unreadable(f"{name}: it is no CloudFormation template: it has no mapping 'Resources'.")
    return templates


def _of_template(template: Template, told: Told, budget: Budget) -> list[Found]:
    against_values(template)
    region, why = home(template)
    template = Template(template.sections, {**template.given, "AWS::Region": region}, template.path)
    resolver = Resolver(template, budget)
    resolver.told.add(told)
    if why:
        resolver.told.tell(f"{template.path}Resources", f"AWS::Region is taken as {region}: {why}.",
                           "Give it with --parameter AWS::Region=VALUE.")
    beside = Beside(_with_loops_written_out(template, resolver), budget)
    made = [(logical_id, *_is_made(beside, logical_id)) for logical_id in beside.template.of_kind(PIPELINE)]
    shown = [one for one in made if one[1]] or made
    return [_pipeline(beside, logical_id, [resolver.told, condition]) for logical_id, _, condition in shown]


def _with_loops_written_out(template: Template, resolver: Resolver) -> Template:
    """The template with its loops over whole resources and conditions written out. What transforms would do is told."""
    sections = dict(template.sections)
    for name in ("Mappings", "Conditions", "Resources"):
        sections[name] = dict(expanded(resolver, dict(template.section(name)), f"{template.path}{name}"))
    for transform in template.transforms:
        if not transform.startswith(HARMLESS):
            resolver.told.tell(f"{template.path}Transform", f"The transform {transform} is not run; what it would "
                               "change is as the template has it.",
                               "Let CloudFormation process the template, and load that.")
    if put_in := sections["Resources"].pop("Fn::Transform", None):
        resolver.resolve({"Fn::Transform": put_in}, f"{template.path}Resources")
    return Template(sections, template.given, template.path)


def _is_made(beside: Beside, logical_id: str) -> tuple[bool, Told]:
    """Whether the condition of a pipeline holds. The only pipelines of a template are shown even if it does not."""
    template = beside.template
    resolver = Resolver(template, beside.budget)
    condition = template.resources[logical_id].get("Condition")
    if not isinstance(condition, str):
        return True, resolver.told
    path = f"{template.path}Resources.{logical_id}.Condition"
    truth = holds(resolver, {"Condition": condition}, path)
    if not truth:
        resolver.told.tell(path, f"The condition {condition} does not hold: CloudFormation would make no pipeline.",
                           "Give the parameters that it rests on with --parameter NAME=VALUE.")
    return truth, resolver.told


def _pipeline(beside: Beside, logical_id: str, known: list[Told]) -> Found:
    template = beside.template
    resolver = Resolver(template, beside.budget)
    told = resolver.told
    for one in known:
        told.add(one)
    path = f"{template.path}Resources.{logical_id}.Properties"
    given = resolver.resolve(dict(template.properties(logical_id)), path)
    properties = given if isinstance(given, dict) else {}
    structure = _with_name(structure_of(properties, path, told), resolver, logical_id, path)
    name = structure["name"]
    return Found(
        logical_id, structure | _version(template, logical_id),
        disabled_transitions=disabled(plain(properties.get("DisableInboundStageTransitions"))),
        tags=plain(pairs(properties.get("Tags"), f"{path}.Tags", told)),
        webhooks=tuple(webhooks_of(beside, name, told)),
        rules=tuple(rules_of(beside, name, resolver.place, told)),
        policies=policies_of(beside, _role_arns(structure), told),
        region=_unusual(resolver.place[0], REGION), account=_unusual(resolver.place[1], ACCOUNT),
        notes=told.notes())


def _unusual(said: str, usual: str) -> str:
    return "" if said == usual else said


def _with_name(structure: dict[str, Any], resolver: Resolver, logical_id: str, path: str) -> dict[str, Any]:
    """The structure under its name, or the logical id where it has none: AWS would add the stack's name and chance."""
    if isinstance(structure.get("name"), str) and structure["name"]:
        return structure
    name = str(resolver.name_of(logical_id))
    resolver.told.tell(f"{path}.Name", f"The pipeline has no name; '{name}' stands for the one that AWS would make.")
    return {"name": name} | {key: value for key, value in structure.items() if key != "name"}


def _version(template: Template, logical_id: str) -> dict[str, int]:
    """The version, which only a template of our own making says."""
    metadata = template.resources[logical_id].get("Metadata")
    version = metadata.get(METADATA) if isinstance(metadata, dict) else None
    return {"version": version} if isinstance(version, int) and not isinstance(version, bool) else {}


def _role_arns(structure: Any) -> set[str]:
    """Every role that the structure names: the pipeline's, its actions' and rules'."""
    found, parts = set(), [structure]
    for part in parts:
        if isinstance(part, dict):
            found.add(str(part.get("roleArn")))
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return found


__all__ = ["pipelines", "to_cloudformation"]
