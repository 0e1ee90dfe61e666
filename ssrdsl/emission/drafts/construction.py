"""The constructions of operators as code; `match`, `resize` and zeros by what reads better in a file."""

from __future__ import annotations

from typing import Any

from ssrdsl.emission.code.trees import (
    ITSELF,
    Called,
    Code,
    Infix,
    Leaf,
    Listed,
    Member,
    Method,
    Operand,
    Slice,
    Spread,
    Subscript,
)  # fmt: skip
from ssrdsl.emission.instances.near_zeros import ZEROS
from ssrdsl.emission.symbols.forms import Form, Side
from ssrdsl.emission.symbols.symbol import FormedTuple, Symbol
from ssrdsl.operators import construction as data
from ssrdsl.operators.definition import Operator, Shape, Vector

EXPRESSIONS = (data.Call, data.Operand, data.Operands, data.Extent, data.Infix, data.Subscript)


def from_data(given: Any, count: int) -> Code:
    """A construction, or an argument in it, as code; `count` is the number of operands."""
    match given:
        case data.Operand(index=index):
            return Operand(index)
        case data.Operands():
            return Listed(tuple(map(Operand, range(count))))
        case data.Extent(index=index):
            return Subscript(Member(Operand(index), "shape"), (Slice(Leaf(2)),))
        case data.Call(target="", arguments=(data.Self_(), *arguments), keywords=named):
            return Called(ITSELF, tuple(from_data(argument, count) for argument in arguments), _keywords(named, count))
        case data.Call(target=target, arguments=arguments, keywords=named):
            made = tuple(from_data(argument, count) for argument in arguments)
            if target.startswith("."):
                return Method(made[0], target[1:], made[1:], _keywords(named, count))
            return Called(target, made, _keywords(named, count))
        case data.Infix(sign=sign, operands=parts):
            return Infix(sign, tuple(from_data(part, count) for part in parts))
        case data.Subscript(value=value, slices=slices):
            ranges = (Slice(*(None if part is None else Leaf(part) for part in bounds)) for bounds in slices)
            return Subscript(from_data(value, count), tuple(ranges))
        case FormedTuple():
            return Leaf(Symbol(tuple(given), given.form))
        case tuple() if any(isinstance(part, EXPRESSIONS) for part in given):
            return Listed(tuple(from_data(part, count) for part in given))
        case _:
            return Leaf(given)


def application(operator: Operator, inputs: tuple[Shape, ...], made: data.Construction) -> Code:
    """How an operator is applied; `match` and `resize` to a tensor by functions of their own in the file."""
    if operator.name == "match" and not isinstance(inputs[0], Vector):
        return Called("match", (Operand(0), Leaf(operator.shapes(inputs)[0].channels)))
    if operator.name == ZEROS:
        return _zeros(operator.shapes(inputs)[0], inputs[0])
    code = from_data(made.apply, len(inputs))
    if operator.name == "resize" and made.module is None and isinstance(code, Called):
        return Called("resize", (Operand(0),), (("like", Operand(1)), *code.keywords[1:]))
    return code


def _zeros(shape: Shape, like: Shape) -> Code:
    """Zeros at the size that a tensor has when the network runs, where the two have the same."""
    batch = Method(Operand(0), "size", (Leaf(0),))
    if isinstance(shape, Vector) and not isinstance(like, Vector):
        return Method(Operand(0), "new_zeros", (batch, Leaf(shape.channels)))
    if type(shape) is not type(like) or not all(map(_is_side, shape[1:], like[1:])):
        return Method(Operand(0), "new_zeros", (batch, *map(Leaf, shape)))
    if data.same(shape.channels, like.channels):
        return Called("torch.zeros_like", (Operand(0),))
    extents = Spread(Subscript(Member(Operand(0), "shape"), (Slice(Leaf(2)),)))
    return Method(Operand(0), "new_zeros", (batch, Leaf(shape.channels), extents))


def _is_side(extent: Any, side: Any) -> bool:
    """Whether the extent of zeros is that of the tensor that they are made after, at every size."""
    if isinstance(extent, Symbol) and extent.form.has_sides:
        return extent.form.terms in {Form.atom(atom).terms for atom in extent.form.atoms() if isinstance(atom, Side)}
    return bool(extent == side)


def _keywords(named: tuple[tuple[str, Any], ...], count: int) -> tuple[tuple[str, Code], ...]:
    return tuple((name, from_data(value, count)) for name, value in named)
