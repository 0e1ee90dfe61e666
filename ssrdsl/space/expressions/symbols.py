"""Numbers that keep their formula.

A symbol is a value, `13`, with an expression over names that has this value, `c - in_channels`. Operators compute with
symbols as with numbers (shape rules and constructions are generic), comparisons are those of the values, and the
emitted file prints the expression, which is called the form of the number.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable, Iterator, Sequence
from fractions import Fraction
from functools import total_ordering
from typing import Any, TypeAlias, TypeGuard, cast

from ssrdsl.space.expressions import algebra, formulas
from ssrdsl.space.expressions.algebra import (
    Apply,
    ArithmeticOperators,
    Decided,
    ExactScalar,
    Variable,
    as_linear,
    number,
)
from ssrdsl.space.expressions.formulas import divisor, is_application, terms, text
from ssrdsl.space.functions import COMPARISONS, FUNCTIONS, ROUNDINGS

PlainValue: TypeAlias = Any
"""An int, Fraction, float, bool or str, or a tuple of those."""


class Formed:
    """A value that has a form."""

    __slots__ = ()
    value: PlainValue
    form: ExactScalar

    def __str__(self) -> str:
        return text(self.form)


@total_ordering
class SymbolicValue(Formed, ArithmeticOperators):
    """A scalar with its form. Arithmetic works on both, comparisons and truth on the value alone."""

    __slots__ = ("form", "value")

    def __init__(self, value: PlainValue, form: ExactScalar) -> None:
        self.value = value
        self.form = form

    def __add__(self, other: Any) -> Any:
        return _combined(self, other, operator.add)

    def __radd__(self, other: Any) -> Any:
        return _combined(other, self, operator.add)

    def __mul__(self, other: Any) -> Any:
        return _combined(self, other, operator.mul)

    def __rmul__(self, other: Any) -> Any:
        return _combined(other, self, operator.mul)

    def __truediv__(self, other: Any) -> Any:
        return _ratio(self, other) if isinstance(other, SymbolicValue) else self * (Fraction(1) / other)

    def __rtruediv__(self, other: Any) -> Any:
        return _ratio(other, self)

    def __mod__(self, other: Any) -> Any:
        return self.value % value_of(other)

    def __rmod__(self, other: Any) -> Any:
        return other % self.value

    def __abs__(self) -> Any:
        return self if self.value >= 0 else -self

    def __pow__(self, exponent: int) -> Any:
        return math.prod([self] * exponent)

    def __floor__(self) -> Any:
        outside = math.floor(as_linear(self.form)[0])  # (h - 8) // 8 + 1 is h // 8
        above, below = _parts_of_ratio(algebra.add(self.form, -outside))
        if below == 1:
            return self
        return applied("floordiv", math.floor(self.value) - outside, above, below) + outside

    def __ceil__(self) -> Any:
        _, below = _parts_of_ratio(self.form)
        # (c + 2) // 3 where the divisor is known to be positive.
        return math.floor(self + (1 - Fraction(1, below))) if isinstance(below, int) else -math.floor(-self)

    def __round__(self, digits: int = 0) -> Any:
        return round(self.value, digits)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == value_of(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < value_of(other))

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
        return f"{self}={self.value}"


class FormedTuple(Formed, tuple[Any, ...]):
    """A tuple that has a form as a whole: an argument of a block such as `grids`."""

    @property
    def value(self) -> PlainValue:
        """The tuple without its form."""
        return tuple(self)


class FormedList(Formed, list[Any]):
    """A list that has a form as a whole."""


def with_form(value: Any, form: ExactScalar) -> Any:
    """A scalar, tuple or list with a form."""
    if not isinstance(value, (tuple, list)):
        return SymbolicValue(value, form)
    made = FormedTuple(value) if isinstance(value, tuple) else FormedList(value)
    made.form = form
    return made


def stepped(ends: Sequence[Any], count: int) -> list[Any]:
    """The numbers from start to stop, both included, by a step; with a form if an end has one and all are integers."""
    start, stop, step = ends
    values = [number(start + index * step) for index in range(count)]
    plain = all(type(value_of(end)) is int for end in (start, stop)) and type(step) is int
    has_form = plain and any(isinstance(end, Formed) for end in (start, stop))
    return cast("list[Any]", with_form(values, algebra.apply("range", *map(_any_form, ends)))) if has_form else values


def is_range(values: Any) -> TypeGuard[FormedList]:
    """Whether a list is a range of numbers; its elements have their own forms."""
    return isinstance(values, FormedList) and is_application(values.form, "range")


def element(values: Any, index: int) -> Any:
    """An element of a list or tuple; that of one with a form has a form, too: `grids[0]`."""
    value = values[index]
    if not isinstance(values, Formed) or is_range(values) or not isinstance(value, (int, Fraction)):
        return value
    return applied("element", value, values.form, index)


def length(values: Any) -> Any:
    """The number of elements of a list: `len(grids)` of one with a form."""
    if is_range(values):
        start, stop, step = cast(Apply, values.form).arguments
        count = algebra.divide(algebra.add(stop, algebra.multiply(-1, start)), step)
        return SymbolicValue(len(values), algebra.add(count, 1))
    return applied("len", len(values), values.form) if isinstance(values, FormedList) else len(values)


def named(value: Any, key: Hashable) -> Any:
    """A scalar, tuple or list that has a name."""
    return with_form(value, algebra.name(key))


def applied(function: str, value: PlainValue, *forms: ExactScalar) -> Any:
    """A value that a function has for numbers of these forms."""
    form = algebra.apply(function, *forms)
    return SymbolicValue(number(value), form) if isinstance(form, Decided) else number(value)


def value_of(scalar: Any) -> PlainValue:
    """The value of a symbol; other values, also tuples of symbols, as they are."""
    if isinstance(scalar, SymbolicValue):
        return scalar.value
    if isinstance(scalar, (tuple, list)):
        return tuple(value_of(item) for item in scalar)
    return scalar


def equal(one: Any, other: Any) -> bool:
    """Whether two scalars have the same value; a boolean is not a number."""
    left, right = value_of(one), value_of(other)
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def replaced(symbol: Formed, meaning: Callable[[Variable], Any]) -> Any:
    """A symbol with names replaced; a plain number if no name is left."""
    form = formulas.replaced(symbol.form, meaning)
    return with_form(symbol.value, form) if isinstance(form, Decided) else form


def form_of(scalar: Any) -> ExactScalar | None:
    """The form of a number or symbol, a number's is itself; None for other literals."""
    if isinstance(scalar, Formed):
        return scalar.form
    return number(scalar) if isinstance(scalar, (int, Fraction)) and not isinstance(scalar, bool) else None


