"""Scalars as Python: numbers, texts, truth values, symbols, and tuples of those."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from ssrdsl.emission.symbols.symbol import Symbol


def scalar_text(scalar: Any) -> str:
    """A scalar as Python."""
    if isinstance(scalar, Symbol):
        return scalar.form.text
    if isinstance(scalar, (tuple, list)):
        inner = ", ".join(map(scalar_text, scalar))
        return f"({inner},)" if len(scalar) == 1 else f"({inner})"
    if isinstance(scalar, str):
        return json.dumps(scalar, ensure_ascii=False)
    if isinstance(scalar, Fraction) and scalar.denominator == 1:
        return str(int(scalar))
    return _real_text(float(scalar)) if isinstance(scalar, (Fraction, float)) else repr(scalar)


def _real_text(number: float) -> str:
    """A real number; small powers of ten as 1e-3."""
    power = f"{number:.0e}".replace("e-0", "e-")
    return power if 0 < number < 0.01 and float(power) == number else repr(number)
