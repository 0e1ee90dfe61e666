"""The totals of many assignments at once, and a local search for good ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ssrdsl.space.ranges.factors import ENDS, Array, PositionMasks, Problem, bits

MAX_LOOKUPS = 2**22
"""Approximate limit on the table entries read by one search."""
AT_ONCE = 2**21
"""Limit on the positions of variables in memory."""
DRAWN = 256
"""Candidates drawn at random."""


class Candidates:
    """Assignments to the decisions of a problem, as rows of positions, and their totals."""

    def __init__(self, problem: Problem, ends: Sequence[int] = ENDS) -> None:
        self._problem = problem
        self.factors = problem.factors(ends)
        """The factors of the problem for these ends."""
        self._count = problem.totals * len(ends)
        self._summed = self.factors[len(problem.definitions) :]
        self._sizes = np.array(problem.sizes[: len(problem.decisions)], dtype=int)
        self._random = np.random.default_rng(0)
        self._most = max(1, AT_ONCE // max(1, len(problem.positions)))

    def rows(self, candidates: Array) -> Array:
        """The totals of each candidate: an array of total by candidate, infinite if it is not admitted."""
        parts = [candidates[start : start + self._most] for start in range(0, max(1, len(candidates)), self._most)]
        return np.concatenate([self._rows(part) for part in parts], axis=1)

    def _rows(self, candidates: Array) -> Array:
        positions: list[Any] = list(candidates.T)
        met: dict[tuple[int, int], Array] = {}

        def counts(context: PositionMasks) -> Any:
            counting: Any = True
            for variable, mask in context.items():
                if (variable, mask) not in met:
                    met[variable, mask] = bits(mask, len(self._problem.positions[variable]))[positions[variable]]
                counting = counting & met[variable, mask]
            return counting

        for definition in self._problem.definitions:
            *axes, variable = definition.axes
            value = definition.array[0].argmin(axis=-1)[tuple([positions[axis] for axis in axes])]
            if variable == len(positions):
                positions.append(np.zeros(len(candidates), dtype=int))
            positions[variable] = np.where(counts(definition.context), value, positions[variable])
        rows: Any = np.zeros([self._count, len(candidates)], dtype=int)
        for factor in self._summed:
            values = factor.array[(slice(None), *[positions[axis] for axis in factor.axes])]
            values = values.reshape(len(values), -1)
            rows = rows + np.where(counts(factor.context), values, 0)
        return np.asarray(rows)

    def drawn(self) -> Array:
        """Random candidates, and those with all first and with all last options."""
        drawn = self._random.integers(self._sizes, size=(DRAWN, len(self._sizes)))
        return np.concatenate([np.zeros_like(drawn[:1]), drawn[:1] * 0 + self._sizes - 1, drawn])

    def improved(self, start: Array, score: Callable[[Array], Array]) -> Array:
        """A candidate that no change of a single decision improves, or the best one found within the limit.

        `score` returns a score for each candidate from their totals; lower is better.
        """
        best, least = start, score(self.rows(start[None]))[0]
        lookups = 0
        while lookups < MAX_LOOKUPS:
            moves = self._moves(best)
            scores = score(self.rows(moves))
            together = self._together(best, moves[[at for at in np.argsort(scores) if scores[at] < least]])
            if not len(together):
                break
            scores = score(self.rows(together))
            best, least = together[np.argmin(scores)], scores.min()
            lookups += (len(moves) + len(together)) * len(self._summed)
        return best

    def _moves(self, candidate: Array) -> Array:
        """The candidates that differ in a single decision; a random selection if they are too many."""
        changes = single_changes(candidate, self._sizes)
        if len(changes) > self._most:
            changes = changes[self._random.choice(len(changes), self._most, replace=False)]
        return with_changes(candidate, changes)

    def _together(self, candidate: Array, moves: Array) -> Array:
        """Combinations of moves in different decisions: the first one, the first two, and so on."""
        found = [candidate]
        changed = set[int]()
        for move in moves:
            at = int(np.flatnonzero(move != candidate)[0])
            if at not in changed and len(found) <= DRAWN:
                changed.add(at)
                found.append(np.where(move != candidate, move, found[-1]))
        return np.array(found[1:])


def single_changes(row: Array, sizes: Array) -> Array:
    """All changes of one position of a row, as pairs of column and new position."""
    changes = [(at, to) for at, size in enumerate(sizes) for to in range(size) if to != row[at]]
    return np.array(changes, dtype=int).reshape(-1, 2)


def with_changes(row: Array, changes: Array) -> Array:
    """Copies of the row, each with one of the changes."""
    rows = np.tile(row, (len(changes), 1))
    rows[np.arange(len(changes)), changes[:, 0]] = changes[:, 1]
    return rows
