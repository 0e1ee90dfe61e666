"""Random draws weighted by exp(-weights * costs), and the weights for which they are in windows.

Bucket elimination for sum-product (Dechter, 1999) in place of min-sum: each step replaces a variable by the logarithm
of the mean of exp(-cost) over its positions. The variables are then drawn in reverse order, each conditioned on those
already drawn. This is an exponential tilt (Siegmund, 1976), as used by Boltzmann samplers for combinatorial structures
of a given size (Duchon, Flajolet, Louchard and Schaeffer, 2004).

The weights for which the mean cost is a target minimise log Z(weights) + weights * target, which is convex: its
gradient is the target minus the mean cost, its Hessian the covariance of the costs. Both are estimated from draws, for
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
"""Limit on the entries of a table."""
STEPS = 24
LONGEST = 2.0
"""The longest step, in standard deviations of a cost."""
DRAWN = 1024


class Tilted(Elimination):
    """Draws of the decisions of a problem, with probability proportional to exp(-sum of weight * total).

    With weights of zero, the options of a decision are equally likely. Raises `TooWide` if a table would be too large.
    """

    def __init__(
        self,
        problem: Problem,
        factors: Sequence[Factor],
        weights: Sequence[float],
        order: Sequence[int] | None = None,
    ) -> None:
        """`factors` are those of the problem, `weights` has one for each total, `order` is that of another tilt."""
        self._count = len(problem.decisions)
        scale = np.asarray(weights, dtype=float) / problem.unit
        held = [_weighted(factor, scale) for factor in factors]
        super().__init__(held, problem.sizes, 1, order)

    def draw(self, random: np.random.Generator, count: int) -> Array:
        """Draw `count` networks: one row of positions of the decisions for each."""

        def drawn(costs: Array) -> Array:
            sums = np.exp(costs.min(axis=1, keepdims=True) - costs).cumsum(axis=1)
            return np.asarray((random.random((count, 1)) * sums[:, -1:] >= sums).sum(axis=1))

        return self._backwards(np.zeros(count, dtype=int), drawn)[:, : self._count].copy()

    def _is_seen_to_settle(self, variable: int, held: list[Factor]) -> bool:
        return False  # all positions are needed, not only the best one

    def _parts(self, tables: list[Factor], size: int) -> list[Factor]:
        if self._entries(tables) * size > MAX_TABLE:
            raise TooWide("too many decisions have to be considered together")
        return [self._sum(inside, context) for context, inside in cases(tables, {}, self.sizes)] if tables else []

    def _reduced(self, array: Array) -> Array:
        """The logarithm of the mean over the second axis; 0 outside of the contexts of all factors."""
        least = array.min(axis=1)
        least = np.where(np.isfinite(least), least, 0)
        with np.errstate(divide="ignore"):
            return np.asarray(least - np.log(np.exp(least[:, None] - array).mean(axis=1)))


def _weighted(factor: Factor, weights: Array) -> Factor:
    """The factor whose single row is the weighted sum of the totals."""
    if factor.is_constraint:
        return factor
    rows = factor.array[::2].astype(float)
    return Factor(factor.context, factor.axes, np.tensordot(weights, rows, 1)[None])


class Tilt(NamedTuple):
    """Weights of the costs in `COSTS`, a sampler with these weights, networks drawn by it, and their costs."""

    weights: Array
    draws: Tilted
    rows: Array
    costs: Array


def tilts(costed: Costed, random: np.random.Generator) -> Iterator[Tilt]:
    """A sequence of tilts for which networks are increasingly near the windows. Raises `TooWide` if there is none.

    If the mean cost is in a window without weights, this cost is given a weight only once the other weights move the
    mean out of the window.
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
    """The target of the mean in a window: near the nearest bound, or the middle of a narrow window."""
    width = float(window.greatest - window.least)
    inside = min(width, spread) / 2
    if mean > (float(window.greatest) if width == np.inf else (window.least + window.greatest) / 2):
        return float(window.greatest) - inside
    return float(window.least) + inside if window.least > -np.inf else float(window.greatest) - inside


def _step(costs: Array, excess: Array) -> Array:
    """A Newton step; costs are divided by their spread, since their magnitudes differ."""
    spread = costs.std(axis=0)
    correlation = np.corrcoef(costs, rowvar=False).reshape(len(excess), -1)
    eased = correlation + 1e-2 * np.eye(len(excess))
    return np.asarray(np.linalg.solve(eased, excess / spread) / spread)


def _of_right_sign(weight: float, window: Window) -> float:
    """The weight, limited so that a window without upper bound does not lower costs, and conversely."""
    if window.greatest == np.inf:
        return min(weight, 0.0)
    return max(weight, 0.0) if window.least == -np.inf else weight
