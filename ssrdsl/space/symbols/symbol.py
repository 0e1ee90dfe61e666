"""Numbers that remember how they were written.

A symbol pairs a value with its form. Operators compute with symbols as with numbers (shape rules and constructions are
generic), comparisons are those of the values, and the form is what the emitted file prints.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import total_ordering
from typing import Any

from ssrdsl.space.functions import FUNCTIONS
from ssrdsl.space.symbols.forms import Applied, Atom, Form, Value, whole


@total_ordering
class Symbol:
    """A value with its form. Arithmetic works on both, comparisons and truth on the value alone."""

    __slots__ = ("form", "value")

    def __init__(self, value: Value, form: Form) -> None:
        self.value = value
        self.form = form

    def __add__(self, other: Any) -> Any:
        return _combined(self, other, operator.add)

    def __radd__(self, other: Any) -> Any:
        return _combined(other, self, operator.add)

    def __sub__(self, other: Any) -> Any:
        return self + -1 * other

    def __rsub__(self, other: Any) -> Any:
        return other + -1 * self

    def __mul__(self, other: Any) -> Any:
        return _combined(self, other, operator.mul)

    def __rmul__(self, other: Any) -> Any:
        return _combined(other, self, operator.mul)

    def __truediv__(self, other: Any) -> Any:
        return self * (Fraction(1) / value_of(other)) if is_literal(other) else _ratio(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _ratio(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return floor(self / other)

    def __rfloordiv__(self, other: Any) -> Any:
        return floor(other / self)

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
        return floor(self)

    def __ceil__(self) -> Any:
        _, below = self.form.ratio()
        # (c + 2) // 3 where the divisor is known to be positive.
        return floor(self + (1 - Fraction(1) / below.evaluate({}))) if below.is_constant else -floor(-self)

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

    def __str__(self) -> str:
        return self.form.text

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


class FormedList(list[Any]):
    """A list that has a form as a whole: an argument of a block such as `grids`."""

    form: Form

    @classmethod
    def of(cls, values: Iterable[Any], form: Form) -> FormedList:
        """The values with a form."""
        made = cls(values)
        made.form = form
        return made


def element(values: Any, index: int) -> Any:
    """An element of a list or tuple; that of one with a form has a form, too: `grids[0]`."""
    value = values[index]
    if not isinstance(values, (FormedTuple, FormedList)) or not isinstance(value, (int, Fraction)):
        return value
    return named(value, Applied("element", (values.form, Form.constant(index))))


def length(values: Any) -> Any:
    """The number of elements of a list: `len(grids)` of one with a form."""
    return named(len(values), Applied("len", (values.form,))) if isinstance(values, FormedList) else len(values)


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


def equal(one: Any, other: Any) -> bool:
    """Whether two scalars have the same value; a truth value is no number."""
    left, right = value_of(one), value_of(other)
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def replaced(symbol: Symbol, meaning: Callable[[Atom], Form | None]) -> Any:
    """A symbol with atoms replaced by what they mean (None: themselves); a plain number where no name is left."""
    form = symbol.form.replaced(meaning)
    return form.evaluate({}) if form.is_constant else Symbol(symbol.value, form)


def form_of(scalar: Any) -> Form | None:
    """The form of a number or symbol; None for other literals."""
    if isinstance(scalar, Symbol):
        return scalar.form
    if isinstance(scalar, (int, Fraction)) and not isinstance(scalar, bool):
        return Form.constant(scalar)
    return None


def changed(scalar: Any, change: Callable[[Symbol], Any]) -> Any:
    """A scalar with its symbols changed, those of a tuple, too."""
    if isinstance(scalar, tuple):
        return tuple(changed(part, change) for part in scalar)
    return change(scalar) if isinstance(scalar, Symbol) else scalar


def symbols_in(scalar: Any) -> Iterator[Symbol]:
    """The symbols of a scalar: itself, or those of a tuple."""
    if isinstance(scalar, tuple):
        for part in scalar:
            yield from symbols_in(part)
    elif isinstance(scalar, Symbol):
        yield scalar


def is_literal(scalar: Any) -> bool:
    """Whether no name occurs in a scalar."""
    return all(symbol.form.is_constant for symbol in symbols_in(scalar))


def floor(scalar: Any) -> Any:
    """The largest integer not above; what is known to be whole stays as it is."""
    if not isinstance(scalar, Symbol):
        return math.floor(scalar)
    # (h - 8) // 8 + 1 is h // 8.
    outside = math.floor(scalar.form.constant_term)
    above, below = (scalar - outside).form.ratio() if outside else scalar.form.ratio()
    if below.is_constant and below.evaluate({}) == 1:
        return scalar
    return named(math.floor(scalar.value) - outside, Applied("floordiv", (above, below))) + outside


def applied(function: str, *arguments: Any) -> Any:
    """A function of `FUNCTIONS` applied to scalars of which at least one is a symbol."""
    if function in {"floor", "ceil", "round"}:  # by `__floor__` and `__ceil__` of the symbol
        return FUNCTIONS[function](*arguments)
    value = FUNCTIONS[function](*map(value_of, arguments))
    forms = tuple(form for form in map(form_of, arguments) if form is not None)
    if isinstance(value, (bool, str)) or all(map(is_literal, arguments)) or len(forms) < len(arguments):
        return value
    if function in {"max", "min"} and (divisor := math.lcm(*(form.divisor for form in forms))) > 1:
        # max(a / 2, b) is written max(a, 2 * b) // 2: a division in a function would give a float.
        whole_parts = (argument * divisor for argument in arguments)
        return applied(function, *whole_parts) / divisor
    if function in {"max", "min"}:  # min(min(p, q), 5) is min(p, q, 5)
        forms = tuple(part for form in forms for part in form.applied(function) or (form,))
    return named(whole(value), Applied(function, forms))


def _ratio(left: Any, right: Any) -> Any:
    """The exact ratio, as that of two forms of whole coefficients; that of a multiple is a number."""
    value = whole(Fraction(value_of(left)) / Fraction(value_of(right)))
    dividend, divisor = form_of(left), form_of(right)
    if dividend is None or divisor is None:
        return value
    (above, below), (over, under) = dividend.ratio(), divisor.ratio()
    above, below = above * under, below * over
    if above == below * Form.constant(value):
        return value
    return named(value, Applied("divide", (above, below)))


def _combined(left: Any, right: Any, operation: Callable[[Any, Any], Any]) -> Any:
    """The result of an operation on values, and on forms where both have one."""
    value = operation(value_of(left), value_of(right))
    forms = form_of(left), form_of(right)
    if None in forms:
        return value
    made = operation(*forms)
    return whole(value) if made.is_constant else Symbol(whole(value), made)
