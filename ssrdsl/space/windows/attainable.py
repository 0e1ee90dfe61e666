"""The attainable range of a cost when options are removed, fast enough for frequent use.

The order of elimination is the same for all queries, and the result of each step is cached. If options of a few
decisions are removed, only the steps that depend on them are repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ssrdsl.space.cost import COSTS
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable, cost_problem
from ssrdsl.space.ranges.elimination import Elimination
from ssrdsl.space.ranges.factors import Array, Factor, Problem, bits, constraint
from ssrdsl.space.ranges.intervals import ValueInterval
from ssrdsl.space.restrict import source

MAX_KEPT = 2**23
"""Limit on the table entries of cached steps, after which the cache is cleared."""


class AttainableRanges(Elimination):
    """The ranges of the costs of a graph when decisions keep only some of their options.

    All queries share one limit of work until `renew` is called.
    """

    def __init__(self, graph: Graph, problem: Problem | None = None) -> None:
        """`problem` is `cost_problem(graph)`, if already computed. Raises `TooWide` as `cost_problem` does."""
        self._problem = problem or cost_problem(graph)
        self._given = self._problem.factors()
        self._constraint = cache(lambda variable, mask: constraint({}, (variable,), bits(mask, self.sizes[variable])))
        self._results: dict[tuple[int, ...], tuple[list[Factor], list[Factor], bool]] = {}
        self._kept = 0
        self._is_split, self._is_exact = False, True
        super().__init__(self._given, self._problem.sizes, 2 * self._problem.totals)

    def __call__(self, survivors: Mapping[str, tuple[int, ...]]) -> dict[str, ValueInterval]:
        """The range of each cost in `COSTS` if the decisions named have only these option indices.

        Raises `Unsatisfiable` if no architecture meets the requirements over decisions.
        """
        self._repeat(survivors)
        ends = self.total.tolist()
        if np.inf in ends:
            raise Unsatisfiable
        values = [self._problem.cost(end) for end in ends]
        return {
            cost: ValueInterval(values[2 * at], -values[2 * at + 1], self._is_exact) for at, cost in enumerate(COSTS)
        }

    def ends(self, survivors: Mapping[str, tuple[int, ...]]) -> Array:
        """One assignment for each end of the ranges, as a row of positions. It attains an end that is exact."""
        self._repeat(survivors)
        return self.trace()[:, : len(self._problem.decisions)]

    def _repeat(self, survivors: Mapping[str, tuple[int, ...]]) -> None:
        """Repeat the elimination with only the survivors, in the same order."""
        if self._kept > MAX_KEPT:
            self._results.clear()
            self._kept = 0
        self._is_exact = True
        self._eliminate([*self._given, *self._constraints(survivors)])

    def _constraints(self, survivors: Mapping[str, tuple[int, ...]]) -> Iterator[Factor]:
        """The factors that admit only the survivors, for each decision with removed options."""
        for name, kept in survivors.items():
            if (variable := self._problem.decisions.get(name)) is not None:
                positions = self._problem.positions[variable]
                mask = sum([1 << at for at, index in enumerate(positions) if index in kept])
                if mask != (1 << len(positions)) - 1:
                    yield self._constraint(variable, mask)

    def _step(self, variable: int, gathered: list[Factor]) -> Iterable[Factor]:
        if self.order is None:  # the first elimination, in which the work of all steps is limited together
            return super()._step(variable, gathered)
        key = (variable, *map(id, gathered))
        found = self._results.get(key)
        if found is None:
            self._is_split = False
            self._effort = 0
            left = list(self._minimised(variable, gathered))
            # The factors are kept with the result, so that their ids are not reused.
            found = self._results[key] = gathered, left, not self._is_split
            self._kept += sum([factor.array.size for factor in left])
        self._is_exact &= found[2]
        return found[1]

    def _groups(self, tables: list[Factor], size: int) -> list[list[Factor]]:
        groups = super()._groups(tables, size)
        self._is_split |= len(groups) > 1
        return groups


_KNOWN: WeakKeyDictionary[Graph, AttainableRanges] = WeakKeyDictionary()
"""The ranges of graphs; each exists as long as its graph."""


def attainable_range(
    graph: Graph, cost: str, survivors: Mapping[str, tuple[int, ...]] | None = None
) -> tuple[Any, Any]:
    """The least and the greatest value of a cost if the decisions named have only these option indices.

    `graph` may be restricted; both restrictions apply. The first call for a space takes as long as `bounds`, others
    take milliseconds, also for other restrictions of the same graph.
    Raises `TooWide` if the costs have too many cases, and `Unsatisfiable` if no architecture is left.
    """
    left = dict(survivors or {})
    for name, kept in graph.survivors.items():
        left[name] = tuple(index for index in kept if index in left.get(name, kept))
    origin = source(graph)
    if origin not in _KNOWN:
        _KNOWN[origin] = AttainableRanges(origin)
    ranges = _KNOWN[origin]
    ranges.renew()
    found = ranges(left)[cost]
    return found.least, found.greatest
