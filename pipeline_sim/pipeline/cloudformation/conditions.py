"""Whether a condition of a template holds with the parameters that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..standins import StandIn
from .template import as_text

if TYPE_CHECKING:
    from .resolve import Resolver


def holds(resolver: Resolver, expression: Any, path: str) -> bool:
    """The truth of `Fn::And`, `Fn::Or`, `Fn::Not`, `Fn::Equals` and `Condition`. What rests on a value that nobody
    knows is taken by the stand-in, and told."""
    if isinstance(expression, dict) and len(expression) == 1:
        (name, argument), = expression.items()
        if name == "Condition" and isinstance(argument, str):
            return _named(resolver, argument, path)
        if name == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            return _equal(resolver, argument, path)
        if name in ("Fn::And", "Fn::Or", "Fn::Not") and isinstance(argument, list) and argument:
            with resolver.within(f"{path}.{name}"):
                parts = [holds(resolver, one, f"{path}.{name}[{place}]") for place, one in enumerate(argument)]
            return all(parts) if name == "Fn::And" else any(parts) if name == "Fn::Or" else not parts[0]
    if isinstance(expression, bool):
        return expression
    resolver.told.tell(path, "The condition cannot be decided; it is taken as false.")
    return False


def _named(resolver: Resolver, name: str, path: str) -> bool:
    """A condition by name. Each place that uses one that rests on a guess is told."""
    conditions = resolver.template.section("Conditions")
    if name not in conditions:
        resolver.told.tell(path, f"No condition is called '{name}'; it is taken as false.",
                           resolver.template.hint(name, conditions))
        return False
    if name not in resolver.truths:
        place = f"{resolver.template.path}Conditions.{name}"
        with resolver.within(place):
            resolver.truths[name] = holds(resolver, conditions[name], place)
    return resolver.truths[name]


def _equal(resolver: Resolver, sides: list[Any], path: str) -> bool:
    left, right = (resolver.resolve(side, f"{path}.Fn::Equals[{place}]") for place, side in enumerate(sides))
    equal = _comparable(left) == _comparable(right)
    if isinstance(left, StandIn) or isinstance(right, StandIn):
        resolver.told.tell(path, "The condition rests on a value that is not known; it is taken as "
                           f"{str(equal).lower()}.")
    return bool(equal)


def _comparable(value: Any) -> Any:
    return as_text(value) if isinstance(value, str | int | float) else value
