"""The attainable range of a cost when options are removed: exact, and fast enough for frequent use.

The totals are eliminated in one order for all queries, and the result of every step is cached. If options of a few
decisions are removed, only the steps that depend on them are repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from ssrdsl.space.cost import COSTS
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable, cost_problem
from ssrdsl.space.ranges.elimination import Elimination
from ssrdsl.space.ranges.factors import Array, Factor, Problem, constraint
from ssrdsl.space.ranges.intervals import ValueInterval
from ssrdsl.space.restrict import source

MAX_KEPT = 2**23
"""Limit on table entries of cached steps; then the cache is cleared."""


class AttainableRanges:
    """The ranges of the costs of a graph when decisions keep only some of their options."""

    def __init__(self, graph: Graph, problem: Problem | None = None) -> None:
        """`problem` is `cost_problem(graph)`, if already computed. Raises `TooWide` as that does."""
        self._problem = problem or cost_problem(graph)
        self._factors = self._problem.factors()
        self._first = Elimination(self._factors, self._problem.sizes, 2 * self._problem.totals)
        self._constraints: dict[tuple[int, tuple[bool, ...]], Factor] = {}
        self._known: KnownSteps = {}
        self._kept = 0

    def __call__(self, survivors: Mapping[str, tuple[int, ...]]) -> dict[str, ValueInterval]:
        """The range of every cost in `COSTS`, with only these option indices left in the decisions named.

        Raises `Unsatisfiable` if the requirements over decisions leave no architecture.
        """
        found = self._eliminated(survivors)
        ends = found.total.tolist()
        if np.inf in ends:
            raise Unsatisfiable
        values = [self._problem.cost(end) for end in ends]
        return {
            cost: ValueInterval(values[2 * at], -values[2 * at + 1], found.is_exact) for at, cost in enumerate(COSTS)
        }

    def ends(self, survivors: Mapping[str, tuple[int, ...]]) -> Array:
        """Assignments that attain the ends of the ranges where those are exact: a row of positions for each."""
        return self._eliminated(survivors).trace()[:, : len(self._problem.decisions)]

    def _eliminated(self, survivors: Mapping[str, tuple[int, ...]]) -> _Repeated:
        if self._kept > MAX_KEPT:
            self._known.clear()
            self._kept = 0
        found = _Repeated([*self._factors, *self._left(survivors)], self._first, self._known)
        self._kept += found.kept
        return found

    def _left(self, survivors: Mapping[str, tuple[int, ...]]) -> Iterator[Factor]:
        """The constraints to the options that are left, for decisions of which some are gone."""
        for name, kept in survivors.items():
            variable = self._problem.decisions.get(name)
            if variable is not None:
                key = variable, tuple([index in kept for index in self._problem.positions[variable]])
                if key not in self._constraints:
                    self._constraints[key] = constraint({}, (variable,), np.array(key[1]))
                if not all(key[1]):
                    yield self._constraints[key]


KnownSteps: TypeAlias = dict[tuple[int, ...], tuple[list[Factor], list[Factor], bool]]
"""By the variable and the identities of the factors of a step: those, what is left of them, and whether it is exact."""


class _Repeated(Elimination):
    """An elimination like a first one, with more constraints, that does only those steps that are not known."""

    def __init__(self, factors: Sequence[Factor], first: Elimination, known: KnownSteps) -> None:
        self._known = known
        self._is_split = False
        self.is_exact = True
        """Whether the bounds are attained."""
        self.kept = 0
        """Table entries of the steps that became known."""
        super().__init__(factors, first.sizes, len(first.total), first)

    def _minimised(self, variable: int, gathered: list[Factor]) -> Iterator[Factor]:
        key = (variable, *map(id, gathered))
        if key not in self._known:
            self._is_split = False
            self._effort = 0
            left = list(super()._minimised(variable, gathered))
            # The factors are kept with the result, so that no other one gets the identity of one of them.
            self._known[key] = gathered, left, not self._is_split
            self.kept += sum([factor.array.size for factor in left])
        _, left, is_exact = self._known[key]
        self.is_exact &= is_exact
        return iter(left)

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
