"""How numbers are written: polynomials over names with exact coefficients.

Forms are canonical: `c - x + x` prints `c`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias, TypeGuard

from ssrdsl.space.functions import FUNCTIONS

Number: TypeAlias = int | Fraction
Value: TypeAlias = Any
"""An int, Fraction, float, bool or str, or a tuple of those."""


@dataclass(frozen=True, slots=True)
class Loop:
    """The variable of a loop: `turn` is the place, in its block, of the turn in which it has its value."""

    turn: tuple[Any, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Side:
    """The height (`axis` 2) or width (3), at run time, of the last tensor that a part of a class takes."""

    slot: int
    axis: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of `FUNCTIONS` applied to forms: `max(1, c // 4)`."""

    function: str
    arguments: tuple[Form, ...]


Atom: TypeAlias = str | Loop | Side | Applied


@dataclass(frozen=True)
class Form:
    """A sum of coefficient * product of atoms; the product of no atoms is the constant's."""

    terms: tuple[tuple[tuple[Atom, ...], Number], ...]

    @staticmethod
    def constant(value: Number) -> Form:
        """The form of a number."""
        return Form((((), value),) if value else ())

    @staticmethod
    def atom(atom: Atom) -> Form:
        """The form of a single name."""
        return Form((((atom,), 1),))

    @property
    def is_constant(self) -> bool:
        """Whether no name occurs in it."""
        return all(not atoms for atoms, _ in self.terms)

    def __add__(self, other: Form) -> Form:
        merged = dict(self.terms)
        for atoms, coefficient in other.terms:
            merged[atoms] = merged.get(atoms, 0) + coefficient
        return Form(tuple((atoms, whole(c)) for atoms, c in merged.items() if c))

    def __mul__(self, other: Form) -> Form:
        product = Form(())
        for left, a in self.terms:
            for right, b in other.terms:
                product += Form(((tuple(sorted((*left, *right), key=_order)), a * b),))
        return product

    def atoms(self) -> Iterable[Atom]:
        """The names and applications in it, those inside applications included."""
        for atoms, _ in self.terms:
            for atom in atoms:
                yield atom
                if isinstance(atom, Applied):
                    for argument in atom.arguments:
                        yield from argument.atoms()

    @property
    def names(self) -> set[str]:
        """The names in it."""
        return {atom for atom in self.atoms() if isinstance(atom, str)}

    @property
    def has_sides(self) -> bool:
        """Whether it depends on the size that a tensor has at run time."""
        return any(isinstance(atom, Side) for atom in self.atoms())

    def applied(self, function: str) -> tuple[Form, ...] | None:
        """The arguments, if the form is an application of a function and nothing else."""
        if len(self.terms) != 1 or self.terms[0][1] != 1 or len(self.terms[0][0]) != 1:
            return None
        (atom,) = self.terms[0][0]
        return atom.arguments if isinstance(atom, Applied) and atom.function == function else None

    def ratio(self) -> tuple[Form, Form]:
        """Two forms of whole coefficients whose ratio it is: `p / q + 1` is that of `p + q` and `q`."""
        above, below = Form(()), Form.constant(self.divisor)
        divisors = dict.fromkeys(atom.arguments[1] for atoms, _ in self.terms for atom in atoms if _is_ratio(atom))
        for atoms, coefficient in self.terms:
            term, left = Form.constant(whole(coefficient * self.divisor)), list(divisors)
            for atom in atoms:
                term *= atom.arguments[0] if _is_ratio(atom) else Form.atom(atom)
                if _is_ratio(atom) and atom.arguments[1] in left:
                    left.remove(atom.arguments[1])
            above += math.prod(left, start=term)
        return above, math.prod(divisors, start=below)

    def is_integer(self, values: Mapping[Any, Value]) -> bool:
        """Whether Python computes an integer, and no float, for given values of the names."""
        return all(_is_integer(atom, values) for atoms, _ in self.terms for atom in atoms)

    def replaced(self, meaning: Callable[[Atom], Form | None]) -> Form:
        """The form with atoms replaced by what they mean; None keeps an atom."""
        total = Form(())
        for atoms, coefficient in self.terms:
            product = Form.constant(coefficient)
            for atom in atoms:
                product *= _replaced(atom, meaning)
            total += product
        return total

    def evaluate(self, values: Mapping[Any, Value]) -> Value:
        """The value for given values of the names. Raises KeyError for a name without one."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            return _evaluated(self.terms[0][0][0], values)
        total: Number = 0
        for atoms, coefficient in self.terms:
            product = coefficient
            for atom in atoms:
                product *= _evaluated(atom, values)
            total += product
        return whole(total)

    @cached_property
    def text(self) -> str:
        """The form as Python, exact division as `//` (its value is known to be whole where it is used)."""
        return self._written("//")

    @cached_property
    def exact_text(self) -> str:
        """The form as Python where its value need not be whole."""
        return self._written("/")

    def _written(self, division: str) -> str:
        divisor = self.divisor
        terms = [(atoms, int(c * divisor)) for atoms, c in self.terms]
        terms.sort(key=lambda term: (term[1] < 0, not term[0]))
        text = _sum(terms)
        if divisor == 1:
            return text
        return f"({text}) {division} {divisor}" if len(terms) > 1 else f"{text} {division} {divisor}"

    @property
    def constant_term(self) -> Number:
        """The number that is added to terms with names."""
        return next((coefficient for atoms, coefficient in self.terms if not atoms), 0)

    @property
    def divisor(self) -> int:
        """The least number by which all coefficients become whole."""
        return math.lcm(*(Fraction(c).denominator for _, c in self.terms))

    @property
    def is_sum(self) -> bool:
        """Whether its text needs parentheses in a product."""
        return len(self.terms) > 1

    @property
    def is_atom(self) -> bool:
        """Whether its text never needs parentheses: a name, a call, or a number that is whole and not negative."""
        if len(self.terms) != 1:
            return not self.terms
        atoms, coefficient = self.terms[0]
        if not atoms:
            return isinstance(coefficient, int) and coefficient >= 0
        return len(atoms) == 1 and coefficient == 1 and not _is_division(atoms[0])


def whole(value: Number) -> Number:
    """A whole Fraction as an int."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _order(atom: Atom) -> tuple[bool, bool, str]:
    """Factors before what they multiply: `expand * in_channels`."""
    text = _atom_text(atom)
    return isinstance(atom, Applied), text == "c" or text.endswith("channels"), text


