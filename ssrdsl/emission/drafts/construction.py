"""The constructions of operators as code."""

from __future__ import annotations

from functools import partial, reduce
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
    Subscript,
)  # fmt: skip
from ssrdsl.emission.symbols.symbol import FormedTuple, Symbol
from ssrdsl.operators import construction as data

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
            return reduce(partial(Infix, sign), (from_data(part, count) for part in parts))
        case data.Subscript(value=value, slices=slices):
            ranges = (Slice(*(None if part is None else Leaf(part) for part in bounds)) for bounds in slices)
            return Subscript(from_data(value, count), tuple(ranges))
        case FormedTuple():
            return Leaf(Symbol(tuple(given), given.form))
        case tuple() if any(isinstance(part, EXPRESSIONS) for part in given):
            return Listed(tuple(from_data(part, count) for part in given))
        case _:
            return Leaf(given)


def _keywords(named: tuple[tuple[str, Any], ...], count: int) -> tuple[tuple[str, Code], ...]:
    return tuple((name, from_data(value, count)) for name, value in named)
