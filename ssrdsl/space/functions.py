"""The functions of expressions, on plain numbers, booleans and strings."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, cast

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
ROUNDINGS = frozenset({"floor", "ceil", "round"})


def _round(value: Any) -> int:
    return cast(int, math.floor(value + Fraction(1, 2)))


def _round_to(value: Any, divisor: Any) -> int | Fraction:
    """The nearest positive multiple of the divisor; the next one if that is below 90 % of the value.

    This is how MobileNetV2 rounds its widths (Sandler et al., CVPR 2018).
    """
    rounded = max(divisor, math.floor((value + Fraction(divisor) / 2) / divisor) * divisor)
    return cast(int, rounded + divisor if rounded < Fraction(9, 10) * value else rounded)


def _item(index: Any, *items: Any) -> Any:
    """The item at an index. Raises IndexError if there is none, also for negative indices."""
    if not (isinstance(index, int) and 0 <= index < len(items)):
        raise IndexError(index)
    return items[index]


def _whole_number(value: Any) -> Any:
    """The value, an integer. Raises TypeError for any other."""
    if not isinstance(value, int):
        raise TypeError(value)
    return value


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "divide": lambda a, b: Fraction(a) / Fraction(b),
    "floor": math.floor,
    "ceil": math.ceil,
    "round": _round,
    "round_to": _round_to,
    "min": min,
    "max": max,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": lambda *a: all(a),
    "or": lambda *a: any(a),
    "item": _item,
    # Only used by formulas in emitted files:
    "not": operator.not_,
    "if": lambda test, then, otherwise: then if test else otherwise,
    "floordiv": lambda a, b: _whole_number(a) // _whole_number(b),
    "whole": _whole_number,
    "len": len,
    "sum": sum,
    "range": lambda start, stop, step: list(range(start, stop + (1 if step > 0 else -1), step)),
    "element": lambda values, index: values[index],
}
