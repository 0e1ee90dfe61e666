"""Rows: neighbouring lines of one kind whose parts are below one another, as in a table.

Lines are of one kind where they are tuples or lists of one length, or calls of one function with equally many
arguments. They form a table where the author began one, that is, put a blank after the opening bracket or more than
one after a comma of any of them. Columns of numbers are set to the right, others to the left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ssrdsl.language import syntax
from ssrdsl.language.formatting.flat import FlatExpressions
from ssrdsl.language.formatting.pieces import Bracket, BracketItem, pieces, pieces_of_items

_BEGUN = re.compile(r"[(\[][ \t]+|,[ \t]{2,}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line: what is before its cells, the texts of these, and which of them are numbers."""

    head: str
    cells: tuple[str, ...]
    numbers: tuple[bool, ...]
    end: str

    @property
    def kind(self) -> tuple[str, int]:
        """What the rows of one table have in common."""
        return self.head, len(self.cells)


def row_of(node: BracketItem, flat: FlatExpressions) -> Row | None:
    """The row that a tuple, a list or a call can be; None for others, and where a part does not fit on one line."""
    match node:
        case syntax.Call(function=syntax.Name(name=name)):
            head = name
        case syntax.Tuple() | syntax.List():
            head = ""
        case _:
            return None
    bracket = pieces(node)[-1]
    assert isinstance(bracket, Bracket)
    cells = [flat.joined(item) for item in pieces_of_items(bracket)]
    if len(cells) < 2 or None in cells:
        return None
    numbers = tuple(map(_is_number, bracket.items))
    return Row(head + bracket.left, tuple(cell or "" for cell in cells), numbers, bracket.right)


def _is_number(item: BracketItem) -> bool:
    value = item.value if isinstance(item, syntax.Argument) and item.name is None else item
    return isinstance(value, syntax.Number)


def begins_table(node: BracketItem) -> bool:
    """Whether the author set a part of this line into a column."""
    text = node.span.text
    return "\n" not in text and _BEGUN.search(text) is not None


def table(rows: Sequence[Row]) -> list[str]:
    """The lines of rows of one kind."""
    columns = list(zip(*(row.cells for row in rows), strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(kinds) for kinds in zip(*(row.numbers for row in rows), strict=True)]
    return [_line(row, widths, right) for row in rows]


def _line(row: Row, widths: Sequence[int], right: Sequence[bool]) -> str:
    text, last = row.head, len(row.cells) - 1
    for number, (cell, width, is_right) in enumerate(zip(row.cells, widths, right, strict=True)):
        sign = "," if number < last else ""
        if is_right:
            text += cell.rjust(width) + sign
        else:
            text += cell + sign + " " * (width - len(cell)) * (number < last)
        text += " " * (number < last)
    return text + row.end
