"""Python expressions as trees: constructions of operators, and further expressions of emitted files.

`flat` gives the text on one line, with parentheses where an operation binds less tightly than the one around it;
`layout` splits what is too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ssrdsl.operators.construction import (
    Called,
    Code,
    Extent,
    Infix,
    Leaf,
    Listed,
    Operand,
    Slice,
    Subscript,
    scalar_text,
)  # fmt: skip
from ssrdsl.space.expressions.formulas import ATOM, PRODUCT, SUM, TERNARY, UNARY, strength
from ssrdsl.space.expressions.symbols import Formed, changed, replaced, symbols_in


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
    if type(code) is tuple:
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


def symbols(code: Any) -> Iterator[Formed]:
    """The symbols in code."""
    for tree in walk(code):
        if isinstance(tree, Leaf):
            yield from symbols_in(tree.scalar)


def is_literal_code(code: Any) -> bool:
    """Whether code has no symbols. (A symbol may have the value false, so that `any` cannot find it.)"""
    return next(symbols(code), None) is None


def with_symbols(code: Any, change: Callable[[Formed], Any]) -> Any:
    """The code with every symbol changed."""
    return rebuilt(code, lambda tree: Leaf(changed(tree.scalar, change)) if isinstance(tree, Leaf) else None)


def replacing(forms: Mapping[Any, Any]) -> Callable[[Formed], Any]:
    """The change of symbols in which these names are replaced."""
    return lambda symbol: replaced(symbol, lambda name: forms.get(name.key, name))


def flat(code: Code) -> str:
    """The text on one line."""
    if (found := bracketed(code)) is not None:
        head, parts, tail = found
        return head + ", ".join(before + flat(part) for before, part in parts) + tail
    match code:
        case Raw(text=text):
            return text
        case Operand(index=index):
            return f"${index}"
        case Leaf(scalar=scalar):
            return scalar_text(scalar)
        case Extent(tensor=tensor):
            return f"{bound(tensor, ATOM)}.shape[2:]"
        case Subscript(value=value, slices=slices):
            return f"{bound(value, ATOM)}[{', '.join(map(flat, slices))}]"
        case Slice(start=start, stop=stop, step=step):
            ends = ":".join("" if part is None else bound(part, UNARY) for part in (start, stop))
            if step is None:
                return ends
            text = bound(step, UNARY)
            return f"{ends}:{text}" if text.isalnum() else f"{ends}: {text}"
        case Tupled(items=items):
            return ", ".join(map(flat, items))
        case Each(element=element, names=names, values=values, brackets=brackets):
            return f"{brackets[:1]}{flat(element)} for {names} in {flat(values)}{brackets[1:]}"
        case Starred(value=value):
            return f"*{flat(value)}"
        case Infix(sign=sign, operands=operands):
            return f" {sign} ".join(bound(part, binding(code)) for part in operands)
        case Ternary(then=then, condition=condition, otherwise=otherwise):
            return f"{flat(then)} if {flat(condition)} else {flat(otherwise)}"
    raise TypeError(code)


def bracketed(code: Code) -> tuple[str, list[tuple[str, Code]], str] | None:
    """The parts of a call, list, tuple or mapping with their prefixes (`name=`), and the texts before and after them.

    None for other code.
    """
    match code:
        case Called(target=function, arguments=arguments, keywords=keywords):
            if not function or function.startswith("."):
                function, arguments = bound(arguments[0], ATOM) + function, arguments[1:]
            parts: list[tuple[str, Code]] = [("", part) for part in arguments]
            return f"{function}(", [*parts, *((f"{name}=", value) for name, value in keywords)], ")"
        case Listed(items=items):
            return "[", [("", item) for item in items], "]"
        case Leaf(scalar=scalar) if type(scalar) is tuple and len(scalar) > 1:
            return "(", [("", Leaf(item)) for item in scalar], ")"
        case Mapped(items=pairs):
            return "{", [(f'"{name}": ', value) for name, value in pairs], "}"
    return None


def binding(code: Code) -> int:
    """How tightly the outermost operation of a tree binds."""
    match code:
        case Leaf(scalar=Formed() as symbol):
            return strength(symbol.form)
        case Leaf(scalar=scalar):
            return UNARY if isinstance(scalar, (int, Fraction, float)) and scalar < 0 else ATOM
        case Infix(sign=sign):
            return PRODUCT if sign == "*" else SUM
        case Ternary():
            return TERNARY
        case _:
            return ATOM


def bound(code: Code, strength: int) -> str:
    """The text, in parentheses if it binds less tightly than required."""
    return flat(code) if binding(code) <= strength else f"({flat(code)})"