def _atom_text(atom: Atom) -> str:
    if isinstance(atom, str):
        return atom
    if isinstance(atom, Loop):
        return atom.name
    if isinstance(atom, Side):
        return f"shape[{atom.axis}]"
    if _is_division(atom):
        left, right = atom.arguments
        dividend = f"({left.text})" if left.is_sum else left.text
        divisor = right.text if right.is_atom else f"({right.text})"
        return f"({dividend} {'/' if _is_ratio(atom) else '//'} {divisor})"
    if atom.function == "element":
        return f"{atom.arguments[0].text}[{atom.arguments[1].text}]"
    if atom.function == "whole":  # the value is known to be whole, but Python computes it as a float
        return f"round({atom.arguments[0].exact_text})"
    return f"{atom.function}({', '.join(argument.exact_text for argument in atom.arguments)})"


def _is_division(atom: Atom) -> TypeGuard[Applied]:
    """Whether an atom is a division, whose text is in parentheses unless it is alone."""
    return isinstance(atom, Applied) and atom.function in {"floordiv", "divide"}


def _is_ratio(atom: Atom) -> TypeGuard[Applied]:
    """Whether an atom is an exact division."""
    return isinstance(atom, Applied) and atom.function == "divide"


def _is_integer(atom: Atom, values: Mapping[Any, Value]) -> bool:
    if not isinstance(atom, Applied):
        return isinstance(values[atom], int)
    if atom.function in {"divide", "element"}:
        return atom.function == "element" and isinstance(_evaluated(atom, values), int)
    arguments = atom.arguments[1:] if atom.function == "round_to" else atom.arguments
    return atom.function in {"whole", "len"} or all(argument.is_integer(values) for argument in arguments)


def _product(atoms: tuple[Atom, ...], coefficient: int, negated: bool) -> str:
    """The text of a product; `negated` tells that a minus sign is before it as its first operator."""
    factors = [_atom_text(atom) for atom in atoms]
    if abs(coefficient) != 1 or not factors:
        factors.insert(0, str(abs(coefficient)))
    elif len(atoms) == 1 and _is_division(atoms[0]) and not negated:
        return factors[0][1:-1]
    return " * ".join(factors)


def _sum(terms: list[tuple[tuple[Atom, ...], int]]) -> str:
    text = ""
    for atoms, coefficient in terms:
        sign = "-" if coefficient < 0 else "+"
        joint = f" {sign} " if text else sign.replace("+", "")
        text += joint + _product(atoms, coefficient, negated=joint == "-")
    return text or "0"


def _replaced(atom: Atom, meaning: Callable[[Atom], Form | None]) -> Form:
    found = meaning(atom)
    if found is not None:
        return found
    if isinstance(atom, Applied):
        return Form.atom(Applied(atom.function, tuple(a.replaced(meaning) for a in atom.arguments)))
    return Form.atom(atom)


def _evaluated(atom: Atom, values: Mapping[Any, Value]) -> Value:
    if isinstance(atom, Applied):
        return whole(FUNCTIONS[atom.function](*(argument.evaluate(values) for argument in atom.arguments)))
    return values[atom]
