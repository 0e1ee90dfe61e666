"""What attributes take: a check of plain values, so that a wrong one is told where it stands.

Expressions over decisions and symbols pass: what they may be is a matter of dimensions and of rules.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple


class Takes(NamedTuple):
    """What an attribute takes, in words and as a test; `choices` are its values where they are few, as texts."""

    text: str
    admits: Callable[[Any], bool]
    choices: tuple[str, ...] = ()


class AttributeFault(Exception):
    """An attribute has a value that it cannot have: `stride` of `conv` takes a whole number from 1 on, not 0."""

    def __init__(self, operator: str, attribute: str, wanted: str, value: Any) -> None:
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
        super().__init__(f"`{attribute}` of `{operator}` takes {wanted}, not {shown}")
        self.operator = operator
        self.attribute = attribute
        self.wanted = wanted


def _is_plain(value: Any) -> bool:
    """Whether a value is what it is in every architecture, and no symbol."""
    return value is None or isinstance(value, (bool, int, float, Fraction, str, tuple, list))


def is_number(value: Any) -> bool:
    """Whether a value is a number, or an expression or symbol."""
    return not _is_plain(value) or (isinstance(value, (int, float, Fraction)) and not isinstance(value, bool))


def _whole_from(least: int) -> Callable[[Any], bool]:
    return lambda value: (
        not _is_plain(value) or (isinstance(value, int) and not isinstance(value, bool) and value >= least)
    )


def _one_or_two(admits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def both(value: Any) -> bool:
        return len(value) == 2 and all(map(admits, value)) if isinstance(value, tuple) else admits(value)

    return both


def between(least: float, most: float) -> Takes:
    """A number within bounds."""
    return Takes(
        f"a number from {least} to {most}",
        lambda value: not _is_plain(value) or (is_number(value) and least <= value <= most),
    )


def one_of(*texts: str) -> Takes:
    """One of some texts."""
    choices = tuple(f'"{text}"' for text in texts)
    return Takes("one of " + ", ".join(choices), lambda value: not _is_plain(value) or value in texts, choices)


NUMBER = Takes("a number", is_number)
# Attributes that a set may stand in are checked by rules, which name the architecture in which they are wrong.
NUMBERS = Takes("a number or a pair of numbers", _one_or_two(is_number))
# What shape rules divide by must be right before they are computed.
POSITIVE = Takes("a whole number from 1 on", _whole_from(1))
POSITIVES = Takes("a whole number from 1 on, or a pair of them", _one_or_two(_whole_from(1)))
NOT_NEGATIVE = Takes("a whole number from 0 on, or a pair of them", _one_or_two(_whole_from(0)))
ABOVE_ZERO = Takes(
    "a number above 0, or a pair of them",
    _one_or_two(lambda value: not _is_plain(value) or (is_number(value) and value > 0)),
)
WHOLE = Takes("a whole number", lambda value: not _is_plain(value) or type(value) is int)
FLAG = Takes("true or false", lambda value: not _is_plain(value) or isinstance(value, bool), ("true", "false"))
