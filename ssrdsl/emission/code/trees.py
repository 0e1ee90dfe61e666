"""Python expressions as trees.

`text` says how a tree reads on one line, `layout` breaks what is too long for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from ssrdsl.emission.symbols.literals import scalar_text
from ssrdsl.emission.symbols.symbol import Symbol, changed, symbols_in

ITSELF = "$self"
"""Stands for the module of an operator where that is called."""


class Code:
    """An expression."""

    __slots__ = ()

    def held(self) -> tuple[Any, ...]:
        """Its fields: trees, lists of trees, and what is none."""
        return tuple(getattr(self, item.name) for item in fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Raw(Code):
    """A name."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Leaf(Code):
    """A scalar: a number, a text, a truth value, a symbol, or a tuple of those."""

    scalar: Any

    def __eq__(self, other: object) -> bool:
        """Leaves are equal where they read alike; two symbols may have equal values and different forms."""
        return isinstance(other, Leaf) and scalar_text(self.scalar) == scalar_text(other.scalar)

    def __hash__(self) -> int:
        return hash(scalar_text(self.scalar))


@dataclass(frozen=True, slots=True)
class Operand(Code):
    """Stands in the code of an operator for a tensor that it takes."""

    index: int


FIRST = Operand(0)


@dataclass(frozen=True, slots=True)
class Called(Code):
    """`function(arguments, keyword=argument)`; the function is a name, or `ITSELF`."""

    function: str
    arguments: tuple[Code, ...] = ()
    keywords: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Method(Code):
    """`owner.name(arguments)`."""

    owner: Code
    name: str
    arguments: tuple[Code, ...] = ()
    keywords: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Member(Code):
    """`owner.name`."""

    owner: Code
    name: str


@dataclass(frozen=True, slots=True)
class Subscript(Code):
    """`owner[start:stop:step, ...]`."""

    owner: Code
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Slice(Code):
    """`start:stop:step`, each of which may be left out."""

    start: Code | None = None
    stop: Code | None = None
    step: Code | None = None


@dataclass(frozen=True, slots=True)
class Listed(Code):
    """`[items]`."""

    items: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Tupled(Code):
    """`items`, separated by commas, without parentheses."""

    items: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Mapped(Code):
    """`{"name": value}`."""

    items: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Each(Code):
    """`element for names in values`; `brackets` are `()`, `[]`, or none for a sole argument."""

    element: Code
    names: str
    values: Code
    brackets: str = ""


@dataclass(frozen=True, slots=True)
class Spread(Code):
    """`*value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Infix(Code):
    """`parts` joined by an operator, `+` or `*`."""

    operator: str
    parts: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Ternary(Code):
    """`then if condition else otherwise`."""

    then: Code
    condition: Code
    otherwise: Code


@dataclass(frozen=True, slots=True)
class Compared(Code):
    """`left sign right`."""

    left: Code
    sign: str
    right: Code


@dataclass(frozen=True, slots=True)
class Junction(Code):
    """`parts` joined by `and` or `or`."""

    word: str
    parts: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Negated(Code):
    """`not part`."""

    part: Code


def walk(code: Any) -> Iterator[Code]:
    """The trees in code, which may be a tree or a list of code, outer ones first."""
    if isinstance(code, (tuple, list)):
        for part in code:
            yield from walk(part)
    elif isinstance(code, Code):
        yield code
        yield from walk(code.held())


def rebuilt(code: Any, change: Callable[[Code], Code | None]) -> Any:
    """The code with what `change` gives for a tree in its place; None takes the tree with its parts rebuilt."""
    if isinstance(code, tuple):
        return tuple(rebuilt(part, change) for part in code)
    if not isinstance(code, Code):
        return code
    found = change(code)
    if found is not None:
        return found
    return type(code)(*rebuilt(code.held(), change))


def calls(code: Any) -> Iterator[Called]:
    """The calls in code, outer ones first."""
    return (tree for tree in walk(code) if isinstance(tree, Called))


def symbols(code: Any) -> Iterator[Symbol]:
    """The symbols in code."""
    for tree in walk(code):
        if isinstance(tree, Leaf):
            yield from symbols_in(tree.scalar)


def is_literal_code(code: Any) -> bool:
    """Whether code has no symbols. (A symbol may have the value false, so that `any` cannot find it.)"""
    return next(symbols(code), None) is None


def with_symbols(code: Any, change: Callable[[Symbol], Any]) -> Any:
    """The code with every symbol changed."""
    return rebuilt(code, lambda tree: Leaf(changed(tree.scalar, change)) if isinstance(tree, Leaf) else None)
