"""Whether a scalar is a number, a boolean or a string in every architecture."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from ssrdsl.space.expressions import Apply, Decided, ExactScalar, Switch
from ssrdsl.space.expressions.symbols import value_of
from ssrdsl.space.functions import COMPARISONS

_numeric: WeakKeyDictionary[Decided, bool] = WeakKeyDictionary()


def is_numeric(scalar: ExactScalar) -> bool:
    """Whether a scalar is a number or a boolean, and never a string."""
    if not isinstance(scalar, Decided):
        return not isinstance(scalar, str)
    if scalar not in _numeric:
        _numeric[scalar] = all(map(is_numeric, _results(scalar)))
    return _numeric[scalar]


def _results(scalar: Decided) -> Iterable[ExactScalar]:
    """The scalars of which a switch or `item` selects one; empty for computed scalars."""
    if isinstance(scalar, Switch):
        return (value for _, value in scalar.branches)
    return scalar.arguments[1:] if isinstance(scalar, Apply) and scalar.function == "item" else ()


def is_truth(scalar: ExactScalar) -> bool:
    """Whether a scalar is a boolean in every architecture, and never a number or string."""
    if not isinstance(scalar, Decided):
        return isinstance(value_of(scalar), bool)
    if isinstance(scalar, Apply) and scalar.function in {*COMPARISONS, "and", "or"}:
        return True
    results = tuple(_results(scalar))
    return bool(results) and all(map(is_truth, results))


def sort(scalar: ExactScalar) -> str:
    """The type of a scalar: `boolean`, `number` or `string`."""
    return "boolean" if is_truth(scalar) else "number" if is_numeric(scalar) else "string"
