"""Exact random draws from the options of all decisions, weighted by exp(-cost): cheap networks more often.

Bucket elimination for sum-product (Dechter, 1999) in place of min-sum: every step replaces a variable by the logarithm
of the mean of exp(-cost) over its positions, and the variables are then drawn in reverse order, each given those drawn
before. So networks of any cost are drawn by an exponential tilt (Siegmund, 1976), as Boltzmann samplers draw
combinatorial structures of a given size (Duchon, Flajolet, Louchard and Schaeffer, 2004).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.ranges.elimination import Elimination, along, cases
from ssrdsl.space.ranges.factors import Array, Factor, Problem, bits

MAX_TABLE = 2**22
"""Entries of the largest table."""


class Tilted(Elimination):
    """Draws of the decisions of a problem, with probability in proportion to exp(-sum of weight * total).

    All options of a decision have the same probability beside that. Raises `TooWide` if too many variables meet.
    """

    def __init__(
        self,
        problem: Problem,
        factors: Sequence[Factor],
        weights: Sequence[float],
        order: Sequence[int] | None = None,
    ) -> None:
        """`factors` are those of the problem; one weight for each of its totals. `order` is that of another tilt."""
        self._given = order
        self._count = len(problem.decisions)
        scale = np.asarray(weights, dtype=float) / problem.unit
        held = [_weighted(factor, scale) for factor in factors]
        super().__init__(held, problem.sizes, 1)

    @property
    def order(self) -> list[int]:
        """The order in which the variables were eliminated."""
        return [variable for variable, _ in self._steps]

    def draw(self, random: np.random.Generator, count: int) -> Array:
        """So many draws: one row of positions of the decisions for each."""
        chosen = np.zeros((len(self.sizes), count), dtype=np.int64)
        for variable, gathered in reversed(self._steps):
            costs = np.zeros((count, self.sizes[variable]))
            for factor in gathered:
                costs += _costs(variable, factor, chosen, self.sizes)
            sums = np.exp(costs.min(axis=1, keepdims=True) - costs).cumsum(axis=1)
            chosen[variable] = (random.random((count, 1)) * sums[:, -1:] >= sums).sum(axis=1)
        return chosen[: self._count].T.copy()

    def _order(self) -> Iterator[int]:
        return super()._order() if self._given is None else iter(self._given)

    def _is_seen_to_settle(self, variable: int, held: list[Factor]) -> bool:
        return False  # every position counts, not the best one alone

    def _minimised(self, variable: int, gathered: list[Factor]) -> Iterator[Factor]:
        """Outside of the contexts of all factors the mean of exp(-0) is 1: nothing is left there."""
        tables = along(variable, gathered, self.sizes)
        if self._entries(tables) * self.sizes[variable] > MAX_TABLE:
            raise TooWide("too many decisions have to be considered together")
        for context, inside in cases(tables, {}, self.sizes) if tables else ():
            part = self._sum(inside, context)
            least = part.array.min(axis=1)
            least = np.where(np.isfinite(least), least, 0)
            with np.errstate(divide="ignore"):
                left = least - np.log(np.exp(least[:, None] - part.array).mean(axis=1))
            if left.any():
                yield Factor(part.context, part.axes, left)


def _weighted(factor: Factor, weights: Array) -> Factor:
    """A factor of one row: the weighted sum of the totals."""
    if factor.is_constraint:
        return factor
    rows = factor.array[::2].astype(float)
    return Factor(factor.context, factor.axes, np.tensordot(weights, rows, 1)[None])


def _costs(variable: int, factor: Factor, chosen: Array, sizes: Sequence[int]) -> Array:
    """A factor along one variable, one row for each draw of the others."""
    array = factor.array[0, ...]
    array = np.moveaxis(array, factor.axes.index(variable), -1) if variable in factor.axes else array[..., None]
    found = array[tuple([chosen[axis] for axis in factor.axes if axis != variable])].reshape(-1, array.shape[-1])
    for other, mask in factor.context.items():
        if other == variable:
            found = np.where(bits(mask, sizes[variable]), found, 0)
        else:
            found = np.where(bits(mask, sizes[other])[chosen[other]][:, None], found, 0)
    return np.asarray(found)
