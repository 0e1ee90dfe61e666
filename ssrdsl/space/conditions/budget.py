"""Work that is counted, so that a text can neither keep the machine busy nor fill its memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ssrdsl.errors import UserError


class TooWide(UserError):
    """A condition over decisions, or a count over them, grows beyond what can be held; the text says which and why."""


class Budget:
    """An amount of work that is left."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, work: int, reason: str) -> None:
        """Take some away. Raises `TooWide` with the reason if less is left."""
        if work > self.left:
            self.left = 0
            raise TooWide(reason)
        self.left -= work

    @contextmanager
    def half(self) -> Iterator[Budget]:
        """Half of it for one question, which gives back what it leaves: one that is too wide spends no more."""
        half = Budget(self.left // 2)
        self.left -= half.left
        try:
            yield half
        finally:
            self.left += half.left
