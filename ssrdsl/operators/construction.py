"""Construction and application of operators in torch, as trees: the supernet resolves them, the emitter prints them."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any


class Code:
    """A Python expression.

    If a node takes expressions, its constructor also accepts plain scalars (as `Leaf`), and tuples that contain
    expressions (as `Listed`).
    """

    __slots__ = ()

    def held(self) -> tuple[Any, ...]:
        """Its fields: expressions, tuples of expressions, strings and None."""
        return tuple(getattr(self, item.name) for item in fields(self))  # type: ignore[arg-type]


def code(value: Any) -> Code:
    """An expression as itself, a tuple that contains expressions as a list, any other value as a leaf."""
    if isinstance(value, Code):
        return value
    if isinstance(value, (tuple, list)) and any(isinstance(part, Code) for part in value):
        return Listed(tuple(map(code, value)))
    return Leaf(value)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf(Code):
    """A scalar: a number, a string, a boolean, None, an expression over decisions, a symbol, or a tuple of those."""

    scalar: Any

    def __eq__(self, other: object) -> bool:
        """Leaves are equal if their text is equal; two symbols may have equal values and different formulas."""
        return isinstance(other, Leaf) and scalar_text(self.scalar) == scalar_text(other.scalar)

    def __hash__(self) -> int:
        return hash(scalar_text(self.scalar))


@dataclass(frozen=True, slots=True)
class Operand(Code):
    """An input tensor of the operator."""

    index: int


FIRST = Operand(0)


@dataclass(frozen=True, slots=True)
class Extent(Code):
    """The height and width at run time of an input or, beyond those, of the reference: `x.shape[2:]`."""

    tensor: Any

    def __post_init__(self) -> None:
        if isinstance(self.tensor, int):
            object.__setattr__(self, "tensor", Operand(self.tensor))


@dataclass(frozen=True, slots=True)
class Self_(Code):
    """The module of the operator."""


@dataclass(frozen=True, slots=True)
class Called(Code):
    """`target(arguments, keyword=argument)`.

    `target` is a dotted name below `torch`, `nn` or `F` (in an emitted file any name), a method as `.flatten` (of the
    first argument), or empty (the first argument is called).
    """

    target: str
    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", tuple(map(code, self.arguments)))
        object.__setattr__(self, "keywords", tuple((name, code(value)) for name, value in self.keywords))


@dataclass(frozen=True, slots=True)
class Infix(Code):
    """Operands joined by a sign, from left to right: `a + b + c`; an operator joins them by `+` or `*`."""

    sign: str
    operands: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "operands", tuple(map(code, self.operands)))


@dataclass(frozen=True, slots=True)
class Slice(Code):
    """`start:stop:step`; None leaves a part out."""

    start: Any = None
    stop: Any = None
    step: Any = None

    def __post_init__(self) -> None:
        for name in ("start", "stop", "step"):
            if (part := getattr(self, name)) is not None:
                object.__setattr__(self, name, code(part))


@dataclass(frozen=True, slots=True)
class Subscript(Code):
    """`value[...]` with a slice, or its (start, stop, step), for each dimension, the batch first."""

    value: Any
    slices: tuple[Any, ...]

    def __post_init__(self) -> None:
        slices = (part if isinstance(part, Slice) else Slice(*part) for part in self.slices)
        object.__setattr__(self, "slices", tuple(slices))


@dataclass(frozen=True, slots=True)
class Listed(Code):
    """`[items]`."""

    items: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(map(code, self.items)))


Arguments = tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]
"""Positional and keyword arguments of a call."""


@dataclass(frozen=True, slots=True)
class Construction:
    """Construction and application of an operator, as data that the supernet resolves and the emitter prints.

    `module` makes the part with state (None: a pure function). `apply` is the expression of the result over
    operands and the module. `function` is an equivalent expression without the module, for operators without
    state (`F.relu(x)` for `nn.ReLU()`); `in_place`: module and function accept `inplace=True`.
    """

    module: Called | None
    apply: Code
    function: Called | None = None
    in_place: bool = False


def applied(module: Called, function: Called | None = None, in_place: bool = False) -> Construction:
    """The construction of a module that is called with its only operand."""
    return Construction(module, Called("", (Self_(), Operand(0))), function, in_place)


def scalar_text(scalar: Any) -> str:
    """A scalar as Python."""
    if type(scalar) in (tuple, list):  # one with a formula is written by its text
        inner = ", ".join(map(scalar_text, scalar))
        return f"({inner},)" if len(scalar) == 1 else f"({inner})"
    if isinstance(scalar, str):
        return json.dumps(scalar, ensure_ascii=False)
    if isinstance(scalar, Fraction) and scalar.denominator == 1:
        return str(int(scalar))
    return _real_text(float(scalar)) if isinstance(scalar, (Fraction, float)) else str(scalar)


def _real_text(number: float) -> str:
    """A real number; small powers of ten as 1e-3."""
    power = f"{number:.0e}".replace("e-0", "e-")
    return power if 0 < number < 0.01 and float(power) == number else repr(number)


def same(left: Any, right: Any) -> bool:
    """Whether two arguments have the same text: equal plain values, the same expression, or equal symbols."""
    if left is right:
        return True
    return type(left) is type(right) and bool(left == right) and repr(left) == repr(right)


def compact(numbers: tuple[Any, ...]) -> Any:
    """A pair, or the numbers of four sides, as one number if all are equal."""
    return numbers[0] if all(same(number, numbers[0]) for number in numbers) else numbers


def decimal(value: Any) -> Any:
    """An exact fraction as the float with the same decimal text; other values unchanged."""
    return float(value) if isinstance(value, Fraction) else value


def keywords(*arguments: tuple[str, Any, Any]) -> tuple[tuple[str, Any], ...]:
    """Keyword arguments from triples of name, value and torch's default; default values are omitted.

    A symbol is never omitted: it may have another value in another instance of its block.
    """
    return tuple((name, decimal(value)) for name, value, default in arguments if not same(decimal(value), default))
