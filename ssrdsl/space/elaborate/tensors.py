"""Values as the tensors or the list that they have to be."""

from __future__ import annotations

from ssrdsl.language import syntax
from ssrdsl.space.elaborate.kinds import holds_tensors, kind, kind_of_value
from ssrdsl.space.elaborate.values import LayerValue, Tensors, Value, described
from ssrdsl.space.faults import fail
from ssrdsl.space.graph import Port


def tensors(value: Value, expression: syntax.Expression) -> Tensors:
    """A value as the tensors that a layer is applied to."""
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
    """Fails at `conv(x, 16, 3)`, which gives a tensor to a call that makes a layer."""
    if not isinstance(value, LayerValue) or not isinstance(expression, syntax.Call) or not expression.arguments:
        return
    first, *others = expression.arguments
    if first.name is None and holds_tensors(kind(first.value, value.environment)):
        name, tensor = expression.function.span.text, first.value.span.text
        rest = f"({', '.join(argument.span.text for argument in others)})" if others else ""
        fail("E0404", f"a tensor cannot be an argument of the layer `{name}`", first.span,
             label="this is a tensor",
             help=f"apply the layer to it: `{tensor} -> {name}{rest}`")  # fmt: skip


def flattened(value: Value) -> list[Value]:
    """The values in a list and in the lists inside it; a value that is no list by itself."""
    return [part for item in value for part in flattened(item)] if isinstance(value, list) else [value]


def unpacked(tensors: Tensors) -> Value:
    """A single tensor as itself, several as a tuple."""
    return tensors[0] if len(tensors) == 1 else tensors


def listed(value: Value, expression: syntax.Expression) -> list[Value]:
    """A value as the list that it has to be."""
    if isinstance(value, list):
        return value
    help = "write `[a, b]`, or `[1..4]`"
    if isinstance(expression, syntax.Set):
        help = "braces make a decision; for a list write `[...]`"
    fail("E0404", f"expected a list, got {described(value)}", expression.span, help=help)
