"""Columns and paths of a small directed graph, the input of a layered layout from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Net:
    """The line of a tensor from one box to others, by their positions in the list: it forks to reach several.

    `above` and `below` are its texts.
    """

    start: int
    ends: tuple[int, ...]
    above: str = ""
    below: str = ""

    @property
    def label(self) -> str:
        """Both texts in one line."""
        return " × ".join(text for text in (self.above, self.below) if text)


def columns_of(count: int, nets: Sequence[Net]) -> list[int]:
    """For every box, the length of the longest way to it; boxes are in topological order."""
    column = [0] * count
    for end, start in sorted((end, net.start) for net in nets for end in net.ends):
        column[end] = max(column[end], column[start] + 1)
    return column


def paths_of(nets: Sequence[Net], column: Sequence[int]) -> list[list[int]]:
    """Disjoint paths over all boxes, each from column to column; the first has a box in every column.

    Among paths of the same length the first in the list of boxes is taken first.
    """
    before: list[list[int]] = [[] for _ in column]
    for net in nets:
        for end in net.ends:
            if column[net.start] == column[end] - 1:
                before[end].append(net.start)
    free = set(range(len(column)))
    paths = []
    while free:
        paths.append(_longest(free, before))
        free -= set(paths[-1])
    return [paths[0], *sorted(paths[1:], key=min)] if paths else []


def _longest(free: set[int], before: Sequence[Sequence[int]]) -> list[int]:
    """The longest path over free boxes."""
    best: dict[int, tuple[int, int | None]] = {}
    for index in sorted(free):
        length, last = max(((best[b][0], -b) for b in before[index] if b in best), default=(0, 1))
        best[index] = (length + 1, -last if length else None)
    at: int | None = max(sorted(free), key=lambda index: best[index][0])
    path = []
    while at is not None:
        path.append(at)
        at = best[at][1]
    return path[::-1]
