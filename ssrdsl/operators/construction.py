"""How an operator is made and applied with torch, as data: the supernet resolves it, the emitter prints it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Operand:
    """Stands in a construction for an input of the operator."""

    index: int


@dataclass(frozen=True, slots=True)
class Operands:
    """Stands in a construction for the list of all inputs."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Stands in a construction for the height and width at run time of an input or, beyond those, of the reference."""

    index: int


@dataclass(frozen=True, slots=True)
class Self_:
    """Stands in a construction for the module itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as data: `target` is a dotted name below `torch`, `nn` or `F`, a method as `.flatten` (of the first
    argument), or empty (the first argument is called).

    Arguments are Python literals, symbols, tuples, placeholders, or expressions of this module.
    """

    target: str
    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Infix:
    """Operands joined by `+` or `*`, from left to right: `a + b + c`."""

    sign: str
    operands: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[...]` with a (start, stop, step) for each dimension, the batch first; None leaves a part out."""

    value: Any
    slices: tuple[tuple[Any, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class Construction:
    """How an operator is made and applied, as data that the supernet resolves and the emitter prints.

    `module` makes the part with state (None: a pure function). `apply` is the expression of the result over
    placeholders. `function` is a second expression of the same result without the module, for what has no state
    (`F.relu(x)` beside `nn.ReLU()`); `in_place` tells that the module and the function take `inplace=True`.
    """

    module: Call | None
    apply: Call | Infix | Subscript
    function: Call | None = None
    in_place: bool = False


def applied(module: Call, function: Call | None = None, in_place: bool = False) -> Construction:
    """The construction of a module that is called with its one operand."""
    return Construction(module, Call("", (Self_(), Operand(0))), function, in_place)


def same(left: Any, right: Any) -> bool:
    """Whether two arguments are written alike: equal plain values, one expression, or equal symbols of one text."""
    if left is right:
        return True
    return type(left) is type(right) and bool(left == right) and repr(left) == repr(right)


def compact(pair: tuple[Any, Any]) -> Any:
    """A pair of equal entries as one number."""
    return pair[0] if same(*pair) else pair


def decimal(value: Any) -> Any:
    """An exact ratio as the float that is written like it; other values as they are."""
    return float(value) if isinstance(value, Fraction) else value


def keywords(*arguments: tuple[str, Any, Any]) -> tuple[tuple[str, Any], ...]:
    """Keyword arguments from triples of name, value and torch's default; values that are the default are left out.

    A symbol is never left out: it may have another value in the next instance of its block.
    """
    return tuple((name, decimal(value)) for name, value, default in arguments if not same(decimal(value), default))
