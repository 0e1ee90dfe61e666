"""Columns: neighbouring statements whose signs are below one another.

Statements of one kind with nothing between them, neither an empty line nor a comment, form a column where the author
began one, that is, put more than one blank before the sign of any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatementHead:
    """The text before the sign of a statement, what other statements must have in common with it to share a column,
    and whether the author put more than one blank there.
    """

    text: str
    kind: tuple[object, ...]
    padded: bool


def paddings(headings: Sequence[StatementHead | None], apart: Sequence[bool]) -> list[int]:
    """How many blanks fill each heading up to its column; `apart[i]`: something is between i and the one before."""
    result = [0] * len(headings)
    column: list[tuple[int, StatementHead]] = []
    for number, heading in enumerate(headings):
        if column and (heading is None or apart[number] or heading.kind != column[0][1].kind):
            _fill(column, result)
            column = []
        if heading is not None:
            column.append((number, heading))
    _fill(column, result)
    return result


def _fill(column: list[tuple[int, StatementHead]], result: list[int]) -> None:
    if any(heading.padded for _, heading in column):
        width = max(len(heading.text) for _, heading in column)
        for number, heading in column:
            result[number] = width - len(heading.text)