def changed(scalar: Any, change: Callable[[Formed], Any]) -> Any:
    """A scalar with its symbols changed, those of a tuple, too."""
    if isinstance(scalar, Formed):
        return change(scalar)
    return tuple(changed(part, change) for part in scalar) if isinstance(scalar, tuple) else scalar


def symbols_in(scalar: Any) -> Iterator[Formed]:
    """The symbols of a scalar: itself, or those of a tuple."""
    if isinstance(scalar, Formed):
        yield scalar
    elif isinstance(scalar, tuple):
        for part in scalar:
            yield from symbols_in(part)


def apply(function: str, *arguments: Any) -> ExactScalar:
    """A function of `FUNCTIONS` applied to scalars; a symbol has methods for the roundings."""
    if function in ROUNDINGS or not any(isinstance(argument, SymbolicValue) for argument in arguments):
        return algebra.apply(function, *arguments)
    value: ExactScalar = FUNCTIONS[function](*map(value_of, arguments))
    if function in COMPARISONS:
        return _compared(function, value, *map(_any_form, arguments))
    if function in {"and", "or"}:
        return cast(ExactScalar, applied(function, value, *map(_any_form, arguments)))
    forms = [form for form in map(form_of, arguments) if form is not None]
    if isinstance(value, (bool, str)) or len(forms) < len(arguments):
        return value
    if function in {"max", "min"} and (times := math.lcm(*map(divisor, forms))) > 1:
        # max(a / 2, b) is written max(a, 2 * b) // 2: a division in a function would give a float.
        return algebra.divide(apply(function, *(argument * times for argument in arguments)), times)
    if function in {"max", "min"}:  # min(min(p, q), 5) is min(p, q, 5)
        forms = [part for form in forms for part in (form.arguments if is_application(form, function) else (form,))]
    found: ExactScalar = applied(function, value, *forms)
    return found


