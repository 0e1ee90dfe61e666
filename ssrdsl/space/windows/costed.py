"""The costs of very many assignments to the decisions of a graph at once, and how far those are from windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import product
from math import gcd, prod

import numpy as np

from ssrdsl.space import activity
from ssrdsl.space.cost import COSTS
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import cost_problem
from ssrdsl.space.ranges.candidates import Candidates
from ssrdsl.space.ranges.factors import Array, Problem
from ssrdsl.space.restrict import source
from ssrdsl.space.windows.window import Window

FEW = 2**16
"""Combinations of options up to which all of them are listed."""


class Costed:
    """Assignments to all decisions of a graph, as rows of positions, and their costs.

    An assignment has an option for inactive decisions, too. Raises `TooWide` as `cost_problem` does.
    """

    def __init__(self, graph: Graph, windows: Sequence[Window] = (), conditions: bool = True) -> None:
        """`conditions` is whether only assignments count that meet the requirements over decisions."""
        self.graph = graph
        self.windows = windows
        self.problem: Problem = cost_problem(graph, conditions=conditions)
        self.candidates = Candidates(self.problem)
        self.sizes = self.problem.sizes[: len(self.problem.decisions)]

    def costs(self, rows: Array) -> Array:
        """The costs of assignments: one column for each cost in `COSTS`; infinite where a requirement is not met."""
        return self._costs(self.candidates.rows(rows))

    def _costs(self, totals: Array) -> Array:
        return np.asarray(np.where(totals[::2] == np.inf, np.inf, totals[::2]).astype(float) / self.problem.unit).T

    def distances(self, costs: Array) -> Array:
        """The largest distance of costs from the windows."""
        found = np.where(np.isinf(costs[:, 0]), np.inf, 0.0)
        for window in self.windows:
            found = np.maximum(found, window.distances(costs[:, COSTS.index(window.cost)]))
        return found

    def uniform(self, random: np.random.Generator, count: int) -> Array:
        """`count` assignments, [count, decisions], every decision uniformly over its options."""
        return random.integers(self.sizes, size=(count, len(self.sizes)))

    @cached_property
    def every(self) -> Array | None:
        """All assignments, or None if they are too many."""
        if prod(self.sizes) > FEW:
            return None
        rows = list(product(*map(range, self.sizes)))
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(self.sizes))

    def step(self, cost: str) -> tuple[int, int]:
        """Two numbers, step and offset: every value of a cost is the offset and a multiple of the step."""
        row, size, some, unit = 2 * COSTS.index(cost), 0, 0, self.problem.unit
        for factor in self.candidates.factors:
            if not factor.is_constraint:
                values = [int(value) for value in factor.array[row, ...].ravel().tolist()]
                base = 0 if factor.context else values[0]
                size, some = gcd(size, *{value - base for value in values}), some + base
        return (1, 0) if size == 0 or size % unit or some % unit else (size // unit, some // unit)

    def assignment(self, row: Array) -> dict[str, int]:
        """The option index of every decision that is active under a row of positions, closed ones included."""
        taken = self.problem.options(row)
        return activity.walk(source(self.graph), lambda decision: taken[decision.name]).assignment

    def row(self, assignment: Mapping[str, int]) -> Array:
        """The positions of an architecture; those of inactive decisions are their first ones."""
        taken = [(assignment.get(name), self.problem.positions[at]) for name, at in self.problem.decisions.items()]
        return np.array([0 if index is None else indices.index(index) for index, indices in taken], dtype=np.int64)

    def improved(self, row: Array) -> Array:
        """An assignment that is not farther from the windows: the best that changes of few decisions lead to."""
        return self.candidates.improved(row, lambda totals: self.distances(self._costs(totals)))
