"""Lists and what is bound to their elements: comprehensions, and the values that a loop runs over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError, Label
from ssrdsl.space.elaborate import scalars
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.labels import bound_texts
from ssrdsl.space.elaborate.tensors import listed
from ssrdsl.space.elaborate.values import Value, described
from ssrdsl.space.faults import fail, led_from
from ssrdsl.space.graph import Port


def items(context: ElaborationContext, items: Sequence[syntax.Expression]) -> list[Value]:
    """The elements of a list or set, ranges written out."""
    found: list[Value] = []
    for item in items:
        if isinstance(item, syntax.Range):
            found += scalars.written_out(context, item)
        else:
            found.append(context.evaluate(item))
    if items:
        context.builder.spend(len(found), items[0].span)
    return found


def evaluate_list(context: ElaborationContext, expression: syntax.List) -> list[Value]:
    """The elements of `[a, 1..4]`."""
    return items(context, expression.items)


def evaluate_tuple(context: ElaborationContext, expression: syntax.Tuple) -> tuple[Value, ...]:
    """The elements of `(a, b)`."""
    return tuple(context.evaluate(item) for item in expression.items)


def comprehension(context: ElaborationContext, expression: syntax.Comprehension) -> list[Value]:
    """The list of a comprehension."""
    found = []
    for index, value in enumerate(sequence(context, expression.values)):
        turn = context.turn(index, expression.span).framed
        names = destructure(expression.names, value, expression.values)
        inner = turn.bind(names, expression.values)
        with within_turn(expression.names, names):
            if expression.condition is None or scalars.condition(inner, expression.condition):
                found.append(inner.evaluate(expression.element))
    return found


def sequence(context: ElaborationContext, expression: syntax.Expression) -> list[Value]:
    """The values that a loop runs over."""
    if isinstance(expression, syntax.Call) and isinstance(expression.function, syntax.Name):
        context.look_up(expression.function)  # `range(3)` would be a layer that is never applied
    return listed(context.unnamed.evaluate(expression), expression)


def destructure(names: tuple[syntax.Name, ...], value: Value, source: syntax.Expression) -> dict[str, Value]:
    """What each of several names is bound to."""
    if len(names) == 1:
        return {names[0].name: value}
    several = isinstance(value, (tuple, list)) and not isinstance(value, Port)
    if not several or len(value) != len(names):
        count = f"{len(value)} values" if several else described(value)
        fail("E0401", f"{len(names)} names for {count}", names[0].span.to(names[-1].span),
             secondary=(Label(source.span, f"this returns {count}"),),
             help="give each value a name, or `_` if it is not used")  # fmt: skip
    return {name.name: item for name, item in zip(names, value, strict=True)}


@contextmanager
def within_turn(names: tuple[syntax.Name, ...], values: Mapping[str, Value]) -> Iterator[None]:
    """Adds to errors what a loop has bound in the turn in which they occur."""
    try:
        yield
    except DiagnosticError as error:
        raise led_from(error, names[0].span.to(names[-1].span), bound_texts(values)) from error
