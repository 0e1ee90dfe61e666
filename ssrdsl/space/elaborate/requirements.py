"""`require`: bounds on costs and conditions over decisions."""

from __future__ import annotations

from collections.abc import Iterator

from ssrdsl.language import syntax
from ssrdsl.language.walk import walk
from ssrdsl.space.cost import COSTS
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.scalars import exact, refuse_time
from ssrdsl.space.elaborate.sorts import is_truth
from ssrdsl.space.elaborate.values import Environment
from ssrdsl.space.faults import fail
from ssrdsl.space.graph import Requirement

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def requirements(context: ElaborationContext, condition: syntax.Expression) -> Iterator[Requirement]:
    """The requirements of a condition; those joined by `and` are separate requirements."""
    if isinstance(condition, syntax.Junction) and condition.operator == "and":
        for operand in condition.operands:
            yield from requirements(context, operand)
    elif (cost := _cost(condition)) is not None:
        _refuse_bound_name(cost, context.environment)
        yield from _bounds(context, condition, cost.name)
    else:
        _refuse_hidden_cost(condition, context.environment)
        found = _condition(context, condition)
        if found not in context.builder.requirements:
            yield found


def _cost(condition: syntax.Expression) -> syntax.Name | None:
    """The cost bounded by a comparison; None for other conditions."""
    if not isinstance(condition, syntax.Comparison):
        return None
    return next((o for o in condition.operands if isinstance(o, syntax.Name) and o.name in COSTS), None)


def _refuse_bound_name(cost: syntax.Name, environment: Environment) -> None:
    if environment.get(cost.name) is not None:
        fail("E0802", f"`{cost.name}` is the cost of the network here, but also defined in this file", cost.span,
             help="rename the definition")  # fmt: skip


def _refuse_hidden_cost(condition: syntax.Expression, environment: Environment) -> None:
    """Raise an error for a cost within a condition over decisions."""
    for part in walk(condition):
        if isinstance(part, syntax.Name) and part.name in COSTS and part.name not in environment.local:
            fail("E0802", f"`{part.name}` can only be bounded", part.span,
                 help=f"write a bound such as `require {part.name} <= 10G`")  # fmt: skip


def _bounds(context: ElaborationContext, condition: syntax.Expression, cost: str) -> Iterator[Requirement]:
    assert isinstance(condition, syntax.Comparison)
    pairs = zip(condition.operands, condition.operators, condition.operands[1:], strict=False)
    for left, operator, right in pairs:
        bounds = [side for side in (left, right) if not (isinstance(side, syntax.Name) and side.name == cost)]
        if len(bounds) != 1:
            fail("E0802", f"not a bound on {cost}", left.span.to(right.span),
                 help=f"write `require {cost} <= 10G`, or `require 1G <= {cost} <= 10G`")  # fmt: skip
        _refuse_hidden_cost(bounds[0], context.environment)
        if operator not in MIRRORED:
            fail(
                "E0802", f"a bound on {cost} with `{operator}`", condition.span, help="use `<=`, `<`, `>=`, `>` or `==`"
            )
        refuse_time(bounds[0], f"a bound on {cost}", "E0802")
        bound = exact(context, bounds[0])
        yield Requirement(condition.span, cost, operator if bounds[0] is right else MIRRORED[operator], bound)


def _condition(context: ElaborationContext, condition: syntax.Expression) -> Requirement:
    value = context.evaluate(condition)
    if value is False:
        fail("E0801", "this requirement cannot be met", condition.span, label="false in every architecture",
             help="relax it, or change the options of its decisions")  # fmt: skip
    if not is_truth(value):
        fail(
            "E0404",
            "expected a condition",
            condition.span,
            help="for example `require macs <= 10G` or `require n1 + n2 == 16`",
        )
    return Requirement(condition.span, condition=value)
