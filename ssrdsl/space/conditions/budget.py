"""Limits on work, so that a text cannot exhaust time or memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ssrdsl.errors import UserError


class TooWide(UserError):
    """A condition over decisions, or a count, exceeds a limit; the message has the limit and the reason."""


class Budget:
    """The remaining amount of work."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, work: int, reason: str) -> None:
        """Spend an amount. Raises `TooWide` with the reason if less is left."""
        if work > self.left:
            self.left = 0
            raise TooWide(reason)
        self.left -= work

    @contextmanager
    def half(self) -> Iterator[Budget]:
        """Half of the budget for one query; what the query does not spend is returned."""
        half = Budget(self.left // 2)
        self.left -= half.left
        try:
            yield half
        finally:
            self.left += half.left
