"""Arithmetic, comparisons and ranges."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import partial, reduce
from typing import Any, NoReturn, TypeVar, cast

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.source import Span
from ssrdsl.language.walk import walk
from ssrdsl.space import expressions
from ssrdsl.space.binding.kinds import holds
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.elaborate.builder import GraphBuilder
from ssrdsl.space.elaborate.cases import cases, refuse
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.sorts import is_numeric, is_truth
from ssrdsl.space.elaborate.values import Value, described, kind_of_value
from ssrdsl.space.expressions import Decided, ExactScalar, ExpressionLimit, apply
from ssrdsl.space.expressions.symbols import SymbolicValue, stepped, value_of
from ssrdsl.space.faults import fail
from ssrdsl.space.graph import Port

Result = TypeVar("Result")
SCALARS = "`+ - * /`, comparisons and functions such as `max` are defined for numbers"
TIMES = frozenset({"s", "ms", "us"})
OPERATIONS = {
    "+": expressions.add,
    "-": lambda left, right: expressions.add(left, expressions.multiply(-1, right)),
    "*": expressions.multiply,
    "/": expressions.divide,
}


def negation(context: ElaborationContext, expression: syntax.Negation) -> ExactScalar:
    """Evaluate `-operand`."""
    value = number(context.evaluate(expression.operand), expression.operand.span)
    return limited(expression.span, expressions.multiply, -1, value)


def conditional(context: ElaborationContext, expression: syntax.Conditional) -> Value:
    """Evaluate the branch selected by the condition; the other one is not evaluated."""
    return context.evaluate(taken_arm(context, expression))


def taken_arm(context: ElaborationContext, expression: syntax.Conditional) -> syntax.Expression:
    """The branch of a conditional selected by its condition."""
    return expression.then if condition(context, expression.condition) else expression.otherwise


def condition(context: ElaborationContext, expression: syntax.Expression) -> bool:
    """Evaluate a condition, which must be the same in every architecture."""
    value = constant(context.unnamed.evaluate(expression), context.builder, expression.span)
    if isinstance(value, bool):
        return value
    if value is None:
        fail(
            "E0504", "a condition depends on a decision", expression.span,
            help="a condition of `if` must have the same value in every architecture; use `choose` for differences",
        )  # fmt: skip
    fail(
        "E0404",
        f"expected a condition, got {described(value)}",
        expression.span,
        help="write a comparison with `==`, `<` ...",
    )


def limited(span: Span, function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function; if its result exceeds the limits of expressions, raise an error with a location."""
    try:
        return function(*arguments)
    except ExpressionLimit as limit:
        fail("E0603", str(limit), span, help="make the numbers smaller, or involve fewer decisions")


def number(value: Value, span: Span) -> ExactScalar:
    """Check that a value is a number."""
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return value
    if isinstance(value, Decided) and is_numeric(value):
        return value
    if isinstance(value, SymbolicValue) and isinstance(value.value, (int, Fraction)):
        return cast(ExactScalar, value)
    if isinstance(value, (str, Decided)):
        fail("E0404", "expected a number, got a string", span, help="strings can only be compared with `==` and `!=`")
    _not_a_scalar(value, span, "expected a number")


def _not_a_scalar(value: Value, span: Span, message: str) -> NoReturn:
    kind = kind_of_value(value)
    what = "a tensor" if holds(kind, "tensor") else "a layer" if kind == "layer" else "a list or tuple"
    fail("E0404", f"{message}, got {what if not isinstance(value, bool) else 'a boolean'}", span,
         help=SCALARS)  # fmt: skip


def arithmetic(context: ElaborationContext, expression: syntax.Arithmetic) -> Value:
    """Evaluate `left + right`, `left - right`, `left * right` or `left / right`."""
    operator, left, right = expression.operator, context.evaluate(expression.left), context.evaluate(expression.right)
    if isinstance(left, list) and operator == "+" and isinstance(right, list):
        context.builder.spend(len(left) + len(right), expression.span)
        return left + right
    if isinstance(left, list) and operator == "*" and isinstance(count := value_of(right), int):
        context.builder.spend(len(left) * max(count, 0), expression.span)
        return left * count
    for value in (left, right):
        if isinstance(value, Port) or kind_of_value(value) == "layer":
            what = "tensors" if isinstance(value, Port) else "layers"
            name = {"+": "add", "*": "mul"}.get(operator, "add")
            fail("E0406", f"`{operator}` is not defined for {what}", expression.span,
                 help=f"write `{name}(...)`")  # fmt: skip
    if isinstance(left, list) or isinstance(right, list):
        fail(
            "E0404",
            f"`{operator}` is not defined for this list",
            expression.span,
            help="write `list + list` or `list * number`",
        )
    a, b = number(left, expression.left.span), number(right, expression.right.span)
    if operator == "/":
        refuse_zero(b, expression.right.span, context.builder)
    return limited(expression.span, OPERATIONS[operator], a, b)


def comparison(context: ElaborationContext, expression: syntax.Comparison) -> ExactScalar:
    """Evaluate `a < b <= c`."""
    values = [context.evaluate(operand) for operand in expression.operands]
    for value, operand in zip(values, expression.operands, strict=True):
        if kind_of_value(value) != "scalar":
            _not_a_scalar(value, operand.span, "expected a scalar")
    result: ExactScalar = True
    for operator, left, right in zip(expression.operators, values, values[1:], strict=False):
        if operator not in {"==", "!="}:
            number(left, expression.span), number(right, expression.span)
        held = limited(expression.span, _compared, operator, left, right)
        result = held if result is True else apply("and", result, held)
    return result


