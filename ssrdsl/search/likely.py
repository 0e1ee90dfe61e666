"""Joint selection of the open decisions: the largest sum of log gates with costs inside the windows.

All decisions count, also inactive ones: at their largest gates they add a constant. So an option with nested decisions
has no disadvantage.

The search starts from the largest gates. While the costs are outside the windows, it changes the decision that
loses the least log gate per distance gained. Inside the windows it tries random changes of up to three decisions and
keeps those that raise the sum and stay inside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.ranges.candidates import single_changes, with_changes
from ssrdsl.space.ranges.factors import Array
from ssrdsl.space.windows.costed import Costed
from ssrdsl.space.windows.nearest import NearestSearch
from ssrdsl.space.windows.window import Window

GateValues: TypeAlias = Mapping[str, Mapping[int, float]]
"""Decision -> original option index -> gate, of the open decisions."""

SMALLEST_GATE = 1e-30
ROUNDS = 200
"""Rounds of random changes inside the windows."""
CHANGES = 256
"""Random changes evaluated in one batch."""
MOST_CHANGED = 3
"""The largest number of decisions changed together."""


def likeliest(graph: Graph, gates: GateValues, windows: Sequence[Window]) -> dict[str, int] | None:
    """The option index of every active decision; None if no architecture was found in the windows.

    `graph` is the graph at the size of the file, restricted to the remaining options. The result only depends on the
    arguments.
    """
    try:
        choice = _Choice(graph, gates, windows)
        row = choice.inside()
    except (TooWide, Unsatisfiable):
        return None
    return None if row is None else choice.costed.assignment(choice.improved(row))


def some_inside(graph: Graph, gates: GateValues, windows: Sequence[Window]) -> dict[str, int] | None:
    """An architecture in the windows, near the largest gates; None if none was found.

    Quicker than `likeliest`. Raises `TooWide` if the costs have too many cases, `Unsatisfiable` if there is no
    architecture.
    """
    choice = _Choice(graph, gates, windows)
    row = choice.inside()
    return None if row is None else choice.costed.assignment(row)


class _Choice:
    """Rows of positions, one per decision, and the log gates of the options at these positions."""

    def __init__(self, graph: Graph, gates: GateValues, windows: Sequence[Window]) -> None:
        self.costed = Costed(graph, windows)
        self._sizes = np.array(self.costed.sizes)
        self._open = np.flatnonzero(self._sizes > 1)
        self._logs = np.zeros((len(self._sizes), int(self._sizes.max(initial=1))))
        for at, (name, variable) in enumerate(self.costed.problem.decisions.items()):
            for place, index in enumerate(self.costed.problem.positions[variable]):
                self._logs[at, place] = math.log(max(gates.get(name, {}).get(index, 1.0), SMALLEST_GATE))

    def inside(self) -> Array | None:
        """A row inside the windows, found from the largest gates, or else from the nearest architecture."""
        row = self.into_windows(self.first())
        if row is not None:
            return row
        try:
            near = NearestSearch(self.costed).nearest()
        except TooWide:  # nothing was found
            return None
        return self.into_windows(self.costed.row(near.assignment))

    def first(self) -> Array:
        """The largest gate of every decision."""
        masked = np.where(np.arange(self._logs.shape[1]) < self._sizes[:, None], self._logs, -np.inf)
        return np.asarray(masked.argmax(axis=1))

    def into_windows(self, row: Array) -> Array | None:
        """The row after changes of single decisions that move its costs into the windows; None if they do not."""
        distance = self._distances(row[None])[0]
        while distance > 0:
            moves = with_changes(row, single_changes(row, self._sizes))
            after = self._distances(moves)
            nearer = np.flatnonzero(after < distance)
            if not len(nearer):
                return None
            given_up = self._sums(row[None])[0] - self._sums(moves[nearer])
            removed = distance - after[nearer] if np.isfinite(distance) else np.ones(len(nearer))
            best = nearer[np.argmin((given_up + 1e-9) / removed)]
            row, distance = moves[best], after[best]
        return row

    def improved(self, row: Array) -> Array:
        """The row after random changes that keep it in the windows and raise the sum of log gates."""
        if not len(self._open):
            return row
        random = np.random.default_rng(0)
        best = self._sums(row[None])[0]
        for _ in range(ROUNDS):
            moves = np.tile(row, (CHANGES, 1))
            for count in range(MOST_CHANGED):
                changed = np.arange(CHANGES)[count * CHANGES // MOST_CHANGED :]
                at = random.choice(self._open, size=len(changed))
                moves[changed, at] = random.integers(self._sizes[at])
            sums = self._sums(moves)
            raised = np.flatnonzero(sums > best)
            raised = raised[self._distances(moves[raised]) == 0] if len(raised) else raised
            if len(raised):
                row = moves[raised[np.argmax(sums[raised])]]
                best = self._sums(row[None])[0]
        return row

    def _sums(self, rows: Array) -> Array:
        return np.asarray(self._logs[np.arange(len(self._sizes)), rows].sum(axis=1))

    def _distances(self, rows: Array) -> Array:
        return self.costed.distances(self.costed.costs(rows))
