"""The values that attributes accept: a check of plain values, so that an invalid one is reported at its place.

Expressions over decisions and symbols are accepted: they are checked by dimensions and rules.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple


class Takes(NamedTuple):
    """The values that an attribute accepts, in words and as a predicate; `choices` lists them if there are few."""

    text: str
    admits: Callable[[Any], bool]
    choices: tuple[str, ...] = ()


class AttributeFault(Exception):
    """An attribute has an invalid value: `stride` of `conv` must be an integer of at least 1, not 0."""

    def __init__(self, operator: str, attribute: str, wanted: str, value: Any) -> None:
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
        super().__init__(f"`{attribute}` of `{operator}` must be {wanted}, not {shown}")
        self.operator = operator
        self.attribute = attribute
        self.wanted = wanted


def _is_plain(value: Any) -> bool:
    """Whether a value is the same in every architecture, and not a symbol."""
    return value is None or isinstance(value, (bool, int, float, Fraction, str, tuple, list))


def is_number(value: Any) -> bool:
    """Whether a value is a number, or an expression or symbol."""
    if isinstance(value, (int, float, Fraction)):
        return not isinstance(value, bool)
    return not _is_plain(value)


def _if_plain(admits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: not _is_plain(value) or admits(value)


def _whole_from(least: int) -> Callable[[Any], bool]:
    return _if_plain(lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least)


def _one_or_two(admits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def both(value: Any) -> bool:
        return len(value) == 2 and all(map(admits, value)) if isinstance(value, tuple) else admits(value)

    return both


def between(least: float, most: float) -> Takes:
    """A number within bounds."""
    admits = _if_plain(lambda value: is_number(value) and least <= value <= most)
    return Takes(f"a number from {least} to {most}", admits)


def one_of(*texts: str) -> Takes:
    """One of some strings."""
    choices = tuple(f'"{text}"' for text in texts)
    return Takes("one of " + ", ".join(choices), _if_plain(lambda value: value in texts), choices)


NUMBER = Takes("a number", is_number)
# Attributes that can be sets are checked by rules, which report the architecture in which they are invalid.
NUMBERS = Takes("a number or a pair of numbers", _one_or_two(is_number))
# Divisors in shape rules must be valid before the rules are computed.
POSITIVE = Takes("an integer of at least 1", _whole_from(1))
POSITIVES = Takes("an integer of at least 1, or a pair of them", _one_or_two(_whole_from(1)))
NOT_NEGATIVE = Takes("an integer of at least 0, or a pair of them", _one_or_two(_whole_from(0)))
_ABOVE_ZERO = _if_plain(lambda value: is_number(value) and value > 0)
ABOVE_ZERO = Takes("a number above 0, or a pair of them", _one_or_two(_ABOVE_ZERO))
WHOLE = Takes("an integer", _if_plain(lambda value: type(value) is int))
FLAG = Takes("true or false", _if_plain(lambda value: isinstance(value, bool)), ("true", "false"))