def _compared(operator: str, left: ExactScalar, right: ExactScalar) -> ExactScalar:
    """A comparison; strings that depend on decisions are compared for each option, since they have no difference."""
    if isinstance(left, Decided) and not is_numeric(left):
        return expressions.mapped(left, lambda one: _compared(operator, one, right))
    if isinstance(right, Decided) and not is_numeric(right):
        return expressions.mapped(right, lambda other: _compared(operator, left, other))
    return apply(operator, left, right)


def junction(context: ElaborationContext, expression: syntax.Junction) -> ExactScalar:
    """Evaluate `a and b` or `a or b`, with short circuit; a value with a formula does not end the evaluation."""
    decisive = expression.operator == "or"
    open_operands: list[ExactScalar] = []
    for operand in expression.operands:
        value: Value = context.evaluate(operand)
        if not is_truth(value):
            fail("E0404", "expected a condition", operand.span, help="write a comparison with `==`, `<` ...")
        known = None if isinstance(value, SymbolicValue) else constant(value, context.builder, operand.span)
        if known is None:
            open_operands.append(value)
        elif known == decisive:
            return decisive
    if not open_operands:
        return not decisive
    return reduce(partial(apply, expression.operator), open_operands)


def constant(value: Value, builder: GraphBuilder, span: Span) -> Value | None:
    """The value if it is the same in every architecture; None if it is not, or if that cannot be shown."""
    if isinstance(value, Decided):
        return limited(span, _constant, value, builder)
    return value.value if isinstance(value, SymbolicValue) else value


def _constant(value: Decided, builder: GraphBuilder) -> ExactScalar | None:
    found: set[ExactScalar] = set()
    with suppress(TooWide):
        for case, _ in cases(value, builder):
            found.add(case)
            if len(found) > 1:
                return None
        return found.pop()
    return None


def refuse_zero(divisor: ExactScalar, span: Span, builder: GraphBuilder) -> None:
    """Raise an error for a divisor that is zero in some architecture."""
    message = "division by zero" + (" in some architectures" if isinstance(divisor, Decided) else "")
    help = "use a divisor that is never zero, such as `max(1, n)`"
    limited(span, refuse, apply("==", divisor, 0), builder, span, message, help)


def whole(context: ElaborationContext, expression: syntax.Expression) -> int:
    """Evaluate an integer, which must be the same in every architecture."""
    value = exact(context, expression)
    if not isinstance(value, int):
        fail("E0407", f"expected an integer, got {value}", expression.span,
             help="round it with `floor(x)`, `ceil(x)` or `round(x)`")  # fmt: skip
    return value


def exact(context: ElaborationContext, expression: syntax.Expression) -> int | Fraction:
    """Evaluate a number, which must be the same in every architecture."""
    return cast("int | Fraction", value_of(_fixed(context, expression)))


def _fixed(context: ElaborationContext, expression: syntax.Expression) -> Value:
    """The number of `exact`, with its formula if it has one."""
    decided: Value = number(context.unnamed.evaluate(expression), expression.span)
    value = decided if isinstance(decided, SymbolicValue) else constant(decided, context.builder, expression.span)
    if value is None:
        fail(
            "E0504",
            "this depends on a decision",
            expression.span,
            help="this must have the same value in every architecture",
        )
    return value


def _reversed(range_: syntax.Range, start: int | Fraction, stop: int | Fraction) -> Diagnostic:
    return Diagnostic(
        "E0503", "this range has no values", Label(range_.span, f"its end is below its start: {stop} < {start}"),
        help=f"write `[{stop}..{start}]`, or `[{start}..{stop} step -1]` to count down", severity="warning",
    )  # fmt: skip


def refuse_time(expression: syntax.Expression, what: str, code: str) -> None:
    """Raise an error for a number with a unit of time."""
    for part in walk(expression):
        if isinstance(part, syntax.Number) and part.unit in TIMES:
            fail(code, f"{what} cannot have a unit of time", part.span, help="the units are `k`, `M`, `G`, `T` and `%`")


def written_out(context: ElaborationContext, range_: syntax.Range) -> list[int | Fraction]:
    """The numbers of a range, ends included; it has a form if an end has one."""
    if range_.stop is None:
        fail("E0407", "a range without an end is only allowed in a slice", range_.span, help="add an end: `[1..4]`")
    ends = [_fixed(context, end) for end in (range_.start, range_.stop)]
    ends.append(1 if range_.step is None else _fixed(context, range_.step))
    start, stop, step = map(value_of, ends)
    if step == 0:
        fail("E0503", "a range with a step of zero", range_.span, help="omit `step` to step by 1")
    count, rest = divmod(stop - start, step)
    if count < 0:
        if not any(isinstance(part, syntax.Name) for part in walk(range_)):
            context.builder.warnings.add(_reversed(range_, start, stop))
        return []
    context.builder.spend(int(count) + 1, range_.span)
    if rest:
        fail("E0503", f"the range does not reach its end {stop} exactly", range_.span,
             label=f"the last value is {expressions.number(start + int(count) * step)}",
             help="ends are included: change the end or the step")  # fmt: skip
    return stepped(ends, int(count) + 1)
