"""Random architectures with costs in windows, with the distribution of uniform decisions conditioned on the windows.

If uniform decisions are rarely in the windows, networks are drawn from a distribution tilted towards the windows
(`tilts`) and accepted with a probability that corrects for the tilt. The result is exact: the tilted probability of a
network of costs c is proportional to exp(-weights * c), and it is accepted with probability
exp(weights * (c - corner)), which is 1 at the corner of the windows.

If no tilt reaches the windows (very few architectures of a large space are inside, or too many decisions depend on each
other), networks are drawn from a Metropolis chain of random changes inside the windows. Its stationary distribution is
the conditioned one, if such changes connect all networks in the windows.
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
"""Number of networks drawn uniformly to estimate the fraction in the windows."""
ENOUGH = 16
"""Number of those in the windows with which uniform draws are used."""
FEWEST = 4
"""Minimum number of the networks drawn with a tilt that are in the windows."""
GOOD = 0.02
"""Acceptance rate at which no better tilt is searched."""
PATIENCE = 3
"""Number of tilts without improvement after which the search for a tilt ends."""
MOVES = 256
"""Maximum number of changes that are evaluated at once."""
TAKEN = 64
"""Approximate number of accepted changes between two drawn networks."""
MAX_LENGTH = 4096
"""Maximum number of changes tried between two drawn networks."""


DrawNetworks: TypeAlias = Callable[[np.random.Generator, int], Array]
"""Draw about this number of random networks, possibly none: one row of positions of the decisions for each."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Rejection sampling: draw networks, uniformly or with a tilt, and accept those in the windows at random."""

    costed: Costed
    draw: DrawNetworks
    weights: Array
    corner: Array
    rate: float
    """The approximate acceptance rate."""

    def __call__(self, random: np.random.Generator, count: int) -> Array:
        """The accepted networks of a batch that is expected to contain about `count` of them."""
        rows = self.draw(random, int(np.clip(1.5 * count / self.rate, 64, TRIED)))
        return np.asarray(rows[random.random(len(rows)) < self.chance(self.costed.costs(rows))])

    def chance(self, costs: Array) -> Array:
        """The probability of accepting networks of these costs."""
        is_inside = self.costed.distances(costs) == 0
        excess: Any = np.where(is_inside[:, None], costs - self.corner, 0) @ self.weights
        return np.where(is_inside, np.exp(np.minimum(excess, 0)), 0)


@dataclass(frozen=True, slots=True)
class RandomWalk:
    """A Markov chain of networks in the windows; each step changes one to four decisions at random."""

    costed: Costed
    start: Array
    length: int
    """The number of changes tried between two drawn networks."""

    def __call__(self, random: np.random.Generator, count: int) -> Array:
        """`count` states of the chain, separated by `length` tried changes."""
        row, found = self.start, []
        for _ in range(count):
            row = self._moved(random, row)
            found.append(row)
        return np.array(found)

    def _moved(self, random: np.random.Generator, row: Array) -> Array:
        """The state after `length` tried changes. Changes are evaluated in batches, up to the first accepted one."""
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
    """`count` random changes of an assignment.

    Each draws one decision again, and up to three others, each of these with probability 1/2.
    """
    moves = np.tile(row, (count, 1))
    sizes = np.array(costed.sizes)
    for number in range(4):
        at = random.integers(len(row), size=count)
        chosen = np.flatnonzero(random.random(count) < (0.5 if number else 1.0))
        moves[chosen, at[chosen]] = random.integers(sizes[at[chosen]])
    return moves


def _chain(costed: Costed, start: Array, random: np.random.Generator) -> RandomWalk:
    """A chain with about `TAKEN` accepted changes between two draws, if `MAX_LENGTH` tries suffice for that."""
    moves = changed(costed, random, start, MOVES)
    taken = float((costed.distances(costed.costs(moves)) == 0).mean())
    return RandomWalk(costed, start, int(np.clip(TAKEN / max(taken, 1e-9), MOVES, MAX_LENGTH)))


def draws(costed: Costed, start: Callable[[], Array | None]) -> DrawNetworks | None:
    """The best method of drawing networks in the windows; None if no network is found there.

    `start` returns a network in the windows, or None; it is called if the other methods find none.
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
    """Rejection sampling with the tilt of the highest acceptance rate; None if no tilt has enough networks inside."""
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
    """The costs in the windows with the lowest tilted probability."""
    corner = np.zeros(len(COSTS))
    for window in windows:
        at = COSTS.index(window.cost)
        corner[at] = float(window.greatest if tilt.weights[at] > 0 else window.least)
    return np.where(tilt.weights == 0, 0.0, corner)
