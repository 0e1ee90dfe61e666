"""Arithmetic that attributes and extents share, whatever kind of number they are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ssrdsl.operators.definition import Scalar

Pair = tuple[Scalar, Scalar]


def pair(value: Any) -> Pair:
    """A single number as a pair (vertical, horizontal)."""
    return value if isinstance(value, tuple) else (value, value)


def is_decided(scalar: Scalar) -> bool:
    """Whether a scalar depends on decisions (and so can be compared with nothing)."""
    return hasattr(scalar, "support")


def is_one(scalar: Scalar) -> bool:
    """Whether a scalar is 1 in every architecture."""
    return bool(scalar == 1)


def ratio(dividend: Scalar, divisor: Scalar) -> Scalar:
    """The exact ratio, an int where it is plain and whole."""
    if dividend == divisor:
        return 1
    exact = dividend * (Fraction(1) / divisor)
    return exact.numerator if isinstance(exact, Fraction) and exact.denominator == 1 else exact
