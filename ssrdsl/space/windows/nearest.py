"""The architecture whose costs are nearest to targets, or to windows, and how near any other can be.

Candidates come from the ends of the ranges and from draws under a tilt, and are improved by changing decisions. If a
distance is left, branch and bound shows how near any architecture can be: it branches on one decision after another,
and prunes options that the ranges show to be farther.
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
"""Parts of a space whose ranges branch and bound looks at."""
MAX_TILTS = 6
STARTS = 2
"""Candidates that are improved."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """An architecture near to windows: the option index of every active decision, and its costs.

    `distance` is by how much it misses the windows, relative to the bound missed, the largest of all windows; no
    architecture is nearer than `proved`.
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

    The requirements over decisions are met, bounds on costs are not considered. With several windows the largest
    relative distance counts. Raises `TooWide` if the costs have too many cases, and `Unsatisfiable` if there is no
    architecture.
    """
    return NearestSearch(Costed(graph, windows)).nearest()


class NearestSearch:
    """The search for the architecture that is nearest to the windows of its costs.

    `lower` is a distance below which there is none: by the ranges of the costs and the steps in which they move.
    """

    def __init__(self, costed: Costed) -> None:
        self._costed = costed
        self._windows = costed.windows
        self._ranges = AttainableRanges(costed.graph, costed.problem)
        self._best: Array | None = None
        self._distance = np.inf
        self.lower = self._lower(self._ranges({}))

    def nearest(self) -> Nearest:
        """The nearest architecture that is found."""
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
        """No architecture of a part of the space with these ranges is nearer."""
        found = 0.0
        for window in self._windows:
            least, greatest, _ = ranges[window.cost]
            found = max(found, window.distance(least, greatest))
            if least < window.least and window.greatest < greatest:
                found = max(found, self._between_steps[window.cost])
        return found

    @cached_property
    def _between_steps(self) -> dict[str, float]:
        """How far the closed windows are from the multiples between which a cost has no values."""
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
        """Ever better candidates, and what they can be improved to."""
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
        """How near any architecture can be, by branch and bound; nearer ones that it meets are kept."""
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
        """How near the architectures of a part can be; those of its ends are considered where they may be nearer."""
        try:
            bound = self._lower(self._ranges(part))
        except Unsatisfiable:
            return np.inf
        if 0 < bound < self._distance:
            self._try(self._ranges.ends(part))
        return bound

    def _order(self) -> list[str]:
        """The decisions, first those that change the costs most."""
        whole = self._ranges({})
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
