"""Expressions over names as an engineer would write them in Python."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeGuard, cast

from ssrdsl.space.expressions.algebra import Apply, Decided, ExactScalar, Product, Variable, as_linear, evaluate

Monomial = tuple[tuple[Decided, ...], int | Fraction]
"""Factors in the order in which they are written, and a coefficient; the term without factors is the constant."""


def terms(form: ExactScalar) -> list[Monomial]:
    """The terms of a number, the constant last."""
    constant, parts = as_linear(form)
    found: list[Monomial] = [(factors(atom), coefficient) for atom, coefficient in parts]
    return [*found, ((), constant)] if constant else found


def factors(atom: Decided) -> tuple[Decided, ...]:
    """The factors of a term: `expand` before `in_channels`, functions last."""
    return tuple(sorted(atom.factors, key=_order)) if isinstance(atom, Product) else (atom,)


def atoms(form: ExactScalar) -> Iterator[Variable | Apply]:
    """The names and functions in an expression, those inside of functions as well."""
    for held, _ in terms(form):
        for atom in held:
            yield cast("Variable | Apply", atom)
            for argument in atom.arguments if isinstance(atom, Apply) else ():
                yield from atoms(argument)


def keys(form: ExactScalar) -> Iterator[Any]:
    """The keys of the names in an expression."""
    return (atom.key for atom in atoms(form) if isinstance(atom, Variable))


def names(form: ExactScalar) -> set[str]:
    """The keys that are strings."""
    return {key for key in keys(form) if isinstance(key, str)}


def is_application(form: Any, *functions: str) -> TypeGuard[Apply]:
    """Whether an expression is a single call of one of these functions."""
    return isinstance(form, Apply) and form.function in functions


def divisor(form: ExactScalar) -> int:
    """The least number by which all coefficients become whole."""
    return math.lcm(*(Fraction(coefficient).denominator for _, coefficient in terms(form)))


def text(form: ExactScalar, division: str = "//") -> str:
    """The expression; `//` is right where its value is known to be whole, elsewhere `division` is `/`."""
    below = divisor(form)
    whole = [(held, int(coefficient * below)) for held, coefficient in terms(form)]
    whole.sort(key=lambda term: (term[1] < 0, not term[0]))
    above = _sum(whole)
    if below == 1:
        return above
    return f"({above}) {division} {below}" if len(whole) > 1 else f"{above} {division} {below}"


def is_atom(form: ExactScalar) -> bool:
    """Whether the text never needs parentheses: a name, a call, or a number that is whole and not negative."""
    if isinstance(form, Decided):
        return isinstance(form, (Variable, Apply)) and not _is_division(form)
    return isinstance(form, int) and form >= 0


def is_integer(form: ExactScalar, values: Mapping[Any, Any]) -> bool:
    """Whether Python computes an integer, and no float, for given values of the names."""
    return all(_is_integer(atom, values) for held, _ in terms(form) for atom in held)


def _is_integer(atom: Decided, values: Mapping[Any, Any]) -> bool:
    if isinstance(atom, Variable):
        return isinstance(values[atom.key], int)
    applied = cast(Apply, atom)
    if applied.function in {"divide", "element"}:
        return applied.function == "element" and isinstance(evaluate(applied, values), int)
    arguments = applied.arguments[1:] if applied.function == "round_to" else applied.arguments
    return applied.function in {"whole", "len"} or all(is_integer(argument, values) for argument in arguments)


def _order(atom: Decided) -> tuple[bool, bool, str]:
    written = _atom(atom)
    return isinstance(atom, Apply), written == "c" or written.endswith("channels"), written


def _is_division(atom: Decided) -> bool:
    """Whether the text of an atom needs parentheses unless it is alone."""
    return is_application(atom, "floordiv", "divide")


def _atom(atom: Decided) -> str:
    if isinstance(atom, Variable):
        return str(atom.key)
    function, arguments = cast(Apply, atom).function, cast(Apply, atom).arguments
    if _is_division(atom):
        above, below = map(text, arguments)
        above = f"({above})" if len(terms(arguments[0])) > 1 else above
        below = below if is_atom(arguments[1]) else f"({below})"
        return f"({above} {'/' if function == 'divide' else '//'} {below})"
    if function == "element":
        return f"{text(arguments[0])}[{text(arguments[1])}]"
    called = "round" if function == "whole" else function  # known to be whole, but Python computes it as a float
    return f"{called}({', '.join(text(argument, '/') for argument in arguments)})"


def _sum(whole: list[tuple[tuple[Decided, ...], int]]) -> str:
    written = ""
    for held, coefficient in whole:
        sign = "-" if coefficient < 0 else "+"
        joint = f" {sign} " if written else sign.replace("+", "")
        written += joint + _product(held, abs(coefficient), negated=joint == "-")
    return written or "0"


def _product(held: tuple[Decided, ...], coefficient: int, negated: bool) -> str:
    """The text of a product; `negated` is whether its first operator is a minus sign before it."""
    written = [_atom(atom) for atom in held]
    if coefficient != 1 or not written:
        written.insert(0, str(coefficient))
    elif len(held) == 1 and _is_division(held[0]) and not negated:
        return written[0][1:-1]
    return " * ".join(written)
