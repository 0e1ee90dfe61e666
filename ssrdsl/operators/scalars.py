"""Arithmetic for attributes and extents of any number type."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ssrdsl.operators.definition import Scalar

Pair = tuple[Scalar, Scalar]


def pair(value: Any) -> Pair:
    """A single number as a pair (vertical, horizontal)."""
    return value if isinstance(value, tuple) else (value, value)


def is_decided(scalar: Scalar) -> bool:
    """Whether a scalar depends on decisions (and so cannot be compared)."""
    return hasattr(scalar, "support")


def is_one(scalar: Scalar) -> bool:
    """Whether a scalar is 1 in every architecture."""
    return bool(scalar == 1)


def ratio(dividend: Scalar, divisor: Scalar) -> Scalar:
    """The exact quotient, an int if it is a plain integer."""
    if dividend == divisor:
        return 1
    if is_one(divisor):
        return dividend
    exact = dividend * (Fraction(1) / divisor)
    return exact.numerator if isinstance(exact, Fraction) and exact.denominator == 1 else exact
