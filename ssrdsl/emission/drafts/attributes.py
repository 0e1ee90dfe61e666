"""The operators of a unit with their attributes as symbols: the formulas of the source, not their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, replace
from typing import Any

from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.unify import unify_scalars
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.instance import Instance, Untranslatable
from ssrdsl.emission.instances.near_zeros import ZEROS
from ssrdsl.emission.instances.parameters import Side
from ssrdsl.language import syntax
from ssrdsl.operators.definition import Operator, Shape
from ssrdsl.space.expressions.symbols import FormedTuple, SymbolicValue, equal, named, value_of
from ssrdsl.space.extents import followed
from ssrdsl.space.graph import Extents, OperatorNode


def symbolic_operators(block: BlockClass, unit: Unit) -> list[Operator | None]:
    """The operator of a unit in every instance; attributes have equal text in all, differences are parameters."""
    found = [
        None if piece is None or piece.node is None else _symbolic(instance, piece.node, unit.number)
        for instance, piece in zip(block.instances, unit.pieces, strict=True)
    ]
    present = [operator for operator in found if operator is not None]
    if len({type(operator) for operator in present}) > 1:
        return found
    for item in present[0].signature():
        column = [None if operator is None else getattr(operator, item.name) for operator in found]
        if any(isinstance(value, Shape) for value in column) or all(value is None for value in column):
            continue
        whole = unify_scalars(column, item.name, block.parameters)
        for index, operator in enumerate(found):
            if operator is not None:
                changed = {item.name: _at(whole, value_of(column[index]))}
                found[index] = replace(operator, **changed)
    return found


def _at(scalar: Any, value: Any) -> Any:
    """A unified scalar with the value that it has in one instance."""
    if isinstance(scalar, SymbolicValue) and isinstance(value, tuple):
        return FormedTuple.of(value, scalar.form)
    if isinstance(scalar, tuple):
        return tuple(_at(part, one) for part, one in zip(scalar, value, strict=True))
    return SymbolicValue(value, scalar.form) if isinstance(scalar, SymbolicValue) else scalar


def _symbolic(instance: Instance, node: OperatorNode, number: int) -> Operator:
    """A node's operator, created again from the expressions of its attributes."""
    exact = node.operator
    given = {
        item.name: getattr(exact, item.name)
        for item in exact.signature()
        if item.default is MISSING or isinstance(getattr(exact, item.name), Shape)
    }
    for name, expression in _written(node):
        given[name] = _attribute(instance, node, name, expression)
    if node.like is not None and exact.takes_like is not None:
        given[exact.takes_like] = instance.shape(node.like)
    if node.extents is not None:
        sides = _followed(instance, node.extents, number)
        given |= dict(zip(("height", "width"), sides, strict=True)) if exact.name == ZEROS else {"target": sides}
    inputs = instance.input_shapes(node)
    if exact.name == ZEROS and inputs[0].channels == given["channels"]:
        given["channels"] = inputs[0].channels
    made = type(exact)(**given).complete(inputs)
    return replace(exact, **{item.name: _known(made, exact, item.name) for item in exact.signature()})


def _followed(instance: Instance, extents: Extents, number: int) -> tuple[Any, Any]:
    """Height and width as functions of those of a tensor at run time."""
    sides = Side(number, 2), Side(number, 3)
    values = instance.network.graph.shape(extents.base)[1:]
    instance.loops.update(zip(sides, values, strict=True))
    height, width = (named(value, side) for value, side in zip(values, sides, strict=True))
    return followed(extents, height, width)


def _known(made: Operator, exact: Operator, name: str) -> Any:
    """An attribute as a symbol if it has the right value, else the value."""
    symbol, value = getattr(made, name), getattr(exact, name)
    if isinstance(value, Shape):
        return symbol if isinstance(symbol, Shape) and equal(tuple(symbol), tuple(value)) else value
    if isinstance(symbol, FormedTuple) and tuple(symbol) == value:
        return symbol
    if isinstance(value, tuple) and isinstance(symbol, tuple) and len(value) == len(symbol):
        return tuple(s if equal(s, v) else v for s, v in zip(symbol, value, strict=True))
    return symbol if equal(symbol, value) else value


def _attribute(instance: Instance, node: OperatorNode, name: str, expression: syntax.Expression) -> Any:
    value = getattr(node.operator, name)
    if isinstance(value, Shape):
        return value
    single = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
    if isinstance(expression, syntax.Set):
        return instance.given(expression, node.frame, name, single)
    if isinstance(expression, syntax.Tuple) and isinstance(value, tuple) and len(value) == len(expression.items):
        return tuple(
            instance.given(item, node.frame, name, part) for item, part in zip(expression.items, value, strict=True)
        )
    try:
        symbol = instance.symbol(expression, node.frame, name)
    except Untranslatable:
        return value
    if isinstance(symbol, SymbolicValue) and isinstance(symbol.value, tuple):
        return FormedTuple.of(symbol.value, symbol.form)
    return symbol


def _written(node: OperatorNode) -> Iterator[tuple[str, syntax.Expression]]:
    """The attributes given in the call, by name, without tensors."""
    if not isinstance(node.call, syntax.Call):
        return
    operator = node.operator
    known = {item.name for item in operator.signature()}
    waiting = [item.name for item in operator.signature() if item.metadata.get("positional")]
    skipped = 0
    for argument in node.call.arguments:
        if argument.name is None and operator.is_function:
            skipped += 1
            if operator.inputs is None or skipped <= operator.inputs:
                continue
        name = argument.name or (waiting.pop(0) if waiting else "")
        if name in known:
            yield name, argument.value
