"""Numbers that remember how they were written: `c - in_channels` beside the 13 that it is in one instance.

A symbol pairs a value with its form, a polynomial over names with exact coefficients. Operators compute with symbols as
with numbers (shape rules and constructions are generic), comparisons are those of the values, and the form is what the
emitted file prints. Forms are canonical: `c - x + x` prints `c`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

Number: TypeAlias = int | Fraction
Value: TypeAlias = Any
"""An int, Fraction, float, bool or str, or a tuple of those."""


@dataclass(frozen=True, slots=True)
class Loop:
    """The variable of a loop: `turn` is the place, in its block, of the turn in which it has its value."""

    turn: tuple[Any, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of forms: `max(1, c // 4)`."""

    function: str
    arguments: tuple[Form, ...]


Atom: TypeAlias = str | Loop | Applied


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
        return Form(tuple((atoms, _whole(c)) for atoms, c in merged.items() if c))

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
        return _whole(total)

    @cached_property
    def text(self) -> str:
        """The form as Python, exact division as `//` (its value is known to be whole where it is used)."""
        return self._written("//")

    @cached_property
    def exact_text(self) -> str:
        """The form as Python where its value need not be whole."""
        return self._written("/")

    def _written(self, division: str) -> str:
        divisor = math.lcm(*(Fraction(c).denominator for _, c in self.terms))
        terms = [(atoms, int(c * divisor)) for atoms, c in self.terms]
        terms.sort(key=lambda term: (term[1] < 0, not term[0]))
        text = _sum(terms)
        if divisor == 1:
            return text
        return f"({text}) {division} {divisor}" if len(terms) > 1 else f"{text} {division} {divisor}"

    @property
    def is_sum(self) -> bool:
        """Whether its text needs parentheses in a product."""
        return len(self.terms) > 1

    @property
    def is_atom(self) -> bool:
        """Whether its text never needs parentheses."""
        return re.fullmatch(r"[\w.]+(\(.*\))?", self.text) is not None


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "max": max,
    "min": min,
    "floordiv": lambda a, b: a // b,
    "round_to": lambda value, divisor: _rounded(value, divisor),
    "len": len,
}


def _rounded(value: Number, divisor: int) -> int:
    rounded = max(divisor, math.floor((value + Fraction(divisor) / 2) / divisor) * divisor)
    return rounded + divisor if rounded < Fraction(9, 10) * value else rounded


def _whole(value: Number) -> Number:
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
    first, *others = atom.arguments
    if atom.function == "floordiv":
        return f"({f'({first.text})' if first.is_sum else first.text} // {others[0].text})"
    return f"{atom.function}({', '.join(argument.exact_text for argument in atom.arguments)})"


def _product(atoms: tuple[Atom, ...], coefficient: int) -> str:
    factors = [_atom_text(atom) for atom in atoms]
    if abs(coefficient) != 1 or not factors:
        factors.insert(0, str(abs(coefficient)))
    elif len(factors) == 1 and factors[0].startswith("("):
        return factors[0][1:-1]
    return " * ".join(factors)


def _sum(terms: list[tuple[tuple[Atom, ...], int]]) -> str:
    text = ""
    for atoms, coefficient in terms:
        sign = "-" if coefficient < 0 else "+"
        joint = f" {sign} " if text else sign.replace("+", "")
        text += joint + _product(atoms, coefficient)
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
        return FUNCTIONS[atom.function](*(argument.evaluate(values) for argument in atom.arguments))
    return values[atom]


