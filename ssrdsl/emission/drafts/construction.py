"""The application of operators; `match`, `resize` and zeros in the most readable form."""

from __future__ import annotations

from typing import Any

from ssrdsl.emission.code.trees import Starred
from ssrdsl.emission.drafts.parameters import Side, has_sides
from ssrdsl.emission.instances.near_zeros import ZEROS
from ssrdsl.operators.construction import FIRST, Called, Code, Construction, Extent, Operand, same
from ssrdsl.operators.definition import Operator, Shape, Vector
from ssrdsl.space.expressions.algebra import Variable
from ssrdsl.space.expressions.symbols import SymbolicValue


def application(operator: Operator, inputs: tuple[Shape, ...], made: Construction) -> Code:
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
