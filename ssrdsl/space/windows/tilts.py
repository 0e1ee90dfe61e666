"""Random draws weighted by exp(-cost), and under which weights of the costs they come into windows.

Bucket elimination for sum-product (Dechter, 1999) in place of min-sum: every step replaces a variable by the logarithm
of the mean of exp(-cost) over its positions, and the variables are then drawn in reverse order, each given those drawn
before. So networks of any cost are drawn by an exponential tilt (Siegmund, 1976), as Boltzmann samplers draw
combinatorial structures of a given size (Duchon, Flajolet, Louchard and Schaeffer, 2004).

The weights that move the mean cost to a target minimise log Z(weights) + weights * target, which is convex: its
gradient is the target less the mean cost, its Hessian the covariance of the costs. Both are estimated from draws, for
Newton's method.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COSTS
from ssrdsl.space.ranges.elimination import Elimination, cases
from ssrdsl.space.ranges.factors import Array, Factor, Problem
from ssrdsl.space.windows.costed import Costed
from ssrdsl.space.windows.window import Window

MAX_TABLE = 2**22
"""Entries of the largest table."""
STEPS = 24
LONGEST = 2.0
"""The longest step, in standard deviations of a cost."""
DRAWN = 1024


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
        self._count = len(problem.decisions)
        scale = np.asarray(weights, dtype=float) / problem.unit
        held = [_weighted(factor, scale) for factor in factors]
        super().__init__(held, problem.sizes, 1, order)

    def draw(self, random: np.random.Generator, count: int) -> Array:
        """Draw a number of networks: one row of positions of the decisions for each."""

        def drawn(costs: Array) -> Array:
            sums = np.exp(costs.min(axis=1, keepdims=True) - costs).cumsum(axis=1)
            return np.asarray((random.random((count, 1)) * sums[:, -1:] >= sums).sum(axis=1))

        return self._backwards(np.zeros(count, dtype=int), drawn)[:, : self._count].copy()

    def _is_seen_to_settle(self, variable: int, held: list[Factor]) -> bool:
        return False  # every position counts, not the best one alone

    def _parts(self, tables: list[Factor], size: int) -> list[Factor]:
        if self._entries(tables) * size > MAX_TABLE:
            raise TooWide("too many decisions have to be considered together")
        return [self._sum(inside, context) for context, inside in cases(tables, {}, self.sizes)] if tables else []

    def _reduced(self, array: Array) -> Array:
        """Outside of the contexts of all factors the mean of exp(-0) is 1: nothing is left there."""
        least = array.min(axis=1)
        least = np.where(np.isfinite(least), least, 0)
        with np.errstate(divide="ignore"):
            return np.asarray(least - np.log(np.exp(least[:, None] - array).mean(axis=1)))


def _weighted(factor: Factor, weights: Array) -> Factor:
    """A factor of one row: the weighted sum of the totals."""
    if factor.is_constraint:
        return factor
    rows = factor.array[::2].astype(float)
    return Factor(factor.context, factor.axes, np.tensordot(weights, rows, 1)[None])


class Tilt(NamedTuple):
    """Weights of the costs in `COSTS`, draws of networks under them and the costs of those."""

    weights: Array
    draws: Tilted
    rows: Array
    costs: Array


def tilts(costed: Costed, random: np.random.Generator) -> Iterator[Tilt]:
    """Tilts under which networks come nearer and nearer to the windows. Raises `TooWide` if none can be drawn from.

    If the mean cost without weights is inside a window, that window is given a weight only once the other weights move
    the mean out of it.
    """
    windows = costed.windows
    at = [COSTS.index(window.cost) for window in windows]
    weights = np.zeros(len(COSTS))
    held = set[int]()
    order: Sequence[int] | None = None
    for _ in range(STEPS):
        draws = Tilted(costed.problem, costed.candidates.factors, weights.tolist(), order)
        order = draws.order
        rows = draws.draw(random, DRAWN)
        costs = costed.costs(rows)
        yield Tilt(weights.copy(), draws, rows, costs)
        finite = costs[np.isfinite(costs[:, 0])]
        if len(finite) < 2:
            return
        mean, spread = finite.mean(axis=0), finite.std(axis=0)
        held |= {i for i, window in zip(at, windows, strict=True) if not window.holds(mean[i])}
        held = {i for i in held if spread[i] > 0}
        if not held:
            return
        chosen = sorted(held)
        goals = np.array([_goal(windows[at.index(i)], mean[i], spread[i]) for i in chosen])
        step = _step(finite[:, chosen], mean[chosen] - goals)
        longest = np.abs(step * spread[chosen]).max()
        weights[chosen] += step * min(1.0, LONGEST / max(longest, 1e-300))
        for i in chosen:
            weights[i] = _of_right_sign(weights[i], windows[at.index(i)])


def _goal(window: Window, mean: float, spread: float) -> float:
    """The goal of the mean in a window: near the bound that it comes from, the middle of a narrow window."""
    width = float(window.greatest - window.least)
    inside = min(width, spread) / 2
    if mean > (float(window.greatest) if width == np.inf else (window.least + window.greatest) / 2):
        return float(window.greatest) - inside
    return float(window.least) + inside if window.least > -np.inf else float(window.greatest) - inside


def _step(costs: Array, excess: Array) -> Array:
    """Newton's step, in units of the spread, so that costs of different sizes go together."""
    spread = costs.std(axis=0)
    correlation = np.corrcoef(costs, rowvar=False).reshape(len(excess), -1)
    eased = correlation + 1e-2 * np.eye(len(excess))
    return np.asarray(np.linalg.solve(eased, excess / spread) / spread)


def _of_right_sign(weight: float, window: Window) -> float:
    """A window that is open above never makes networks cheaper, one that is open below never more expensive."""
    if window.greatest == np.inf:
        return min(weight, 0.0)
    return max(weight, 0.0) if window.least == -np.inf else weight
