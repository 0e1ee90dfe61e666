"""The position at which the formatter writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

LIMIT = 120
STEP = 2


@dataclass(frozen=True, slots=True)
class LinePosition:
    """A column, the indentation of its line, and how many characters must still follow on the same line."""

    column: int
    indent: int
    tail: int = 0

    @property
    def continuation(self) -> int:
        """The column of the further lines of an expression: its own if it begins its line, else two to the right."""
        return self.indent if self.column == self.indent else self.indent + STEP

    def fits(self, text: str) -> bool:
        """Whether a text of one line fits here."""
        return self.column + len(text) + self.tail <= LIMIT

    def after(self, text: str) -> LinePosition:
        """The place after a text, which may have several lines; the indentation stays that of the first."""
        last = text.rfind("\n")
        return replace(self, column=self.column + len(text) if last < 0 else len(text) - last - 1)

    def with_tail(self, tail: int) -> LinePosition:
        """The same place with another number of characters to follow."""
        return replace(self, tail=tail)


def line(indent: int, tail: int = 0) -> LinePosition:
    """The beginning of a line."""
    return LinePosition(indent, indent, tail)
