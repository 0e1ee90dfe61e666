"""Random architectures whose costs lie in windows."""

from __future__ import annotations

import random
from collections.abc import Mapping

from ssrdsl.errors import UserError
from ssrdsl.space.graph import Graph
from ssrdsl.space.sample import Sampler

Window = tuple[int, int]
"""The least and the greatest value of a cost, both allowed."""

MISSES = 20_000
"""Draws in a row that may miss the windows or repeat an architecture."""


def draw_in_window(graph: Graph, windows: Mapping[str, Window], count: int, seed: int) -> list[dict[str, int]]:
    """Draws `count` different architectures uniformly per decision whose costs lie in the windows.

    More draws with the same seed begin with the same architectures. Raises `UserError` where fewer are found.
    """
    sampler, rng = Sampler(graph), random.Random(seed)
    drawn: dict[tuple[tuple[str, int], ...], dict[str, int]] = {}
    seen: dict[str, list[int]] = {cost: [] for cost in windows}
    misses = 0
    while len(drawn) < count:
        assignment = sampler.draw(rng)
        costs = {cost: sampler.cost(cost, assignment) for cost in windows}
        for cost, value in costs.items():
            seen[cost].append(value)
        key = tuple(sorted(assignment.items()))
        if key not in drawn and all(low <= costs[cost] <= high for cost, (low, high) in windows.items()):
            drawn[key], misses = assignment, 0
            continue
        misses += 1
        if misses >= MISSES:
            raise _too_few(graph, windows, len(drawn), seen)
    return list(drawn.values())


def _too_few(graph: Graph, windows: Mapping[str, Window], found: int, seen: Mapping[str, list[int]]) -> UserError:
    wanted = " and ".join(f"{low:,} to {high:,} {cost}" for cost, (low, high) in windows.items())
    ranges = "; ".join(f"{min(values):,} to {max(values):,} {cost}" for cost, values in seen.items())
    return UserError(
        f"found {found or 'no'} architectures of `{graph.name}` with {wanted} in {MISSES:,} draws",
        help=f"widen the window or ask for fewer; the architectures drawn have {ranges}",
    )
