"""`require`: bounds on costs and conditions over decisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssrdsl.language import syntax
from ssrdsl.space.elaborate.builder import Place
from ssrdsl.space.elaborate.faults import fail
from ssrdsl.space.elaborate.scalars import exact
from ssrdsl.space.elaborate.values import Environment
from ssrdsl.space.expressions import Decided
from ssrdsl.space.graph import Requirement

if TYPE_CHECKING:
    from ssrdsl.space.elaborate.elaborator import Elaborator

COSTS = ("macs", "parameters")
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def requirements(
    elaborator: Elaborator, condition: syntax.Expression, environment: Environment, place: Place
) -> Iterator[Requirement]:
    """The requirements of a condition; those joined by `and` stand for themselves."""
    if isinstance(condition, syntax.Junction) and condition.operator == "and":
        for operand in condition.operands:
            yield from requirements(elaborator, operand, environment, place)
    elif (cost := _cost(condition)) is not None:
        yield from _bounds(elaborator, condition, cost, environment, place)
    else:
        found = _condition(elaborator, condition, environment, place)
        if found not in elaborator.builder.requirements:
            yield found


def _cost(condition: syntax.Expression) -> str | None:
    if not isinstance(condition, syntax.Comparison):
        return None
    return next((o.name for o in condition.operands if isinstance(o, syntax.Name) and o.name in COSTS), None)


def _bounds(
    elaborator: Elaborator, condition: syntax.Expression, cost: str, environment: Environment, place: Place
) -> Iterator[Requirement]:
    assert isinstance(condition, syntax.Comparison)
    pairs = zip(condition.operands, condition.operators, condition.operands[1:], strict=False)
    for left, operator, right in pairs:
        if operator not in MIRRORED:
            fail(
                "E0802", f"a bound on {cost} with `{operator}`", condition.span, help="use `<=`, `<`, `>=`, `>` or `==`"
            )
        on_left = isinstance(left, syntax.Name) and left.name == cost
        bound = exact(elaborator, right if on_left else left, environment, place)
        yield Requirement(condition.span, cost, operator if on_left else MIRRORED[operator], bound)


def _condition(
    elaborator: Elaborator, condition: syntax.Expression, environment: Environment, place: Place
) -> Requirement:
    value = elaborator.evaluate(condition, environment, place)
    if value is False:
        fail("E0801", "this requirement never holds", condition.span, label="false in every architecture")
    if value is not True and not isinstance(value, Decided):
        fail("E0404", "a condition is wanted", condition.span, help="`require macs <= 10G`, `require n1 + n2 == 16`")
    return Requirement(condition.span, condition=value)
