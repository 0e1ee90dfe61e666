"""Expressions over names as an engineer would write them in Python."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeGuard, cast

from ssrdsl.space.expressions.algebra import (
    Apply,
    Decided,
    ExactScalar,
    LinearForm,
    Product,
    Variable,
    add,
    apply,
    as_linear,
    multiply,
    rebuilt,
)
from ssrdsl.space.functions import COMPARISONS

ATOM, UNARY, PRODUCT, SUM, COMPARISON, JUNCTION, TERNARY = range(7)
"""How tightly an operation of Python binds its operands, from the tightest."""
_LOOSE = {**dict.fromkeys(COMPARISONS, COMPARISON), "not": COMPARISON, "and": JUNCTION, "or": JUNCTION, "if": TERNARY}
"""The functions whose text binds less tightly than a sum."""
Monomial = tuple[tuple[Decided, ...], int | Fraction]
"""Factors in the order in which they are written, and a coefficient; the term without factors is the constant."""


def replaced(scalar: ExactScalar, meaning: Callable[[Variable], Any]) -> Any:
    """The scalar with each name replaced; `meaning` may return any value that supports the scalar's arithmetic."""
    if isinstance(scalar, Variable):
        return meaning(scalar)
    return rebuilt(scalar, lambda part: replaced(part, meaning)) if isinstance(scalar, Decided) else scalar


def evaluate(scalar: ExactScalar, values: Mapping[Any, Any]) -> Any:
    """The value for given values of the names. Raises KeyError for a name without one."""
    return replaced(scalar, lambda name: values[name.key])


def settled(scalar: ExactScalar, values: Mapping[Any, Any]) -> ExactScalar:
    """The scalar with each conditional replaced by the branch that it takes for these values of the names."""
    if isinstance(scalar, Apply) and scalar.function == "if":
        test, then, otherwise = scalar.arguments
        return settled(then if evaluate(test, values) else otherwise, values)
    if not isinstance(scalar, Decided) or isinstance(scalar, Variable):
        return scalar
    return rebuilt(scalar, lambda part: settled(part, values))


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


def operands(form: ExactScalar) -> Iterator[ExactScalar]:
    """The numbers and names that a condition or conditional combines; any other expression as it is."""
    if is_application(form, *_LOOSE):
        for argument in form.arguments:
            yield from operands(argument)
    else:
        yield form


def with_operands(form: ExactScalar, change: Callable[[ExactScalar], ExactScalar]) -> ExactScalar:
    """The expression with its `operands` changed."""
    if is_application(form, *_LOOSE):
        return apply(form.function, *(with_operands(argument, change) for argument in form.arguments))
    return change(form)


def is_application(form: Any, *functions: str) -> TypeGuard[Apply]:
    """Whether an expression is a single call of one of these functions."""
    return isinstance(form, Apply) and form.function in functions


def divisor(form: ExactScalar) -> int:
    """The least number by which all coefficients become whole."""
    return math.lcm(*(Fraction(coefficient).denominator for _, coefficient in terms(form)))


def text(form: ExactScalar, division: str = "//") -> str:
    """The expression; `//` is right where its value is known to be whole, elsewhere `division` is `/`."""
    if isinstance(form, (bool, str)):
        return str(form) if isinstance(form, bool) else json.dumps(form, ensure_ascii=False)
    if isinstance(form, Apply) and form.function in _LOOSE:
        return _loose(form, division)
    if isinstance(form, LinearForm) and not form.constant and len(form.terms) == 1:
        (atom, coefficient), *_ = form.terms
        if isinstance(atom, Apply) and atom.function == "if" and isinstance(coefficient, Fraction):
            test, *branches = atom.arguments
            return text(apply("if", test, *(multiply(coefficient, branch) for branch in branches)), division)
    below = divisor(form)
    whole = [(held, int(coefficient * below)) for held, coefficient in terms(form)]
    whole.sort(key=lambda term: (term[1] < 0, not term[0]))
    above = _sum(whole)
    if below == 1:
        return above
    return f"({above}) {division} {below}" if len(whole) > 1 else f"{above} {division} {below}"


def strength(form: ExactScalar) -> int:
    """How tightly the outermost operation of the text binds."""
    if isinstance(form, Apply):
        return PRODUCT if _is_division(form) else _LOOSE.get(form.function, ATOM)
    if isinstance(form, int):
        return UNARY if form < 0 else ATOM
    if isinstance(form, (Variable, str)):
        return ATOM
    return SUM if divisor(form) == 1 and len(terms(form)) > 1 else PRODUCT


def is_atom(form: ExactScalar) -> bool:
    """Whether the text never needs parentheses: a name, a call, or a number that is whole and not negative."""
    return strength(form) == ATOM


def is_integer(form: ExactScalar, values: Mapping[Any, Any]) -> bool:
    """Whether Python computes an integer, and no float, for given values of the names."""
    return all(_is_integer(atom, values) for held, _ in terms(form) for atom in held)


def _is_integer(atom: Decided, values: Mapping[Any, Any]) -> bool:
    if isinstance(atom, Variable):
        return isinstance(values[atom.key], int)
    applied = cast(Apply, atom)
    if applied.function in {"divide", "element"}:
        return applied.function == "element" and isinstance(evaluate(applied, values), int)
    if applied.function == "if":
        test, then, otherwise = applied.arguments
        return is_integer(then if evaluate(test, values) else otherwise, values)
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
        sign = "/" if function == "divide" else "//"
        return f"({_bound(arguments[0], PRODUCT)} {sign} {_bound(arguments[1], ATOM)})"
    if function in _LOOSE:
        return f"({_loose(cast(Apply, atom))})"
    if function == "element":
        return f"{text(arguments[0])}[{text(arguments[1])}]"
    if function == "range":
        return _range(*arguments)
    called = "round" if function == "whole" else function  # known to be whole, but Python computes it as a float
    return f"{called}({', '.join(text(argument, '/') for argument in arguments)})"


def _range(start: ExactScalar, stop: ExactScalar, step: ExactScalar) -> str:
    """Python's range, which excludes its end."""
    end = text(add(stop, 1 if cast(int, step) > 0 else -1))
    return (
        f"range({end})"
        if (start, step) == (0, 1)
        else f"range({text(start)}, {end}{'' if step == 1 else f', {text(step)}'})"
    )


def _loose(applied: Apply, division: str = "//") -> str:
    """The text of a comparison, a junction, a negation or a conditional."""
    function, arguments = applied.function, applied.arguments
    if function == "if":
        test, then, otherwise = arguments
        return f"{_bound(then, JUNCTION, division)} if {_bound(test, JUNCTION)} else {text(otherwise, division)}"
    parts = [_bound(argument, SUM if function in COMPARISONS else COMPARISON, "/") for argument in arguments]
    return f"not {parts[0]}" if function == "not" else f" {function} ".join(parts)


def _bound(form: ExactScalar, weakest: int, division: str = "//") -> str:
    """The text, in parentheses if it binds less tightly than required."""
    return text(form, division) if strength(form) <= weakest else f"({text(form, division)})"


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
