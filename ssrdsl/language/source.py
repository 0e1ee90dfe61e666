"""Source texts, the places in them, and their descriptive comments."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

MAX_CHARACTERS = 200_000
"""The largest size of a text."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a `.ssr` file and its name in messages."""

    name: str
    text: str = field(repr=False)
    line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.removeprefix("\ufeff"))  # a byte order mark is not part of the text
        starts = [0, *(index + 1 for index, character in enumerate(self.text) if character == "\n")]
        object.__setattr__(self, "line_starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def header(self) -> str:
        """The comment at the head of the file, without its signs; empty if the file begins otherwise.

        A comment that is directly above a block describes the block, not the file.
        """
        lines = self.text.split("\n")
        count = next((number for number, line in enumerate(lines) if not _is_comment(line)), len(lines))
        following = lines[count].split() if count < len(lines) else []
        if following[:1] == ["block"] or following[:2] == ["tied", "block"]:
            return ""
        return _joined(lines[:count])

    def comment_above(self, line: int) -> str:
        """The comment in the lines directly above a line, counted from 1, without `#`."""
        first = line
        while first > 1 and _is_comment(self.line(first - 1)):
            first -= 1
        return _joined([self.line(number) for number in range(first, line)])


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _joined(lines: list[str]) -> str:
    return "\n".join(line.lstrip().removeprefix("#").removeprefix(" ").rstrip() for line in lines)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a source text, from `start` (included) to `end` (excluded), in characters."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column of the first character, from 1."""
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        """The text of the span."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of the other."""
        return Span(self.source, self.start, other.end)

    def holds(self, other: Span) -> bool:
        """Whether another span lies in this one."""
        return self.source == other.source and self.start <= other.start and other.end <= self.end
