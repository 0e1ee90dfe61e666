"""Random architectures of a graph with costs in windows: all decisions are drawn, inactive ones removed."""

from __future__ import annotations

import random as standard
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import numpy as np

from ssrdsl.errors import UserError
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COST_NAMES, Costs
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.factors import Array
from ssrdsl.space.ranges.intervals import ValueInterval
from ssrdsl.space.windows.costed import Costed
from ssrdsl.space.windows.draws import DrawNetworks, draws
from ssrdsl.space.windows.nearest import Nearest, NearestSearch
from ssrdsl.space.windows.window import Window, number, text_of, unit_hint

CHECKED = 200
"""Number of networks in the windows of which at least one must meet the requirements over decisions."""
MAX_CALLS = 400
"""Limit on the batches of draws."""


class WindowedSampler:
    """Draw architectures in windows. Draws that do not meet the requirements over decisions are rejected.

    If very few networks in the windows meet them, decisions (also inactive ones) are drawn conditioned on them. Raises
    `TooWide` if the costs have too many cases, `UserError` if no architecture is in the windows.
    """

    def __init__(
        self, graph: Graph, windows: Sequence[Window], admit: Callable[[Mapping[str, int]], bool], cost: Costs
    ) -> None:
        self._graph = graph
        self._windows = windows
        self._admit = admit
        self._cost = cost
        admitted = Costed(graph, windows)
        self._search = NearestSearch(admitted)
        self._costed = Costed(graph, windows, conditions=False) if graph.conditions else admitted
        self._draws = self._prepared()
        if graph.conditions and not self._some(np.random.default_rng(0)):
            self._costed = admitted
            self._draws = self._prepared()

    def draw(self, rng: standard.Random, count: int) -> list[dict[str, int]]:
        """Draw `count` architectures. Raises `UserError` if they are not found."""
        random = np.random.default_rng(rng.getrandbits(64))
        found: list[dict[str, int]] = []
        for _ in range(MAX_CALLS + count):
            for row in self._draws(random, count - len(found)):
                assignment = self._checked(row)
                if assignment is not None:
                    found.append(assignment)
                if len(found) == count:
                    return found
        raise UserError(
            f"found {len(found)} of {count} architectures of `{self._graph.name}` with {text_of(self._windows)}",
            help="widen the window or relax the requirements",
        )

    def _prepared(self) -> DrawNetworks:
        found = None if self._search.lower > 0 else draws(self._costed, self._start)
        if found is None:
            raise none_inside(self._graph, self._windows, self._search.ranges, self._nearest())
        return found

    def _start(self) -> Array | None:
        found = self._nearest()
        return None if found is None or found.distance > 0 else self._costed.row(found.assignment)

    def _nearest(self) -> Nearest | None:
        try:
            return self._search.nearest()
        except TooWide:
            return None

    def _some(self, random: np.random.Generator) -> bool:
        """Whether some of the first networks drawn meet the requirements over decisions."""
        rows = (row for _ in range(8) for row in self._draws(random, CHECKED // 8))
        return any(self._admit(self._costed.assignment(row)) for row in islice(rows, CHECKED))

    def _checked(self, row: Array) -> dict[str, int] | None:
        """The architecture of a row if it meets the requirements; costs are checked again as exact integers."""
        assignment = self._costed.assignment(row)
        if not all(window.holds(self._cost(window.cost, assignment)) for window in self._windows):
            return None
        return assignment if self._admit(assignment) else None


def none_inside(
    graph: Graph, windows: Sequence[Window], ranges: Mapping[str, ValueInterval], found: Nearest | None
) -> UserError:
    """The error for windows without architectures, with the costs of the nearest one and the attainable ranges."""
    what = f"architecture of `{graph.name}` with {text_of(windows)}"
    if found is None:
        return UserError(f"found no {what}", help="widen the window")
    near = f"the nearest one that was found has {found}"
    for window in windows:
        least, greatest, _ = ranges[window.cost]
        if window.distance(least, greatest):
            near += f"; {COST_NAMES[window.cost]} are between {number(least)} and {number(greatest)} in this space"
            if window.is_closed:
                near += unit_hint((window.least + window.greatest) / 2, least, greatest)
    if found.proved > 0:
        return UserError(f"no {what}", help=near)
    return UserError(f"found no {what}", help=f"widen the window: {near}")
