"""The code of operators: the construction of each, one code for all instances.

Their attributes are symbols: the formulas of the source, not their values. `match`, `resize` and zeros are written in
the most readable form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.bodies import is_plain
from ssrdsl.emission.blocks.unify import unify_codes, unify_scalars
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.code.trees import Starred
from ssrdsl.emission.instances.instance import Instance, Side, Untranslatable
from ssrdsl.emission.instances.network import ZEROS
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.operators.construction import FIRST, Called, Code, Construction, Extent, Operand, same
from ssrdsl.operators.definition import Operator, Shape, Vector
from ssrdsl.space.elaborate.arguments import attributes_among, divided
from ssrdsl.space.expressions.algebra import Variable
from ssrdsl.space.expressions.symbols import Formed, SymbolicValue, equal, named, value_of, with_form
from ssrdsl.space.extents import followed
from ssrdsl.space.graph import Extents, OperatorNode

SymbolicOperator = tuple[Operator, tuple[Shape, ...]]
"""An operator with symbols as attributes, and the shapes of its inputs with symbols as widths."""


def write_operator(block: BlockClass, unit: Unit) -> None:
    """Write the code of operators. Raises `Unfit` if they differ in more than numbers."""
    node = unit.node
    assert node is not None
    rows = [
        None if operator is None or node is None else (operator, one.input_shapes(node))
        for one, node, operator in zip(block.instances, unit.nodes, _symbolic_operators(block, unit), strict=True)
    ]
    _construct(block, unit, rows, _hint(block, node))
    _note_widths(block, unit, rows)


def _application(operator: Operator, inputs: tuple[Shape, ...], made: Construction) -> Code:
    """The application of an operator; `match` and `resize` to a tensor use functions of the file."""
    if operator.name == "match" and not isinstance(inputs[0], Vector):
        return Called("match", (FIRST, operator.shapes(inputs)[0].channels))
    if operator.name == ZEROS:
        return _zeros(operator.shapes(inputs)[0], inputs[0]) or made.apply
    if operator.name == "resize" and made.module is None and isinstance(made.apply, Called):
        return Called("resize", (FIRST,), (("like", Operand(1)), *made.apply.keywords[1:]))
    return made.apply


def _zeros(shape: Shape, like: Shape) -> Code | None:
    """Zeros in the run-time size of a tensor; None if that is not their size."""
    is_vector = isinstance(shape, Vector)
    if type(shape) is not type(like) or not (is_vector or all(map(_is_side, shape[1:]))):
        return None
    if same(shape.channels, like.channels):
        return Called("torch.zeros_like", (FIRST,))
    extents = () if is_vector else (Starred(Extent(FIRST)),)
    return Called(".new_zeros", (FIRST, Called(".size", (FIRST, 0)), shape.channels, *extents))


def _is_side(extent: Any) -> bool:
    """Whether an extent is that of the reference tensor at run time."""
    return isinstance(extent, SymbolicValue) and isinstance(extent.form, Variable) and isinstance(extent.form.key, Side)


def _construct(block: BlockClass, unit: Unit, rows: Sequence[SymbolicOperator | None], hint: str) -> None:
    """Set the code of a unit."""
    made = [None if row is None else _construction(*row) for row in rows]
    present = [one for one in made if one is not None]
    unit.is_stateful = any(value_of(row[0].parameters(row[1])) != 0 for row in rows if row is not None)
    unit.in_place = all(one.in_place for one in present)

    def unified(part: Callable[[Construction], Code | None]) -> Code:
        return unify_codes([None if one is None else part(one) for one in made], hint, block.parameters)

    if any(one.module for one in present):
        unit.modules = (unified(lambda one: one.module),)
    unit.apply = unified(lambda one: one.apply)
    kinds = {one.module.target for one in present if one.module is not None}
    if any(one.function for one in present) and len(kinds) <= 1:
        unit.function = unified(lambda one: one.function)
        if not unit.is_stateful and (len(unit.reads) > 1 or unit.results > 1):
            unit.modules, unit.apply = (), unit.function


def _construction(operator: Operator, inputs: tuple[Shape, ...]) -> Construction:
    made = operator.construct(inputs)
    return replace(made, apply=_application(operator, inputs, made))


def _note_widths(block: BlockClass, unit: Unit, rows: Sequence[SymbolicOperator | None]) -> None:
    """Record the widths of the results."""
    for result in range(unit.results):
        widths = block.widths_at((unit.number, result))
        for index, row in enumerate(rows):
            symbol = widths[index] if row is None else row[0].shapes(row[1])[result].channels
            widths[index] = symbol if value_of(symbol) == value_of(widths[index]) else widths[index]
        block.set_widths((unit.number, result), widths)


def _hint(block: BlockClass, node: OperatorNode) -> str:
    """The name of an operator that was passed as an argument or chosen; `act` for an activation without a name."""
    if isinstance(node.call, syntax.Name) and node.call.name != node.operator.name:
        return node.call.name
    scope = block.network.scope(node.scope)
    chosen = scope.label.partition("=")[0].partition("[")[0] if scope.kind == "option" else ""
    if chosen and chosen != "choose":
        return chosen
    return "act" if is_plain(node) else node.operator.name


def _symbolic_operators(block: BlockClass, unit: Unit) -> list[Operator | None]:
    """The operator of a unit in every instance; attributes have equal text in all, differences are parameters."""
    found = [
        None if node is None else _symbolic(instance, node, unit.number)
        for instance, node in zip(block.instances, unit.nodes, strict=True)
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
    if isinstance(scalar, Formed):
        return with_form(value, scalar.form)
    if isinstance(scalar, tuple):
        return tuple(_at(part, one) for part, one in zip(scalar, value, strict=True))
    return scalar


def _symbolic(instance: Instance, node: OperatorNode, number: int) -> Operator:
    """A node's operator, created again from the expressions of its attributes."""
    exact = node.operator
    given = {
        item.name: getattr(exact, item.name)
        for item in exact.signature()
        if item.default is dataclasses.MISSING or isinstance(getattr(exact, item.name), Shape)
    }
    for name, argument in _written(node):
        given[name] = _attribute(instance, node, name, argument.value)
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
    if isinstance(value, tuple) and type(symbol) is tuple and len(value) == len(symbol):
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
        return instance.symbol(expression, node.frame)
    except Untranslatable:
        return value


def _written(node: OperatorNode) -> list[tuple[str, syntax.Argument]]:
    """The attributes given in the call, by name; none if it is that of another operator: `zero(stride=2)` of zeros."""
    operator = type(node.operator)
    if isinstance(node.call, syntax.Call):
        with suppress(DiagnosticError):
            return attributes_among(operator, divided(operator, node.call)[1])
    return []