def either(test: Any, then: Any, otherwise: Any) -> Any:
    """`then if test else otherwise`: the chosen value; if all three have forms, with both in its form.

    A common divisor of both is outside of the conditional, so that its parts have whole coefficients.
    """
    taken = then if test else otherwise
    forms = tuple(map(_any_form, (test, then, otherwise)))
    if not isinstance(test, Formed) or None in forms or forms[1] == forms[2]:
        return taken
    times = math.lcm(*(divisor(form) for form in forms[1:] if not isinstance(form, (bool, str))))
    scaled = [form if times == 1 else algebra.multiply(times, form) for form in forms[1:]]
    form = algebra.apply("if", forms[0], *scaled)
    return with_form(value_of(taken) if isinstance(taken, SymbolicValue) else taken, algebra.divide(form, times))


def _any_form(scalar: Any) -> Any:
    """The form of a scalar; that of a string or boolean is itself, too."""
    return scalar if isinstance(scalar, (bool, str)) else form_of(scalar)


def _compared(function: str, value: ExactScalar, one: Any, other: Any) -> ExactScalar:
    """A comparison of forms, both times a number by which their coefficients become whole."""
    times = math.lcm(*(divisor(form) for form in (one, other) if not isinstance(form, (bool, str))))
    scaled = [form if times == 1 else algebra.multiply(times, form) for form in (one, other)]
    return value if scaled[0] == scaled[1] else cast(ExactScalar, applied(function, value, *scaled))


def _ratio(left: Any, right: Any) -> Any:
    """The exact ratio, as that of two forms of whole coefficients; that of a multiple is a number."""
    value = number(Fraction(value_of(left)) / Fraction(value_of(right)))
    dividend, by = form_of(left), form_of(right)
    if dividend is None or by is None:
        return value
    (above, below), (over, under) = _parts_of_ratio(dividend), _parts_of_ratio(by)
    above, below = above * under, below * over
    return value if above == below * value else applied("divide", value, above, below)


def _parts_of_ratio(form: ExactScalar) -> tuple[Any, Any]:
    """Two forms of whole coefficients whose ratio it is: `p / q + 1` is that of `p + q` and `q`."""
    parts, least = terms(form), divisor(form)
    divisors = dict.fromkeys(atom.arguments[1] for held, _ in parts for atom in held if is_application(atom, "divide"))
    above: Any = 0
    for held, coefficient in parts:
        term: Any = number(coefficient * least)
        left: list[Any] = list(divisors)
        for atom in held:
            if is_application(atom, "divide") and atom.arguments[1] in left:
                left.remove(atom.arguments[1])
            term *= atom.arguments[0] if is_application(atom, "divide") else atom
        above += math.prod(left, start=term)
    return above, math.prod(cast(Any, divisors), start=least)


def _combined(left: Any, right: Any, operation: Callable[[Any, Any], Any]) -> Any:
    """The result of an operation on values, and on forms where both have one."""
    value = operation(value_of(left), value_of(right))
    one, other = form_of(left), form_of(right)
    if one is None or other is None:
        return value
    form = operation(one, other)
    return SymbolicValue(number(value), form) if isinstance(form, Decided) else number(value)
