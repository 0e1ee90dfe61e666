"""Random architectures whose costs are in windows, distributed as those drawn by decisions that happen to be there.

Where hardly any of those do, networks are drawn under a tilt of the costs that brings them near (`tilts`), and one in
the windows is kept with a probability that makes up for the tilt. So the distribution is exact: under the tilt the
probability of a network of costs c is proportional to exp(-weights * c), and it is kept with probability
exp(weights * (c - corner)), which is 1 at the corner of the windows.

Where a tilt does not reach the windows either (very few architectures of a large space lie there, or the decisions hang
together too much for it) networks are changed at random without leaving the windows: a Metropolis chain, of which the
conditioned distribution is the stationary one. It is near that distribution as far as such changes connect the windows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COSTS
from ssrdsl.space.ranges.factors import Array
from ssrdsl.space.windows.costed import Costed
from ssrdsl.space.windows.tilts import Tilt, tilts
from ssrdsl.space.windows.window import Window

TRIED = 4096
"""Number of networks drawn by decisions to see whether enough are in the windows."""
ENOUGH = 16
"""How many of those are enough."""
FEWEST = 4
"""Of the networks drawn under a tilt, how many must be kept."""
GOOD = 0.02
"""Which part of them is so good that no better tilt is looked for."""
PATIENCE = 3
"""Tilts that are not better after which no more are looked at."""
MOVES = 256
"""Changes of a network that are looked at together, at most."""
TAKEN = 64
"""Changes of a network that are taken between two that are drawn, about."""
MAX_LENGTH = 4096
"""Changes that are tried for that, at most."""


DrawNetworks: TypeAlias = Callable[[np.random.Generator, int], Array]
"""Draw about this number of networks at random, perhaps none: a row of positions of the decisions for each."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Draws networks under a tilt, or by decisions, and keeps those in the windows with the right probability."""

    costed: Costed
    draw: DrawNetworks
    weights: Array
    corner: Array
    rate: float
    """Which part is kept, about."""

    def __call__(self, random: np.random.Generator, count: int) -> Array:
        """Those that are kept of as many draws as give about this number."""
        rows = self.draw(random, int(np.clip(1.5 * count / self.rate, 64, TRIED)))
        return np.asarray(rows[random.random(len(rows)) < self.chance(self.costed.costs(rows))])

    def chance(self, costs: Array) -> Array:
        """The probability with which networks of these costs are kept."""
        is_inside = self.costed.distances(costs) == 0
        excess: Any = np.where(is_inside[:, None], costs - self.corner, 0) @ self.weights
        return np.where(is_inside, np.exp(np.minimum(excess, 0)), 0)


@dataclass(frozen=True, slots=True)
class RandomWalk:
    """Changes a network of the windows at random, one to four decisions at once, and never leaves the windows."""

    costed: Costed
    start: Array
    length: int
    """Changes that are tried between two networks that are drawn."""

    def __call__(self, random: np.random.Generator, count: int) -> Array:
        """`count` states of the chain, far apart."""
        row, found = self.start, []
        for _ in range(count):
            row = self._moved(random, row)
            found.append(row)
        return np.array(found)

    def _moved(self, random: np.random.Generator, row: Array) -> Array:
        """The state after a number of changes were tried. They are considered together up to the first accepted."""
        left, together = self.length, 4
        while left > 0:
            moves = changed(self.costed, random, row, min(left, together))
            inside = np.flatnonzero(self.costed.distances(self.costed.costs(moves)) == 0)
            if len(inside):
                row = moves[inside[0]]
                left -= int(inside[0]) + 1
                together = max(4, together // 2)
            else:
                left -= len(moves)
                together = min(MOVES, together * 2)
        return row


def changed(costed: Costed, random: np.random.Generator, row: Array, count: int) -> Array:
    """`count` changes of an assignment: one decision, and up to three more, each with probability 1/2, drawn again."""
    moves = np.tile(row, (count, 1))
    sizes = np.array(costed.sizes)
    for number in range(4):
        at = random.integers(len(row), size=count)
        chosen = np.flatnonzero(random.random(count) < (0.5 if number else 1.0))
        moves[chosen, at[chosen]] = random.integers(sizes[at[chosen]])
    return moves


def _chain(costed: Costed, start: Array, random: np.random.Generator) -> RandomWalk:
    """A chain in which about `TAKEN` changes are taken between two draws, as long as that takes not too many tries."""
    moves = changed(costed, random, start, MOVES)
    taken = float((costed.distances(costed.costs(moves)) == 0).mean())
    return RandomWalk(costed, start, int(np.clip(TAKEN / max(taken, 1e-9), MOVES, MAX_LENGTH)))


def draws(costed: Costed, start: Callable[[], Array | None]) -> DrawNetworks | None:
    """The best way to draw networks of the windows; None if none is found in them.

    `start` looks for a network in the windows, for where no other way finds one.
    """
    random = np.random.default_rng(0)
    every = costed.every
    if every is not None:
        inside = every[costed.distances(costed.costs(every)) == 0]
        if not len(inside):
            return None
        return lambda random, count: inside[random.integers(len(inside), size=count)]
    costs = costed.costs(costed.uniform(random, TRIED))
    hits = int((costed.distances(costs) == 0).sum())
    plain = Rejection(costed, costed.uniform, np.zeros(len(COSTS)), np.zeros(len(COSTS)), hits / TRIED)
    if hits >= ENOUGH:
        return plain
    found = _tilted(costed, random)
    if found is not None and (found.rate >= plain.rate / 4 or not hits):
        return found
    if hits:
        return plain
    first = start()
    return None if first is None else _chain(costed, first, random)


def _tilted(costed: Costed, random: np.random.Generator) -> Rejection | None:
    """Under the tilt that keeps most, as far as it pays to look for it; None if none keeps enough."""
    best: Rejection | None = None
    misses = 0
    with suppress(TooWide):
        for tilt in tilts(costed, random):
            found = Rejection(costed, tilt.draws.draw, tilt.weights, _corner(costed.windows, tilt), 0.0)
            chance = found.chance(tilt.costs)
            rate = float(chance.mean())
            if (chance > 0).sum() >= FEWEST and (best is None or rate > best.rate):
                best = replace(found, rate=rate)
                misses = 0
            elif best is not None:
                misses += 1
            if best is not None and (best.rate >= GOOD or misses >= PATIENCE):
                break
    return best


def _corner(windows: Sequence[Window], tilt: Tilt) -> Array:
    """The costs within the windows that the tilt makes rarest."""
    corner = np.zeros(len(COSTS))
    for window in windows:
        at = COSTS.index(window.cost)
        corner[at] = float(window.greatest if tilt.weights[at] > 0 else window.least)
    return np.where(tilt.weights == 0, 0.0, corner)
