"""Lines and columns as editors count them, and the edits that they send.

pygls has such functions, but counts other characters as line ends too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from lsprotocol import types

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"

_LINE_END = re.compile(r"\r\n|\n|\r")
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text, to convert between offsets and positions.

    The columns of positions count units of an encoding (in UTF-16 an emoji counts two).
    Offsets count the characters of a `Source`, which has no byte order mark.
    """

    text: str
    encoding: str = UTF16
    _starts: tuple[int, ...] = field(init=False, repr=False)
    _ends: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        breaks = list(_LINE_END.finditer(self.text))
        object.__setattr__(self, "_starts", (0, *(found.end() for found in breaks)))
        object.__setattr__(self, "_ends", (*(found.start() for found in breaks), len(self.text)))

    def offset(self, position: types.Position) -> int:
        """The offset of a position, clipped to the end of its line or of the text."""
        return max(0, self._index(position) - self._lead)

    def position(self, offset: int) -> types.Position:
        """The position of an offset."""
        index = min(offset + self._lead, len(self.text))
        line = bisect_right(self._starts, index) - 1
        return types.Position(line, units(self.text[self._starts[line] : index], self.encoding))

    def edited(self, edits: Iterable[types.TextDocumentContentChangeEvent]) -> str:
        """The text after some edits, each of which refers to the text after the previous one."""
        lines = self
        for edit in edits:
            text = edit.text
            if isinstance(edit, types.TextDocumentContentChangePartial):
                start, end = sorted((lines._index(edit.range.start), lines._index(edit.range.end)))
                text = lines.text[:start] + text + lines.text[end:]
            lines = Lines(text, self.encoding)
        return lines.text

    @property
    def _lead(self) -> int:
        return int(self.text.startswith(_MARK))

    def _index(self, position: types.Position) -> int:
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        return start + _characters(self.text[start:end], position.character, self.encoding)


def units(text: str, encoding: str) -> int:
    """The number of units of a text in an encoding."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def _characters(line: str, column: int, encoding: str) -> int:
    """The number of characters of a line before a column; a column inside a character counts as its start."""
    return bisect_right(list(accumulate(units(character, encoding) for character in line)), column)
