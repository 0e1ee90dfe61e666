"""Elements and slices of lists and tuples; the index of an element may be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.elaborate.builder import GraphBuilder
from ssrdsl.space.elaborate.cases import refuse
from ssrdsl.space.elaborate.choices import mixed, option_results
from ssrdsl.space.elaborate.context import UNNAMED, ElaborationContext
from ssrdsl.space.elaborate.lists import tensors, unpacked
from ssrdsl.space.elaborate.scalars import limited, number, whole
from ssrdsl.space.elaborate.values import PickedLayer, Tensors, Value, kind_of_value
from ssrdsl.space.expressions import Decided, ExactScalar, Switch, apply, assign, floor, is_whole
from ssrdsl.space.expressions.symbols import element, value_of
from ssrdsl.space.faults import fail
from ssrdsl.space.graph import Port

FROM_ZERO = "indices start at 0: the last element of `xs` is `xs[len(xs) - 1]`"


def index(context: ElaborationContext, expression: syntax.Index) -> Value:
    """An element or a slice of a list or tuple; the index of an element may depend on decisions.

    The decision of a set used as index has the name of the binding, or if there is none, of the list.
    """
    value = context.unnamed.evaluate(expression.value)
    if isinstance(value, Port) or not isinstance(value, (list, tuple)):
        fail("E0404", "only lists and tuples can be indexed", expression.value.span,
             help="the attributes of a tensor are `x.channels`, `x.height` and `x.width`")  # fmt: skip
    if isinstance(expression.index, syntax.Range):
        return _slice(context, list(value), expression.index)
    label = context.label_or(expression.value.name if isinstance(expression.value, syntax.Name) else UNNAMED)
    given = number(context.labelled(label).evaluate(expression.index), expression.index.span)
    position = value_of(given)
    if isinstance(position, Decided):
        _refuse_outside(position, len(value), expression.index.span, context.builder)
        return _picked(context, position, value, expression)
    if not isinstance(position, int) or not 0 <= position < len(value):
        held = f"elements 0 to {len(value) - 1}" if value else "the list is empty"
        fail("E0407", f"index {position} is out of range", expression.index.span, label=held, help=FROM_ZERO)
    return element(value, position)


def _slice(context: ElaborationContext, items: list[Value], range_: syntax.Range) -> list[Value]:
    start = whole(context, range_.start)
    stop = len(items) - 1 if range_.stop is None else whole(context, range_.stop)
    step = 1 if range_.step is None else whole(context, range_.step)
    if step < 1:
        fail("E0407", f"a slice with a step of {step}", range_.span, help="the step of a slice must be at least 1")
    if not 0 <= start <= len(items) or stop >= len(items):
        fail("E0407", f"slice out of range for a list of {len(items)}", range_.span,
             label="indices start at 0, ends are included", help=FROM_ZERO)  # fmt: skip
    return items[start : stop + 1 : step]


def _refuse_outside(position: Decided, count: int, span: Span, builder: GraphBuilder) -> None:
    """Raise an error for an index that is out of range or no integer in some architecture."""
    outside = apply("or", apply("<", position, 0), apply(">", position, count - 1))
    if not is_whole(position):
        outside = apply("or", outside, apply("!=", floor(position), position))
    message = "the index is out of range in some architectures"
    limited(span, refuse, outside, builder, span, message, "give the list an element for every value of the index")


def _picked(context: ElaborationContext, position: Decided, items: Sequence[Value], expression: syntax.Index) -> Value:
    """The element at a decided index: a decided scalar, layer or tensor, or a list or tuple of such elements."""
    kinds = [kind_of_value(item) for item in items]
    if all(kind == "scalar" for kind in kinds):
        return limited(expression.span, apply, "item", position, *items)
    if all(isinstance(kind, tuple) for kind in kinds):
        columns = _columns(items, expression.value.span)
        row = [_picked(context, position, column, expression) for column in columns]
        return row if isinstance(items[0], list) else tuple(row)
    context.builder.tag(position, Dimension.OPERATOR)
    if all(kind == "layer" for kind in kinds):
        return PickedLayer(position, tuple(items), expression)
    return unpacked(mixture(context, position, lambda at: tensors(items[at], expression), expression))


def _columns(rows: Sequence[Sequence[Value]], span: Span) -> Iterable[tuple[Value, ...]]:
    if len({(type(row), len(row)) for row in rows}) > 1:
        fail("E0401", "the rows of this list have different lengths", span,
             help="give all rows the same length")  # fmt: skip
    return zip(*rows, strict=True)


def pick(context: ElaborationContext, picked: PickedLayer, inputs: Tensors, applied: syntax.Expression) -> Tensors:
    """Apply the layer at a decided index: each of the layers is applied once, in a separate scope."""

    def layer(at: int) -> Tensors:
        def build(inner: ElaborationContext) -> Value:
            return unpacked(inner.apply_value(picked.layers[at], inputs, picked.expression))

        return option_results(context, build, "pick", str(at), picked.expression.span)

    return mixture(context, picked.position, layer, picked.expression)


def mixture(
    context: ElaborationContext, position: Decided, element: Callable[[int], Tensors], expression: syntax.Expression
) -> Tensors:
    """The tensors at a decided index: nested mixtures, one level for each decision that the index depends on.

    The index that remains after some decisions is often equal for many options (the last position of a permutation of
    n depends on all n - 1 decisions); equal ones share a mixture.
    """

    @cache
    def at(left: ExactScalar) -> Tensors:
        if isinstance(left, Decided):
            decision, branches = _first_decision(left, context.builder)
            return mixed(context, decision, [(option, at(rest)) for option, rest in branches], expression.span)
        assert isinstance(left, int)
        return element(left)

    return at(position)


def _first_decision(scalar: Decided, builder: GraphBuilder) -> tuple[str, Iterable[tuple[int, ExactScalar]]]:
    """A decision that a scalar depends on, and the scalar restricted to each of its options."""
    if isinstance(scalar, Switch):
        return scalar.decision, scalar.branches
    decision = next(name for name in builder.decisions if name in scalar.support)
    options = builder.decisions[decision].options
    return decision, [(option.index, assign(scalar, {decision: option.index})) for option in options]