class Symbol:
    """A value with its form. Arithmetic works on both, comparisons and truth on the value alone."""

    __slots__ = ("form", "value")

    def __init__(self, value: Value, form: Form) -> None:
        self.value = value
        self.form = form

    def __add__(self, other: Any) -> Any:
        return _combined(self, other, lambda a, b: a + b, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Any:
        return _combined(other, self, lambda a, b: a + b, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return self + -1 * other

    def __rsub__(self, other: Any) -> Any:
        return other + -1 * self

    def __mul__(self, other: Any) -> Any:
        return _combined(self, other, lambda a, b: a * b, lambda a, b: a * b)

    def __rmul__(self, other: Any) -> Any:
        return _combined(other, self, lambda a, b: a * b, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Any:
        return (
            self * (Fraction(1) / value_of(other)) if is_literal(other) else _opaque(value_of(self) / value_of(other))
        )

    def __rtruediv__(self, other: Any) -> Any:
        return _opaque(Fraction(other) / value_of(self))

    def __floordiv__(self, other: Any) -> Any:
        return floor(self / other) if is_literal(other) else applied("floordiv", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return applied("floordiv", other, self)

    def __mod__(self, other: Any) -> Any:
        return self.value % value_of(other)

    def __rmod__(self, other: Any) -> Any:
        return other % self.value

    def __neg__(self) -> Any:
        return -1 * self

    def __abs__(self) -> Any:
        return self if self.value >= 0 else -self

    def __pow__(self, exponent: int) -> Any:
        return math.prod([self] * exponent)

    def __floor__(self) -> Any:
        return math.floor(self.value)

    def __ceil__(self) -> Any:
        return math.ceil(self.value)

    def __round__(self, digits: int = 0) -> Any:
        return round(self.value, digits)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == value_of(other))

    def __ne__(self, other: object) -> bool:
        return bool(self.value != value_of(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < value_of(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= value_of(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > value_of(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= value_of(other))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __index__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        return f"{self.form.text}={self.value}"


class FormedTuple(tuple[Any, ...]):
    """A tuple that has a form as a whole: an argument of a block such as `size`."""

    form: Form

    @classmethod
    def of(cls, values: Iterable[Any], form: Form) -> FormedTuple:
        """The values with a form."""
        made = cls(values)
        made.form = form
        return made


def named(value: Value, name: Atom) -> Symbol:
    """A value that has a name."""
    return Symbol(value, Form.atom(name))


def value_of(scalar: Any) -> Value:
    """The value of a symbol; other values, also tuples of symbols, as they are."""
    if isinstance(scalar, Symbol):
        return scalar.value
    if isinstance(scalar, (tuple, list)):
        return tuple(value_of(item) for item in scalar)
    return scalar


def form_of(scalar: Any) -> Form | None:
    """The form of a number or symbol; None for other literals."""
    if isinstance(scalar, Symbol):
        return scalar.form
    if isinstance(scalar, (int, Fraction)) and not isinstance(scalar, bool):
        return Form.constant(scalar)
    return None


def is_literal(scalar: Any) -> bool:
    """Whether no name occurs in a scalar."""
    if isinstance(scalar, (tuple, list)):
        return all(map(is_literal, scalar))
    return not isinstance(scalar, Symbol) or scalar.form.is_constant


def floor(scalar: Any) -> Any:
    """The largest integer not above: a symbol keeps its form if that is known to be whole."""
    if not isinstance(scalar, Symbol):
        return math.floor(scalar)
    divisor = math.lcm(*(Fraction(c).denominator for _, c in scalar.form.terms))
    if divisor == 1:
        return scalar
    return applied("floordiv", scalar * divisor, divisor)


def applied(function: str, *arguments: Any) -> Any:
    """A function of `FUNCTIONS` applied to scalars."""
    value = FUNCTIONS[function](*map(value_of, arguments))
    forms = [form_of(argument) for argument in arguments]
    if all(map(is_literal, arguments)) or None in forms:
        return value
    return named(value, Applied(function, tuple(form for form in forms if form is not None)))


def _combined(
    left: Any, right: Any, on_values: Callable[[Any, Any], Any], on_forms: Callable[[Form, Form], Form]
) -> Any:
    value = on_values(value_of(left), value_of(right))
    forms = form_of(left), form_of(right)
    if forms[0] is None or forms[1] is None:
        return value
    value = _whole(value)
    made = on_forms(forms[0], forms[1])
    return value if made.is_constant else Symbol(value, made)


def _opaque(value: Number) -> Number:
    """The result of an operation without a form: a plain number."""
    return _whole(value)
