"""The position at which the formatter writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

LIMIT = 120
STEP = 2


@dataclass(frozen=True, slots=True)
class LinePosition:
    """A column, the indentation of its line, and the number of characters that must follow on the same line."""

    column: int
    indent: int
    tail: int = 0

    @property
    def continuation(self) -> int:
        """The indentation of further lines of an expression: the same if it begins its line, else one step more."""
        return self.indent if self.column == self.indent else self.indent + STEP

    def fits(self, text: str) -> bool:
        """Whether a text without newlines fits on the line."""
        return self.column + len(text) + self.tail <= LIMIT

    def after(self, text: str) -> LinePosition:
        """The position after a text, which may have several lines; the indentation is unchanged."""
        last = text.rfind("\n")
        return replace(self, column=self.column + len(text) if last < 0 else len(text) - last - 1)

    def with_tail(self, tail: int) -> LinePosition:
        """The same position with another number of characters that must follow."""
        return replace(self, tail=tail)


def line(indent: int, tail: int = 0) -> LinePosition:
    """The position at the beginning of a line, after its indentation."""
    return LinePosition(indent, indent, tail)
