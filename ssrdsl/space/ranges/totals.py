"""The least and the greatest totals of a `Problem`: bounds, and assignments that attain them or are close."""

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
    """One end of a total: no value is beyond `bound`, and `value` is that of `assignment`.

    The assignment has an option index for each decision. Both are None if no admitted one was found.
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
        """Whether both bounds are attained."""
        return self.minimum.is_exact and self.maximum.is_exact


class Totals:
    """The totals of a problem over all admitted assignments, at these ends: 1 for the least, -1 for the greatest.

    Computing both ends at once takes longer than each alone, since one option is rarely best for both.
    """

    def __init__(self, problem: Problem, ends: tuple[int, ...] = ENDS) -> None:
        self.problem = problem
        self._ends = ends
        self._candidates = Candidates(problem, ends)
        self._elimination = Elimination(self._candidates.factors, problem.sizes, problem.totals * len(ends))

    @property
    def is_impossible(self) -> bool:
        """Whether it is proved that no assignment is admitted."""
        return inf in self._elimination.total.tolist()

    def bounds(self, total: int) -> Bounds:
        """The least and the greatest value of a total."""
        return Bounds(self.extreme(total, 1), self.extreme(total, -1))

    def extreme(self, total: int, sign: int) -> Extreme:
        """The least value of a total (sign 1) or the greatest (-1)."""
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
