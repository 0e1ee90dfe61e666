"""The attainable range of a cost when options are removed: exact, and fast enough for frequent use.

The totals are eliminated in one order for all queries, and the result of every step is cached. If options of a few
decisions are removed, only the steps that depend on them are repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
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
"""Limit on table entries of cached steps; then the cache is cleared."""


class AttainableRanges:
    """The ranges of the costs of a graph when decisions keep only some of their options."""

    def __init__(self, graph: Graph, problem: Problem | None = None) -> None:
        """`problem` is `cost_problem(graph)`, if already computed. Raises `TooWide` as that does."""
        self._problem = problem or cost_problem(graph)
        self._elimination = _Repeated(self._problem)

    def __call__(self, survivors: Mapping[str, tuple[int, ...]]) -> dict[str, ValueInterval]:
        """The range of every cost in `COSTS`, with only these option indices left in the decisions named.

        Raises `Unsatisfiable` if the requirements over decisions leave no architecture.
        """
        total, is_exact = self._elimination.bounds(self._masks(survivors))
        ends = total.tolist()
        if np.inf in ends:
            raise Unsatisfiable
        values = [self._problem.cost(end) for end in ends]
        return {cost: ValueInterval(values[2 * at], -values[2 * at + 1], is_exact) for at, cost in enumerate(COSTS)}

    def ends(self, survivors: Mapping[str, tuple[int, ...]]) -> Array:
        """Assignments that attain the ends of the ranges where those are exact: a row of positions for each."""
        self._elimination.bounds(self._masks(survivors))
        return self._elimination.trace()[:, : len(self._problem.decisions)]

    def _masks(self, survivors: Mapping[str, tuple[int, ...]]) -> dict[int, int]:
        """The positions that are left, as bits, of the variables of which some are gone."""
        masks = {}
        for name, kept in survivors.items():
            if (variable := self._problem.decisions.get(name)) is not None:
                positions = self._problem.positions[variable]
                mask = sum([1 << at for at, index in enumerate(positions) if index in kept])
                if mask != (1 << len(positions)) - 1:
                    masks[variable] = mask
        return masks


class _Repeated(Elimination):
    """An elimination that is repeated with fewer positions of some variables, in the order of the first one."""

    def __init__(self, problem: Problem) -> None:
        factors = problem.factors()
        self._is_split = False
        super().__init__(factors, problem.sizes, 2 * problem.totals)
        self._sequence = [variable for variable, _ in self._steps]
        self._steps.clear()
        self._turns = {variable: turn for turn, variable in enumerate(self._sequence)}
        self._rest: Any = np.array([0] * len(self.total), dtype=object)
        self._given: dict[int, list[Factor]] = defaultdict(list)
        for factor in factors:
            if factor.variables:
                self._given[self._turn(factor)].append(factor)
            else:
                self._rest = self._rest + factor.array
        self._constraint = cache(lambda variable, mask: constraint({}, (variable,), bits(mask, self.sizes[variable])))
        self._results: dict[tuple[int, ...], tuple[list[Factor], list[Factor], bool]] = {}
        self._kept = 0

    def bounds(self, masks: Mapping[int, int]) -> tuple[Any, bool]:
        """The bounds of all rows with only the positions in the masks, as bits, and whether they are attained."""
        if self._kept > MAX_KEPT:
            self._results.clear()
            self._kept = 0
        held = {turn: list(factors) for turn, factors in self._given.items()}
        for variable, mask in masks.items():
            held.setdefault(self._turns[variable], []).append(self._constraint(variable, mask))
        total, is_exact = self._rest, True
        self._steps.clear()
        for turn, variable in enumerate(self._sequence):
            gathered = held.pop(turn, None)
            if not gathered:
                continue
            self._steps.append((variable, gathered))
            left, is_whole = self._step(variable, gathered)
            is_exact &= is_whole
            for factor in left:
                if factor.variables:
                    held.setdefault(self._turn(factor), []).append(factor)
                else:
                    total = total + factor.array
        return total, is_exact

    def _turn(self, factor: Factor) -> int:
        return min([self._turns[variable] for variable in factor.variables])

    def _step(self, variable: int, gathered: list[Factor]) -> tuple[list[Factor], bool]:
        """What is left of factors when a variable has been minimised, and whether that is their exact minimum."""
        key = (variable, *map(id, gathered))
        found = self._results.get(key)
        if found is None:
            self._is_split = False
            self._effort = 0
            left = list(self._minimised(variable, gathered))
            # The factors are kept with the result, so that no other one gets the identity of one of them.
            found = self._results[key] = gathered, left, not self._is_split
            self._kept += sum([factor.array.size for factor in left])
        return found[1], found[2]

    def _groups(self, tables: list[Factor], size: int) -> list[list[Factor]]:
        groups = super()._groups(tables, size)
        self._is_split |= len(groups) > 1
        return groups


_KNOWN: WeakKeyDictionary[Graph, AttainableRanges] = WeakKeyDictionary()
"""The ranges of graphs, each made once and kept as long as its graph is."""


def attainable_range(
    graph: Graph, cost: str, survivors: Mapping[str, tuple[int, ...]] | None = None
) -> tuple[Any, Any]:
    """The least and the greatest value of a cost with only these option indices left in the decisions named.

    `graph` may be a restricted one: its own restriction counts as well. The first call for a space takes as long as
    `bounds`, further ones milliseconds; those of graphs that are restricted from one graph share what is known.
    Raises `TooWide` if the costs have too many cases, and `Unsatisfiable` if no architecture is left.
    """
    left = dict(survivors or {})
    for name, kept in graph.survivors.items():
        left[name] = tuple(index for index in kept if index in left.get(name, kept))
    origin = source(graph)
    if origin not in _KNOWN:
        _KNOWN[origin] = AttainableRanges(origin)
    found = _KNOWN[origin](left)[cost]
    return found.least, found.greatest
