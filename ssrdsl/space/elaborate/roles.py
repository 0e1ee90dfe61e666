"""The dimensions of the variables of a `choose`, determined from their uses in its body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ssrdsl.language import syntax
from ssrdsl.language.walk import walk
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.elaborate.values import BlockValue, Builtin, Environment, OperatorValue

BY_PARAMETER = {
    "dilation": Dimension.DILATION,
    "k": Dimension.KERNEL,
    "kernel": Dimension.KERNEL,
    "channels": Dimension.CHANNEL,
    "c": Dimension.CHANNEL,
    "depth": Dimension.DEPTH,
}
RESOLUTION_OPERATORS = {"maxpool", "avgpool", "resize", "upsample", "maxpool_indices", "pixel_shuffle"}
MAX_DEPTH = 16


def dimension_of_names(names: Sequence[str], body: syntax.Suite, environment: Environment) -> Dimension:
    """The dimension of a `choose` over names: that of the names if it is the same for all, otherwise operator."""
    found = {_of_name(name, body, environment, MAX_DEPTH) for name in names}
    return found.pop() if len(found) == 1 else Dimension.OPERATOR


def _of_name(name: str, body: Any, environment: Environment, depth: int) -> Dimension:
    for call in _calls(body):
        for index, argument in enumerate(call.arguments):
            if _mentions(argument.value, name):
                found = _of_argument(call, index, argument, environment, depth)
                if found is not None:
                    return found
    return Dimension.OPERATOR


def _of_argument(
    call: syntax.Call, index: int, argument: syntax.Argument, environment: Environment, depth: int
) -> Dimension | None:
    """The dimension of an argument of a call, also inside blocks; None if it contains another call."""
    if not isinstance(call.function, syntax.Name) or any(True for _ in _calls(argument.value)):
        return None
    callee = call.function.name
    value = environment.get(callee)
    if isinstance(value, BlockValue) and callee not in RESOLUTION_OPERATORS and depth:
        parameters = [parameter.name for parameter in value.definition.parameters]
        name = argument.name or (parameters[index] if index < len(parameters) else "")
        return _of_name(name, value.definition.body, value.environment, depth - 1)
    if isinstance(value, Builtin):
        return Dimension.DEPTH if value.name == "repeat" else None
    if callee in RESOLUTION_OPERATORS:
        return Dimension.RESOLUTION
    name = argument.name or ""
    if isinstance(value, OperatorValue) and argument.name is None:
        positional = [item.name for item in value.operator.signature() if item.metadata.get("positional")]
        name = positional[index] if index < len(positional) else ""
    return Dimension.RESOLUTION if name in {"stride", "scale"} else BY_PARAMETER.get(name)


def _calls(value: Any) -> Iterator[syntax.Call]:
    return (node for node in walk(value) if isinstance(node, syntax.Call))


def _mentions(value: Any, name: str) -> bool:
    return any(isinstance(node, syntax.Name) and node.name == name for node in walk(value))
