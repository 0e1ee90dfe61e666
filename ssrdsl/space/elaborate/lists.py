"""Lists and tensors: comprehensions, the values of loops, and conversions with checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError, Label
from ssrdsl.space.binding.kinds import holds, kind
from ssrdsl.space.elaborate import scalars
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.labels import bound_texts
from ssrdsl.space.elaborate.values import LayerValue, Tensors, Value, described, kind_of_value
from ssrdsl.space.faults import fail, led_from
from ssrdsl.space.graph import Port


def items(context: ElaborationContext, expression: syntax.List | syntax.Set) -> list[Value]:
    """The elements of `[a, 1..4]` or `{a, 1..4}`, including those of ranges."""
    parts = [
        scalars.written_out(context, item) if isinstance(item, syntax.Range) else [context.evaluate(item)]
        for item in expression.items
    ]
    found = parts[0] if len(parts) == 1 else [value for part in parts for value in part]  # a sole range keeps its form
    if expression.items:
        context.builder.spend(len(found), expression.items[0].span)
    return found


def evaluate_tuple(context: ElaborationContext, expression: syntax.Tuple) -> tuple[Value, ...]:
    """Evaluate `(a, b)`."""
    return tuple(context.evaluate(item) for item in expression.items)


def comprehension(context: ElaborationContext, expression: syntax.Comprehension) -> list[Value]:
    """Evaluate a comprehension."""
    found = []
    for index, value in enumerate(sequence(context, expression.values)):
        with turn(context, expression, index, value) as inner:
            if expression.condition is None or scalars.condition(inner, expression.condition):
                found.append(inner.evaluate(expression.element))
    return found


def sequence(context: ElaborationContext, expression: syntax.Expression) -> list[Value]:
    """The values over which a loop or comprehension iterates."""
    if isinstance(expression, syntax.Call) and isinstance(expression.function, syntax.Name):
        context.look_up(expression.function)  # `range(3)` would be a layer that is never applied
    return listed(context.unnamed.evaluate(expression), expression)


def listed(value: Value, expression: syntax.Expression) -> list[Value]:
    """Check that a value is a list."""
    if isinstance(value, list):
        return value
    help = "write `[a, b]`, or `[1..4]`"
    if isinstance(expression, syntax.Set):
        help = "braces make a decision; for a list write `[...]`"
    fail("E0404", f"expected a list, got {described(value)}", expression.span, help=help)


def destructure(names: tuple[syntax.Name, ...], value: Value, source: syntax.Expression) -> dict[str, Value]:
    """The value of each of several names bound to a tuple or list."""
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
def turn(
    context: ElaborationContext, loop: syntax.For | syntax.Comprehension, index: int, value: Value
) -> Iterator[ElaborationContext]:
    """The context of an iteration with its names bound; errors in it list the values of these names."""
    inner = context.turn(index, loop.span).framed
    names = destructure(loop.names, value, loop.values)
    try:
        yield inner.bind(names, loop.values)
    except DiagnosticError as error:
        raise led_from(error, loop.names[0].span.to(loop.names[-1].span), bound_texts(names)) from error


# Tensors


def tensors(value: Value, expression: syntax.Expression) -> Tensors:
    """Check that a value is a tensor or a tuple of tensors; return a tuple."""
    parts = value if isinstance(value, tuple) and not isinstance(value, Port) else (value,)
    for part in parts:
        if not isinstance(part, Port):
            _refuse_tensor_first(part, expression)
            fail(
                "E0404", f"expected a tensor, got {described(part)}", expression.span,
                label=f"this is {described(part)}",
                help="apply the layer first: `x -> layer`" if kind_of_value(part) == "layer" else None,
            )  # fmt: skip
    return tuple(parts)


def _refuse_tensor_first(value: Value, expression: syntax.Expression) -> None:
    """Raise an error for `conv(x, 16, 3)`, which passes a tensor to a call that returns a layer."""
    if not isinstance(value, LayerValue) or not isinstance(expression, syntax.Call) or not expression.arguments:
        return
    first, *others = expression.arguments
    if first.name is None and holds(kind(first.value, value.environment.kind), "tensor"):
        name, tensor = expression.function.span.text, first.value.span.text
        rest = f"({', '.join(argument.span.text for argument in others)})" if others else ""
        fail("E0404", f"a tensor cannot be an argument of the layer `{name}`", first.span,
             label="this is a tensor",
             help=f"apply the layer to it: `{tensor} -> {name}{rest}`")  # fmt: skip


def flattened(value: Value) -> list[Value]:
    """The values of a nested list; a value that is no list as a list of one element."""
    return [part for item in value for part in flattened(item)] if isinstance(value, list) else [value]


def unpacked(tensors: Tensors) -> Value:
    """The only tensor of a tuple, or the tuple if there are several."""
    return tensors[0] if len(tensors) == 1 else tensors
