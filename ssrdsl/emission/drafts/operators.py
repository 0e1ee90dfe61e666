"""The code of operators: the construction of each with attributes as symbols, one code for all instances.

`match`, `resize` and zeros are written in the most readable form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ssrdsl.emission.code.trees import Starred
from ssrdsl.emission.drafts.attributes import symbolic_operators
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.bodies import is_plain
from ssrdsl.emission.drafts.unify import unify_codes
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.near_zeros import ZEROS
from ssrdsl.emission.instances.parameters import Side, has_sides
from ssrdsl.language import syntax
from ssrdsl.operators.construction import FIRST, Called, Code, Construction, Extent, Operand, same
from ssrdsl.operators.definition import Operator, Shape, Vector
from ssrdsl.space.expressions.algebra import Variable
from ssrdsl.space.expressions.symbols import SymbolicValue, value_of
from ssrdsl.space.graph import OperatorNode

Applied = tuple[Operator, tuple[Shape, ...]]
"""An operator with symbols as attributes, and the shapes of its inputs with symbols as widths."""


def write_operator(block: BlockClass, unit: Unit) -> None:
    """Write the code of operators. Raises `Unfit` if they differ in more than numbers."""
    node = unit.node
    assert node is not None
    rows = [
        None if operator is None or piece is None or piece.node is None else (operator, one.input_shapes(piece.node))
        for one, piece, operator in zip(block.instances, unit.pieces, symbolic_operators(block, unit), strict=True)
    ]
    _construct(block, unit, rows, _hint(block, node))
    _note_widths(block, unit, rows)


def _application(operator: Operator, inputs: tuple[Shape, ...], made: Construction) -> Code:
    """The application of an operator; `match` and `resize` to a tensor use functions of the file."""
    if operator.name == "match" and not isinstance(inputs[0], Vector):
        return Called("match", (FIRST, operator.shapes(inputs)[0].channels))
    if operator.name == ZEROS:
        return _zeros(operator.shapes(inputs)[0], inputs[0])
    if operator.name == "resize" and made.module is None and isinstance(made.apply, Called):
        return Called("resize", (FIRST,), (("like", Operand(1)), *made.apply.keywords[1:]))
    return made.apply


def _zeros(shape: Shape, like: Shape) -> Code:
    """Zeros in the run-time size of a tensor, if both sizes are equal."""
    batch = Called(".size", (FIRST, 0))
    if isinstance(shape, Vector) and not isinstance(like, Vector):
        return Called(".new_zeros", (FIRST, batch, shape.channels))
    if type(shape) is not type(like) or not all(map(_is_side, shape[1:], like[1:])):
        return Called(".new_zeros", (FIRST, batch, *shape))
    if same(shape.channels, like.channels):
        return Called("torch.zeros_like", (FIRST,))
    return Called(".new_zeros", (FIRST, batch, shape.channels, Starred(Extent(FIRST))))


def _is_side(extent: Any, side: Any) -> bool:
    """Whether the extent of zeros equals that of their reference tensor at every size."""
    if isinstance(extent, SymbolicValue) and has_sides(extent):
        return isinstance(extent.form, Variable) and isinstance(extent.form.key, Side)
    return bool(extent == side)


def _construct(block: BlockClass, unit: Unit, rows: Sequence[Applied | None], hint: str) -> None:
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


def _note_widths(block: BlockClass, unit: Unit, rows: Sequence[Applied | None]) -> None:
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
