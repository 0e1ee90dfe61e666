"""Limits of expressions: of single numbers and forms, and of all values that a stage computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ssrdsl.errors import UserError

MAX_MAGNITUDE = 10**18
MAX_DEPTH = 150
MAX_TERMS = 4096
MAX_VALUES = 1_000_000
"""Limit on the values of switches and terms of sums in one stage: some seconds. Large spaces need 50,000."""


class ExpressionLimit(UserError):
    """An expression exceeds a limit: the size of numbers, its depth or its length.

    Stages that know the place in the text report it there.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, help="make the numbers smaller, or involve fewer decisions in one expression")


class ValuesLimit(ExpressionLimit):
    """All expressions of a stage have too many values in total."""


_values_left: ContextVar[list[int] | None] = ContextVar("values_left", default=None)


@contextmanager
def limited_values(limit: int = MAX_VALUES) -> Iterator[None]:
    """Limit the values computed inside the block. Beyond the limit every computation raises `ValuesLimit`."""
    token = _values_left.set([limit])
    try:
        yield
    finally:
        _values_left.reset(token)


def count_values(count: int) -> None:
    """Count values computed by the stage. Raises `ValuesLimit`."""
    left = _values_left.get()
    if left is not None:
        left[0] -= count
        if left[0] < 0:
            raise ValuesLimit("the expressions over decisions have too many values in total")
