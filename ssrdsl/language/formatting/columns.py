"""Align the parts of adjacent lines in columns if the author aligned at least one of them.

The `=` or `:` of adjacent statements of one kind, without an empty line or a comment between them, are aligned if any
of them follows more than one space.

Items of a list and stages of a pipe are rows of a table if they are tuples or lists of the same length, or calls of
the same function with the same number of arguments, and in any of them, the opening bracket is followed by a space or
a comma by more than one. Columns of numbers are aligned right, others left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ssrdsl.language import syntax
from ssrdsl.language.formatting.pieces import Bracket, BracketItem, TextPiece, pieces, pieces_of

_BEGUN = re.compile(r"[(\[][ \t]+|,[ \t]{2,}")


@dataclass(frozen=True, slots=True)
class StatementHead:
    """The text of a statement before its `=` or `:`. Only statements of the same `kind` are aligned."""

    text: str
    kind: tuple[object, ...]
    padded: bool
    """Whether more than one space follows in the source."""


def paddings(headings: Sequence[StatementHead | None], apart: Sequence[bool]) -> list[int]:
    """The number of spaces to add after each heading; `apart[i]`: heading i is not aligned with the previous one."""
    columns: list[list[StatementHead | None]] = []
    for heading, is_apart in zip(headings, apart, strict=True):
        above = columns[-1][-1] if columns else None
        if heading is None or above is None or is_apart or heading.kind != above.kind:
            columns.append([])
        columns[-1].append(heading)
    return [padding for column in columns for padding in _fill(column)]


def _fill(column: Sequence[StatementHead | None]) -> list[int]:
    lengths = [len(heading.text) if heading else 0 for heading in column]
    begun = any(heading.padded for heading in column if heading)
    return [(max(lengths) - length) * begun for length in lengths]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the texts before, in and after its cells, and which cells are numbers."""

    head: str
    cells: tuple[str, ...]
    numbers: tuple[bool, ...]
    end: str

    @property
    def kind(self) -> tuple[str, int]:
        """The text before the cells and their number, equal for all rows of a table."""
        return self.head, len(self.cells)


def row_of(node: BracketItem, flat: Callable[[Sequence[TextPiece]], str | None]) -> Row | None:
    """The row for a tuple, a list or a call; None for other nodes, and if an item needs several lines."""
    match node:
        case syntax.Call(function=syntax.Name(name=name)):
            head = name
        case syntax.Tuple() | syntax.List():
            head = ""
        case _:
            return None
    bracket = pieces(node)[-1]
    assert isinstance(bracket, Bracket)
    cells = [flat(pieces_of(item)) for item in bracket.items]
    if len(cells) < 2 or None in cells:
        return None
    numbers = tuple(map(_is_number, bracket.items))
    return Row(head + bracket.left, tuple(cell or "" for cell in cells), numbers, bracket.right)


def _is_number(item: BracketItem) -> bool:
    value = item.value if isinstance(item, syntax.Argument) and item.name is None else item
    return isinstance(value, syntax.Number)


def begins_table(node: BracketItem) -> bool:
    """Whether the author aligned a part of this line: it contains extra spaces."""
    text = node.span.text
    return "\n" not in text and _BEGUN.search(text) is not None


def table(rows: Sequence[Row]) -> list[str]:
    """The lines of a table, from rows of the same kind."""
    columns = list(zip(*(row.cells for row in rows), strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(kinds) for kinds in zip(*(row.numbers for row in rows), strict=True)]
    return [_line(row, widths, right) for row in rows]


def _line(row: Row, widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = [
        cell.rjust(width) if is_right else cell for cell, width, is_right in zip(row.cells, widths, right, strict=True)
    ]
    before = [f"{cell},".ljust(width + 1) for cell, width in zip(cells[:-1], widths, strict=False)]
    return row.head + " ".join([*before, cells[-1]]) + row.end
