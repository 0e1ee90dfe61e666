"""What a class is printed from: one unit for each operator or inner instance, its code over named operands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ssrdsl.emission.code.trees import (
    PRODUCT,
    SUM,
    Called,
    Code,
    Infix,
    Leaf,
    Listed,
    Member,
    Method,
    Raw,
    Slice,
    Spread,
    Subscript,
    bound,
)
from ssrdsl.emission.instances.templates import Slot, Wire
from ssrdsl.emission.symbols.symbol import FormedTuple, Symbol
from ssrdsl.operators.construction import Call, Extent, Operand, Operands, Self_
from ssrdsl.operators.construction import Infix as InfixData
from ssrdsl.operators.construction import Subscript as SubscriptData

FIRST = Raw("$0")


@dataclass(slots=True)
class Unit:
    """An operator or an inner instance in a class.

    `modules` make its part with state; a run of inner instances has several. `apply` is the result, over `$0` for an
    operand and `$self` for the module; `function` is a second way without the module. Where
    `condition` is given, the unit exists under that condition only, and else the operand `bypass` passes. Operands
    whose number is in `listed` are lists of tensors; `repeats` tells of a run that is not equally long everywhere.
    """

    number: int
    slot: Slot
    kind: str
    reads: tuple[Wire, ...]
    results: int
    modules: tuple[Code, ...] = ()
    apply: Code = FIRST
    function: Code | None = None
    in_place: bool = False
    is_child: bool = False
    is_stateful: bool = False
    label: str = ""
    condition: str | None = None
    bypass: int = 0
    listed: tuple[int, ...] = ()
    repeats: bool = False


def operand(index: int) -> Raw:
    """The placeholder of an operand."""
    return Raw(f"${index}")


ITSELF = Raw("$self")


def from_data(data: Any, count: int) -> Code:
    """A construction, or an argument in it, as code; `count` is the number of operands."""
    match data:
        case Operand(index=index):
            return operand(index)
        case Operands():
            return Listed(tuple(map(operand, range(count))))
        case Extent(index=index):
            return Subscript(Member(operand(index), "shape"), (Slice(Leaf(2)),))
        case Self_():
            return ITSELF
        case Call(target="", arguments=(Self_(), *given), keywords=named):
            return Called("$self", tuple(from_data(a, count) for a in given), _keywords(named, count))
        case Call(target=target, arguments=arguments, keywords=named):
            made = tuple(from_data(argument, count) for argument in arguments)
            if target.startswith("."):
                return Method(made[0], target[1:], made[1:], _keywords(named, count))
            return Called(target, made, _keywords(named, count))
        case InfixData(sign=sign, operands=parts):
            return _joined(sign, [from_data(part, count) for part in parts])
        case SubscriptData(value=value, slices=slices):
            ranges = (Slice(*(None if part is None else Leaf(part) for part in bounds)) for bounds in slices)
            return Subscript(from_data(value, count), tuple(ranges))
        case FormedTuple():
            return Leaf(Symbol(tuple(data), data.form))
        case tuple() if any(_holds_code(part) for part in data):
            return Listed(tuple(from_data(part, count) for part in data))
        case _:
            return Leaf(data)


def _holds_code(part: Any) -> bool:
    return isinstance(part, (Call, Operand, Operands, Extent, Self_, InfixData, SubscriptData))


def _keywords(named: tuple[tuple[str, Any], ...], count: int) -> tuple[tuple[str, Code], ...]:
    return tuple((name, from_data(value, count)) for name, value in named)


def _joined(sign: str, parts: list[Code]) -> Code:
    total = parts[0]
    for part in parts[1:]:
        total = Infix(sign, total, part)
    return total


__all__ = ["ITSELF", "PRODUCT", "SUM", "Spread", "Unit", "bound", "from_data", "operand"]
