"""Elements and slices of lists and tuples, also at places that are decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.elaborate.builder import Builder, Place
from ssrdsl.space.elaborate.cases import refuse
from ssrdsl.space.elaborate.choices import mixed, option_results
from ssrdsl.space.elaborate.faults import fail
from ssrdsl.space.elaborate.kinds import kind_of_value
from ssrdsl.space.elaborate.scalars import limited, number, whole
from ssrdsl.space.elaborate.values import Environment, PickedLayer, Tensors, Value
from ssrdsl.space.expressions import Decided, Scalar, Switch, apply, assign, floor, is_whole
from ssrdsl.space.graph import Port
from ssrdsl.space.symbols.symbol import element, value_of

if TYPE_CHECKING:
    from ssrdsl.space.elaborate.elaborator import Elaborator

FROM_ZERO = "indices start at 0: the last element of `xs` is `xs[len(xs) - 1]`"


def index(
    elaborator: Elaborator, expression: syntax.Index, environment: Environment, place: Place, label: str
) -> Value:
    """An element or a slice of a list or tuple; the index of an element may depend on decisions.

    A set that is the index is called by `label`, or, if it has no name of its own, by that of the list.
    """
    value = elaborator.evaluate(expression.value, environment, place)
    if isinstance(value, Port) or not isinstance(value, (list, tuple)):
        fail("E0404", "only lists and tuples can be indexed", expression.value.span,
             help="the extents of a tensor are `x.channels`, `x.height` and `x.width`")  # fmt: skip
    if isinstance(expression.index, syntax.Range):
        return _slice(elaborator, list(value), expression.index, environment, place)
    if label == "set" and isinstance(expression.value, syntax.Name):
        label = expression.value.name
    given = number(elaborator.evaluate(expression.index, environment, place, label), expression.index.span)
    position = value_of(given)
    if isinstance(position, Decided):
        _refuse_outside(position, len(value), expression.index.span, elaborator.builder)
        return _picked(elaborator, position, value, expression, environment, place)
    if not isinstance(position, int) or not 0 <= position < len(value):
        held = f"elements 0 to {len(value) - 1}" if value else "the list is empty"
        fail("E0407", f"index {position} is out of range", expression.index.span, label=held, help=FROM_ZERO)
    return element(value, position)


def _slice(
    elaborator: Elaborator, items: list[Value], range_: syntax.Range, environment: Environment, place: Place
) -> list[Value]:
    start = whole(elaborator, range_.start, environment, place)
    stop = len(items) - 1 if range_.stop is None else whole(elaborator, range_.stop, environment, place)
    step = 1 if range_.step is None else whole(elaborator, range_.step, environment, place)
    if step < 1:
        fail("E0407", f"a slice with a step of {step}", range_.span, help="the step of a slice must be at least 1")
    if not 0 <= start <= len(items) or stop >= len(items):
        fail("E0407", f"slice out of range for a list of {len(items)}", range_.span,
             label="indices start at 0, ends are included", help=FROM_ZERO)  # fmt: skip
    return items[start : stop + 1 : step]


def _refuse_outside(position: Decided, count: int, span: Span, builder: Builder) -> None:
    """Fails at an index that is, in some architecture, none of the elements."""
    outside = apply("or", apply("<", position, 0), apply(">", position, count - 1))
    if not is_whole(position):
        outside = apply("or", outside, apply("!=", floor(position), position))
    message = "the index is out of range in some architectures"
    limited(span, refuse, outside, builder, span, message, "give the list an element for every value of the index")


def _picked(
    elaborator: Elaborator,
    position: Decided,
    items: Sequence[Value],
    expression: syntax.Index,
    environment: Environment,
    place: Place,
) -> Value:
    """The element at a decided index: a decided scalar, one of several layers or tensors, or a row of such elements."""
    kinds = [kind_of_value(item) for item in items]
    if all(kind == "scalar" for kind in kinds):
        return limited(expression.span, apply, "item", position, *items)
    if all(isinstance(kind, tuple) for kind in kinds):
        columns = _columns(items, expression.value.span)
        row = [_picked(elaborator, position, column, expression, environment, place) for column in columns]
        return row if isinstance(items[0], list) else tuple(row)
    elaborator.builder.tag(position, Dimension.OPERATOR)
    if all(kind == "layer" for kind in kinds):
        return PickedLayer(position, tuple(items), expression)
    return mixture(
        elaborator, position, lambda at: elaborator.tensors(items[at], expression), expression, environment, place
    )


def _columns(rows: Sequence[Sequence[Value]], span: Span) -> Iterable[tuple[Value, ...]]:
    if len({(type(row), len(row)) for row in rows}) > 1:
        fail("E0401", "the rows of this list have different lengths", span,
             help="give all rows the same length")  # fmt: skip
    return zip(*rows, strict=True)


def pick(elaborator: Elaborator, picked: PickedLayer, inputs: Tensors, place: Place, environment: Environment) -> Value:
    """Applies the layer at a decided index: each of the layers once, at a place of its own."""

    def applied(at: int) -> Tensors:
        def build(inner: Place) -> Value:
            layer = picked.layers[at]
            return elaborator.unpacked(elaborator.apply_value(layer, inputs, inner, picked.expression, environment))

        return option_results(elaborator, build, place, "pick", str(at), environment, picked.expression.span)

    return mixture(elaborator, picked.position, applied, picked.expression, environment, place)


def mixture(
    elaborator: Elaborator,
    position: Decided,
    element: Callable[[int], Tensors],
    expression: syntax.Expression,
    environment: Environment,
    place: Place,
) -> Value:
    """The tensors at a decided index: a mixture for every decision that it depends on, over those of the others.

    What is left of the index once some decisions are taken is often the same for many options (the last place of a
    permutation of n depends on all n - 1 decisions), and then is one mixture.
    """
    made: dict[Scalar, Tensors] = {}

    def at(left: Scalar) -> Tensors:
        if left not in made:
            if isinstance(left, Decided):
                decision, branches = _first_decision(left, elaborator.builder)
                results = [(option, at(rest)) for option, rest in branches]
                found = mixed(elaborator, decision, results, place, environment.frame, expression.span)
                made[left] = elaborator.tensors(found, expression)
            else:
                assert isinstance(left, int)
                made[left] = element(left)
        return made[left]

    return elaborator.unpacked(at(position))


def _first_decision(scalar: Decided, builder: Builder) -> tuple[str, Iterable[tuple[int, Scalar]]]:
    """A decision that a scalar depends on, and what is left of the scalar for each of its options."""
    if isinstance(scalar, Switch):
        return scalar.decision, scalar.branches
    decision = next(name for name in builder.decisions if name in scalar.support)
    options = builder.decisions[decision].options
    return decision, [(option.index, assign(scalar, {decision: option.index})) for option in options]
