"""Python expressions as trees: constructions of operators, and further expressions of emitted files.

`text` prints a tree on one line, `layout` splits what is too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ssrdsl.operators.construction import Called, Code, Leaf
from ssrdsl.space.expressions.symbols import SymbolicValue, changed, replaced, symbols_in


@dataclass(frozen=True, slots=True)
class Raw(Code):
    """A name."""

    text: str


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
class Starred(Code):
    """`*value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Ternary(Code):
    """`then if condition else otherwise`."""

    then: Code
    condition: Code
    otherwise: Code


@dataclass(frozen=True, slots=True)
class Negated(Code):
    """`not part`."""

    part: Code


def walk(code: Any) -> Iterator[Code]:
    """The trees in code, which is a tree or a list of code, outer ones first."""
    if isinstance(code, (tuple, list)):
        for part in code:
            yield from walk(part)
    elif isinstance(code, Code):
        yield code
        yield from walk(code.held())


def rebuilt(code: Any, change: Callable[[Code], Code | None]) -> Any:
    """The code with trees replaced by the results of `change`; None keeps the tree and rebuilds its parts."""
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


def symbols(code: Any) -> Iterator[SymbolicValue]:
    """The symbols in code."""
    for tree in walk(code):
        if isinstance(tree, Leaf):
            yield from symbols_in(tree.scalar)


def is_literal_code(code: Any) -> bool:
    """Whether code has no symbols. (A symbol may have the value false, so that `any` cannot find it.)"""
    return next(symbols(code), None) is None


def with_symbols(code: Any, change: Callable[[SymbolicValue], Any]) -> Any:
    """The code with every symbol changed."""
    return rebuilt(code, lambda tree: Leaf(changed(tree.scalar, change)) if isinstance(tree, Leaf) else None)


def replacing(forms: Mapping[Any, Any]) -> Callable[[SymbolicValue], Any]:
    """The change of symbols in which these names are replaced."""
    return lambda symbol: replaced(symbol, lambda name: forms.get(name.key, name))
