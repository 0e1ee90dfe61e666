"""The least and the greatest totals of a `Problem`: bounds that hold, and assignments that attain them or come near."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from math import inf
from typing import Any, NamedTuple

import numpy as np

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.ranges.candidates import Candidates
from ssrdsl.space.ranges.elimination import Elimination
from ssrdsl.space.ranges.factors import ENDS, Array, Problem


class Extreme(NamedTuple):
    """One end of a total: nothing lies beyond `bound`, and `assignment` comes to `value`.

    The assignment gives every decision an option index; both are None if none was found that is admitted.
    """

    bound: Any
    value: Any
    assignment: Mapping[str, int] | None

    @property
    def is_exact(self) -> bool:
        """Whether the bound is attained."""
        return bool(self.value == self.bound)


class Totals:
    """The totals of a problem over all assignments that it admits, at these ends: 1 for the least, -1 for the greatest.

    Both together take longer than each alone: rarely is one option best for all.
    """

    def __init__(self, problem: Problem, ends: tuple[int, ...] = ENDS) -> None:
        self.problem = problem
        self._ends = ends
        factors = problem.factors(ends)
        self._elimination = Elimination(factors, problem.sizes, problem.totals * len(ends))
        self._candidates = Candidates(problem, factors, ends)

    @property
    def is_impossible(self) -> bool:
        """Whether it is proved that nothing is admitted."""
        return inf in self._elimination.total.tolist()

    @cached_property
    def extremes(self) -> list[tuple[Extreme, Extreme]]:
        """The least and the greatest value of every total."""
        return [(self.least(total), self.greatest(total)) for total in range(self.problem.totals)]

    def least(self, total: int) -> Extreme:
        """The least value of a total."""
        return self._extreme(total, 1)

    def greatest(self, total: int, is_searched: bool = True) -> Extreme:
        """The greatest value of a total; unless it is searched for, an assignment near it that is quickly found."""
        return self._extreme(total, -1, is_searched)

    def _row(self, total: int, end: int) -> int:
        return total * len(self._ends) + self._ends.index(end)

    def witness(self, excess: Callable[[Array], Array]) -> tuple[dict[str, int], list[Any]] | None:
        """An assignment with little excess, and its totals; None if none was found that is admitted.

        `excess` is told from totals: one row for each, one column for every assignment.
        """
        unit = self.problem.unit
        least = [self._row(total, 1) for total in range(self.problem.totals)]

        def score(rows: Array) -> Array:
            is_admitted = rows[0] != inf
            totals = np.where(is_admitted, rows[least], 0).astype(float) / unit
            return np.where(is_admitted, excess(totals), inf)

        best = self._searched(score)
        rows = self._candidates.rows(best[None])[:, 0]
        return None if inf in rows else (self.problem.options(best), list(map(self.problem.cost, rows[least])))

    def _extreme(self, total: int, sign: int, is_searched: bool = True) -> Extreme:
        row = self._row(total, sign)
        bound = self._elimination.total.tolist()[row]
        best = self._traced[row]
        value = self._candidates.rows(best[None])[row, 0]
        if value != bound and is_searched:
            best = self._searched(lambda rows: rows[row])
            value = self._candidates.rows(best[None])[row, 0]
        if value == inf:
            return Extreme(sign * self.problem.cost(bound), None, None)
        return Extreme(sign * self.problem.cost(bound), sign * self.problem.cost(value), self.problem.options(best))

    @cached_property
    def _traced(self) -> Array:
        count, rows = len(self.problem.decisions), len(self._elimination.total)
        return np.array([self._elimination.trace(row)[:count] for row in range(rows)], dtype=int)

    @cached_property
    def _starts(self) -> tuple[Array, Array]:
        starts = np.concatenate([self._traced, self._candidates.drawn()])
        return starts, self._candidates.rows(starts)

    def _searched(self, score: Callable[[Array], Array]) -> Array:
        starts, rows = self._starts
        return self._candidates.improved(starts[np.argmin(score(rows))], score)


def extremes_of(scalar: ExactScalar, domains: Mapping[str, tuple[int, ...]]) -> tuple[Any, Any]:
    """The least and the greatest value of a number over decisions with these options. Raises `TooWide`."""
    problem = Problem(domains)
    problem.add_cost(scalar)
    ends = Totals(problem).extremes[0]
    if not all(end.is_exact for end in ends):
        raise TooWide("too many decisions have to be considered together")
    return ends[0].value, ends[1].value
