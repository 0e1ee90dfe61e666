"""Which tilt of the costs brings random networks into windows: Newton's method on the logarithm of the partition sum.

The weights that move the mean cost to a target minimise log Z(weights) + weights * target, which is convex: its
gradient is the target less the mean cost, its Hessian the covariance of the costs. Both are estimated from draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ssrdsl.space.cost import COSTS
from ssrdsl.space.ranges.factors import Array
from ssrdsl.space.windows.costed import Costed
from ssrdsl.space.windows.tilted import Tilted
from ssrdsl.space.windows.window import Window

STEPS = 24
LONGEST = 2.0
"""The longest step, in standard deviations of a cost."""
DRAWN = 1024


class Tilt(NamedTuple):
    """Weights of the costs in `COSTS`, draws of networks under them and the costs of those."""

    weights: Array
    draws: Tilted
    rows: Array
    costs: Array


def tilts(costed: Costed, windows: Sequence[Window], random: np.random.Generator) -> Iterator[Tilt]:
    """Tilt under which networks come ever nearer to the windows. Raises `TooWide` if none can be drawn from.

    A window that the mean cost enters of itself is left alone until the others push it out.
    """
    at = [COSTS.index(window.cost) for window in windows]
    weights = np.zeros(len(COSTS))
    held = set[int]()
    order: Sequence[int] | None = None
    for _ in range(STEPS):
        draws = Tilted(costed.problem, costed.factors, weights.tolist(), order)
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
    """Where in a window the mean shall lie: near the bound that it comes from, in the middle of a narrow window."""
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
