"""The architecture whose costs are nearest to targets or windows, and a lower bound of the distance.

Candidates are the ends of the attainable ranges and draws with a tilt, improved by local search. If a distance remains,
branch and bound computes a lower bound: it branches on one decision after another and omits parts whose ranges are
farther than the best candidate.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from math import ceil

import numpy as np

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COST_NAMES, COSTS
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.ranges.factors import Array
from ssrdsl.space.ranges.intervals import ValueInterval
from ssrdsl.space.windows.attainable import AttainableRanges
from ssrdsl.space.windows.costed import Costed
from ssrdsl.space.windows.tilts import tilts
from ssrdsl.space.windows.window import Window, number

MAX_PARTS = 60
"""Limit on the parts of a space that branch and bound evaluates."""
MAX_TILTS = 6
STARTS = 2
"""Number of candidates that are improved."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """An architecture near windows: the option index of each active decision, and its costs.

    `distance` is the largest distance from a window, relative to the missed bound; `proved` is a lower bound of the
    distance of all architectures.
    """

    assignment: dict[str, int]
    costs: dict[str, int]
    distance: float
    proved: float

    @property
    def is_exact(self) -> bool:
        """Whether it is proved that no architecture is nearer."""
        return self.distance <= self.proved

    def __str__(self) -> str:
        return " and ".join(f"{number(value)} {COST_NAMES[cost]}" for cost, value in self.costs.items())


def nearest_to(graph: Graph, windows: Sequence[Window]) -> Nearest:
    """The architecture nearest to windows.

    It meets the requirements over decisions; bounds on costs are not considered. The distance is the largest relative
    distance from a window. Raises `TooWide` if the costs have too many cases, and `Unsatisfiable` if there is no
    architecture.
    """
    return NearestSearch(Costed(graph, windows)).nearest()


class NearestSearch:
    """The search for the architecture that is nearest to windows.

    `ranges` are the ranges of the costs; `lower` is a lower bound of the distance, by these and the steps of the costs.
    """

    def __init__(self, costed: Costed) -> None:
        self._costed = costed
        self._windows = costed.windows
        self._ranges = AttainableRanges(costed.graph, costed.problem)
        self.ranges = self._ranges({})
        self._best: Array | None = None
        self._distance = np.inf
        self.lower = self._lower(self.ranges)

    def nearest(self) -> Nearest:
        """The nearest architecture found."""
        lower = self.lower
        if self._costed.every is not None:
            self._try(self._costed.every)
            lower = float(self._distance)
        for rows in self._candidates():
            if self._distance <= lower:
                break
            self._try(rows)
        if self._distance > lower:
            lower = self._bounded(lower)
        if np.isinf(self._distance):
            raise TooWide("found no architecture that meets the requirements over decisions")
        assert self._best is not None
        costs = self._costed.costs(self._best[None])[0]
        return Nearest(
            self._costed.assignment(self._best),
            {cost: int(value) for cost, value in zip(COSTS, costs, strict=True)},
            float(self._distance),
            min(lower, float(self._distance)),
        )

    def _lower(self, ranges: Mapping[str, ValueInterval]) -> float:
        """A lower bound of the distance, in a part of the space with these ranges."""
        found = 0.0
        for window in self._windows:
            least, greatest, _ = ranges[window.cost]
            found = max(found, window.distance(least, greatest))
            if least < window.least and window.greatest < greatest:
                found = max(found, self._between_steps[window.cost])
        return found

    @cached_property
    def _between_steps(self) -> dict[str, float]:
        """For each closed window, the distance of the nearest multiple of the step of its cost."""
        found = {}
        for window in self._windows:
            if window.is_closed:
                step, offset = self._costed.step(window.cost)
                above = -((offset - ceil(window.least)) // step) * step + offset
                found[window.cost] = min(window.distance(above, above), window.distance(above - step, above - step))
        return found

    def _try(self, rows: Array) -> None:
        distances = self._costed.distances(self._costed.costs(rows))
        at = int(np.argmin(distances))
        if distances[at] < self._distance:
            self._best, self._distance = rows[at], distances[at]

    def _candidates(self) -> Iterator[Array]:
        """Increasingly better candidates; the last ones are improved by local search."""
        costed, random = self._costed, np.random.default_rng(0)
        yield self._ranges.ends({})
        pools = [costed.uniform(random, 1024)]
        yield pools[0]
        with suppress(TooWide):
            for tilt in islice(tilts(costed, random), MAX_TILTS):
                pools.append(tilt.rows)
                yield tilt.rows
        rows = np.concatenate(pools)
        distances = costed.distances(costed.costs(rows))
        for at in np.argsort(distances, kind="stable")[:STARTS]:
            yield costed.improved(rows[at])[None]

    def _bounded(self, lower: float) -> float:
        """A lower bound of the distance, by branch and bound; nearer architectures found on the way are kept."""
        order = self._order()
        ties = count()
        parts: list[tuple[float, int, int, dict[str, tuple[int, ...]]]] = [(lower, next(ties), 0, {})]
        left = MAX_PARTS
        while left > 0 and parts and parts[0][0] < self._distance:
            _, _, depth, held = heapq.heappop(parts)
            indices = self._costed.graph.decisions[order[depth]].indices
            left -= len(indices)
            for index in indices:
                part = {**held, order[depth]: (index,)}
                bound = self._part(part)
                if bound < self._distance and depth + 1 < len(order):
                    heapq.heappush(parts, (bound, -next(ties), depth + 1, part))
        return min([bound for bound, *_ in parts], default=float(self._distance))

    def _part(self, part: Mapping[str, tuple[int, ...]]) -> float:
        """A lower bound of the distance in a part; the ends of its ranges are tried if they may be nearer."""
        try:
            bound = self._lower(self._ranges(part))
        except Unsatisfiable:
            return np.inf
        if 0 < bound < self._distance:
            self._try(self._ranges.ends(part))
        return bound

    def _order(self) -> list[str]:
        """The decisions, those with the largest effect on the costs first."""
        whole = self.ranges
        effects: dict[str, float] = {}
        for decision in self._costed.graph.open_decisions:
            effects[decision.name] = 0.0
            for index in (decision.indices[0], decision.indices[-1]):
                with suppress(Unsatisfiable):
                    part = self._ranges({decision.name: (index,)})
                    effects[decision.name] += sum(
                        float(whole[w.cost].greatest - part[w.cost].greatest + part[w.cost].least - whole[w.cost].least)
                        / max(1, whole[w.cost].greatest)
                        for w in self._windows
                    )
        return sorted(effects, key=lambda name: -effects[name])
