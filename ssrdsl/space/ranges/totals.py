"""The least and the greatest totals of a `Problem`: bounds that hold, and assignments that attain them or come near."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import inf
from typing import Any, NamedTuple

import numpy as np

from ssrdsl.space.ranges.candidates import Candidates
from ssrdsl.space.ranges.elimination import Elimination
from ssrdsl.space.ranges.factors import ENDS, Array, Problem


class Extreme(NamedTuple):
    """One end of a total: no value is beyond `bound`, and `assignment` has `value`.

    The assignment gives every decision an option index; both are None if none was found that is admitted.
    """

    bound: Any
    value: Any
    assignment: Mapping[str, int] | None

    @property
    def is_exact(self) -> bool:
        """Whether the bound is attained."""
        return bool(self.value == self.bound)


class Bounds(NamedTuple):
    """The least and the greatest value of a total."""

    minimum: Extreme
    maximum: Extreme

    @property
    def is_exact(self) -> bool:
        """Whether both are attained; else no architecture is known to."""
        return self.minimum.is_exact and self.maximum.is_exact


class Totals:
    """The totals of a problem over all assignments that it admits, at these ends: 1 for the least, -1 for the greatest.

    Both together take longer than each alone: rarely is one option best for all.
    """

    def __init__(self, problem: Problem, ends: tuple[int, ...] = ENDS) -> None:
        self.problem = problem
        self._ends = ends
        self._candidates = Candidates(problem, ends)
        self._elimination = Elimination(self._candidates.factors, problem.sizes, problem.totals * len(ends))

    @property
    def is_impossible(self) -> bool:
        """Whether it is proved that nothing is admitted."""
        return inf in self._elimination.total.tolist()

    def bounds(self, total: int) -> Bounds:
        """The least and the greatest value of a total."""
        return Bounds(self.extreme(total, 1), self.extreme(total, -1))

    def extreme(self, total: int, sign: int) -> Extreme:
        """The least value of a total for the sign 1, the greatest for -1."""
        row = total * len(self._ends) + self._ends.index(sign)
        bound = self._elimination.total.tolist()[row]
        best = self._traced[row]
        value = self._candidates.rows(best[None])[row, 0]
        if value != bound:
            starts, found = self._starts
            best = self._candidates.improved(starts[np.argmin(found[row])], lambda rows: rows[row])
            value = self._candidates.rows(best[None])[row, 0]
        if value == inf:
            return Extreme(sign * self.problem.cost(bound), None, None)
        return Extreme(sign * self.problem.cost(bound), sign * self.problem.cost(value), self.problem.options(best))

    @cached_property
    def _traced(self) -> Array:
        return self._elimination.trace()[:, : len(self.problem.decisions)]

    @cached_property
    def _starts(self) -> tuple[Array, Array]:
        starts = np.concatenate([self._traced, self._candidates.drawn()])
        return starts, self._candidates.rows(starts)
