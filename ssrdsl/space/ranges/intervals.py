"""The values of a scalar over decisions: its interval, and the set of its values if they are few.

Both are computed from those of the parts (interval arithmetic: Moore, 1966) and include all values. They are exact if
the parts depend on different decisions, which is the common case. Otherwise they may be too large: `exact` is False.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from math import ceil, floor, prod
from typing import Any, NamedTuple, cast

from ssrdsl.space.expressions import Apply, Decided, ExactScalar, LinearForm, Product, Switch, number
from ssrdsl.space.functions import COMPARISONS, FUNCTIONS, ROUNDINGS

FEW = 200
"""The largest number of values in a set."""
_MONOTONE = ROUNDINGS | {"min", "max", "and", "or"}
"""Functions that are monotonically increasing in all arguments."""


class ValueInterval(NamedTuple):
    """The least and the greatest value of a scalar or cost; bounds that may not be attained if not `exact`."""

    least: Any
    greatest: Any
    exact: bool = True

    @property
    def is_constant(self) -> bool:
        """Whether there is only one value."""
        return bool(self.least == self.greatest)


def interval(scalar: ExactScalar, memo: dict[Decided, ValueInterval] | None = None) -> ValueInterval:
    """The interval of a number or boolean over all assignments. `memo` may be shared between calls."""
    if isinstance(scalar, str):
        raise UnboundedError(scalar)
    if not isinstance(scalar, Decided):
        return ValueInterval(scalar, scalar)
    memo = {} if memo is None else memo
    found = memo.get(scalar)
    if found is None:
        found = memo[scalar] = _interval(scalar, [interval(part, memo) for part in scalar.parts])
    return found


def _interval(scalar: Decided, parts: list[ValueInterval]) -> ValueInterval:
    if isinstance(scalar, Switch):
        # The branches of a decision do not depend on that decision, so they are independent.
        return ValueInterval(min(p.least for p in parts), max(p.greatest for p in parts), all(p.exact for p in parts))
    if isinstance(scalar, LinearForm):
        return _sum(scalar, parts)
    if isinstance(scalar, Product):
        return _product(scalar, parts)
    return _applied(cast(Apply, scalar), parts)


def _apart(scalars: tuple[ExactScalar, ...]) -> bool:
    """Whether the scalars depend on different decisions."""
    supports = [scalar.support for scalar in scalars if isinstance(scalar, Decided)]
    return sum(map(len, supports)) == len(frozenset().union(*supports))


def _sum(scalar: LinearForm, parts: list[ValueInterval]) -> ValueInterval:
    least = greatest = scalar.constant
    for part, (_, coefficient) in zip(parts, scalar.terms, strict=True):
        ends = (part.least * coefficient, part.greatest * coefficient)
        least += min(ends)
        greatest += max(ends)
    exact = all(part.exact for part in parts) and _apart(tuple(atom for atom, _ in scalar.terms))
    return ValueInterval(least, greatest, exact)


def _product(scalar: Product, parts: list[ValueInterval]) -> ValueInterval:
    least = greatest = cast(Any, 1)
    for part in parts:
        corners = [one * other for one in (least, greatest) for other in (part.least, part.greatest)]
        least, greatest = min(corners), max(corners)
    return ValueInterval(least, greatest, all(part.exact for part in parts) and _apart(scalar.factors))


def _applied(scalar: Apply, parts: list[ValueInterval]) -> ValueInterval:
    function = FUNCTIONS[scalar.function]
    exact = all(part.exact for part in parts) and _apart(scalar.arguments)
    if scalar.function in _MONOTONE:
        return ValueInterval(function(*(p.least for p in parts)), function(*(p.greatest for p in parts)), exact)
    if scalar.function == "round_to" and parts[1].is_constant:
        (least, greatest, _), (divisor, *_) = parts
        return ValueInterval(function(least, divisor), function(greatest, divisor), exact)
    if scalar.function == "divide" and (parts[1].least > 0 or parts[1].greatest < 0):
        corners = [function(a, b) for a in parts[0][:2] for b in parts[1][:2]]
        return ValueInterval(min(corners), max(corners), exact)
    if scalar.function in COMPARISONS:
        return _compared(scalar.function, parts[0])
    if scalar.function == "item":
        return _item(parts[0], parts[1:], exact)
    raise UnboundedError(scalar)


def _item(index: ValueInterval, items: list[ValueInterval], exact: bool) -> ValueInterval:
    """The items at indices in an interval; exact if the first and last item have its ends, as in a sorted list."""
    within = items[max(0, ceil(index.least)) : floor(index.greatest) + 1]
    least, greatest = min(p.least for p in within), max(p.greatest for p in within)
    first, last = within[0], within[-1]
    attained = least in (first.least, last.least) and greatest in (first.greatest, last.greatest)
    return ValueInterval(least, greatest, exact and attained)


class UnboundedError(ValueError):
    """A scalar has no interval: a divisor may be zero, or it is a string."""


def _compared(function: str, left: ValueInterval) -> ValueInterval:
    """The values of a comparison with 0. If there are two, possibly only one of them occurs."""
    answers = {FUNCTIONS[function](end, 0) for end in left[:2]}
    if function in {"==", "!="} and left.least < 0 < left.greatest:
        answers = {False, True}
    return ValueInterval(min(answers), max(answers), len(answers) == 1)


def values(scalar: ExactScalar, memo: dict[Decided, frozenset[Any] | None] | None = None) -> frozenset[Any] | None:
    """The values of a scalar, possibly with others; None if they are too many."""
    if not isinstance(scalar, Decided):
        return frozenset([scalar])
    memo = {} if memo is None else memo
    if scalar not in memo:
        memo[scalar] = _values(scalar, [values(part, memo) for part in scalar.parts])
    return memo[scalar]


def _values(scalar: Decided, parts: list[frozenset[Any] | None]) -> frozenset[Any] | None:
    if isinstance(scalar, Switch):
        known = [part for part in parts if part is not None]
        return _few(value for part in known for value in part) if len(known) == len(parts) else None
    if isinstance(scalar, LinearForm):
        total: frozenset[Any] | None = frozenset([scalar.constant])
        for part, (_, coefficient) in zip(parts, scalar.terms, strict=True):
            total = _image(lambda held, value, c=coefficient: held + c * value, [total, part])
        return total
    if isinstance(scalar, Product):
        return _image(lambda *factors: prod(factors), parts)
    try:
        return _image(FUNCTIONS[cast(Apply, scalar).function], parts)
    except (ZeroDivisionError, IndexError):
        return None  # a combination of values that never occurs


def _image(function: Any, sets: list[frozenset[Any] | None]) -> frozenset[Any] | None:
    """The results over all combinations of values."""
    known = [found for found in sets if found is not None]
    if len(known) < len(sets) or prod(map(len, known)) > FEW * FEW:
        return None
    return _few(number(function(*combination)) for combination in product(*known))


def _few(found: Iterable[Any]) -> frozenset[Any] | None:
    distinct = set()
    for value in found:
        distinct.add(value)
        if len(distinct) > FEW:
            return None
    return frozenset(distinct)
