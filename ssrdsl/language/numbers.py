"""Numbers: read exactly, with units and a limit on their size."""

from __future__ import annotations

import re
from fractions import Fraction

from ssrdsl.language.diagnostics import Diagnostic, Diagnostics, Label
from ssrdsl.language.source import Span
from ssrdsl.language.syntax import Number

_MAX_DIGITS = 40
_MAX_EXPONENT = 40
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:e([+-]?[0-9]+))?(k|K|M|G|T|ms|us|s|%)?")
_UNITS = {
    "k": Fraction(10**3),
    "K": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "s": Fraction(1),
    "%": Fraction(1, 100),
}


def read_number(text: str, span: Span, found: Diagnostics) -> Number:
    """The number of a text, as `int` if integral. A number that is too large is reported to `found`, unconverted."""
    if len(text) <= _MAX_DIGITS and text.isdigit():
        return Number(int(text), text, span=span)
    match = _NUMBER.fullmatch(text)
    if match is None:  # the lexer has reported it
        return Number(0, text, span=span)
    whole, fraction, exponent, unit = match.groups(default="")
    if len(whole + fraction) > _MAX_DIGITS or len(exponent) > _MAX_DIGITS or abs(int(exponent or 0)) > _MAX_EXPONENT:
        found.add(_too_large(span))
        return Number(0, text, unit or None, span=span)
    value = Fraction(int(whole + fraction), 10 ** len(fraction)) * Fraction(10) ** int(exponent or 0)
    value *= _UNITS.get(unit, 1)
    return Number(value.numerator if value.denominator == 1 else value, text, unit or None, span=span)


def is_number(text: str) -> bool:
    """Whether a text is a number, with or without a unit."""
    return _NUMBER.fullmatch(text) is not None


def _too_large(span: Span) -> Diagnostic:
    message = f"a number with more than {_MAX_DIGITS} digits or beyond 1e{_MAX_EXPONENT}"
    return Diagnostic("E0111", message, Label(span), help="use a smaller number")
