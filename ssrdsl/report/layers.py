"""Columns and paths of a small directed graph, the input of a layered layout from left to right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A line from one box to another, by their positions in the list.

    Links of one start and one `tensor` are one line that forks. `above` and `below` are its texts.
    """

    start: int
    end: int
    above: str = ""
    below: str = ""
    tensor: int = 0

    @property
    def label(self) -> str:
        """Both texts in one line."""
        return " × ".join(text for text in (self.above, self.below) if text)


@dataclass(frozen=True, slots=True)
class Net:
    """The links of one tensor: its start, its ends and the first of its links, which has the texts."""

    start: int
    ends: tuple[int, ...]
    link: Link


def nets_of(links: Sequence[Link]) -> list[Net]:
    """The links joined by tensor, in order."""
    grouped: defaultdict[tuple[int, int], list[Link]] = defaultdict(list)
    for link in links:
        grouped[link.start, link.tensor].append(link)
    return [
        Net(start, tuple(dict.fromkeys(link.end for link in group)), group[0]) for (start, _), group in grouped.items()
    ]


def columns_of(count: int, links: Sequence[Link]) -> list[int]:
    """For every box, the length of the longest way to it; boxes are in topological order."""
    column = [0] * count
    for link in sorted(links, key=lambda link: link.end):
        column[link.end] = max(column[link.end], column[link.start] + 1)
    return column


def paths_of(links: Sequence[Link], column: Sequence[int]) -> list[list[int]]:
    """Disjoint paths over all boxes, each from column to column; the first has a box in every column.

    Among paths of the same length the first in the list of boxes is taken first.
    """
    before: list[list[int]] = [[] for _ in column]
    for link in links:
        if column[link.start] == column[link.end] - 1:
            before[link.end].append(link.start)
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
