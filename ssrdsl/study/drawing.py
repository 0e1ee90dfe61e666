"""Distinct random architectures."""

from __future__ import annotations

import random

from ssrdsl.errors import UserError
from ssrdsl.space.sample import Sampler

BATCH = 16
"""Architectures per batch: a fixed number, so that longer draws begin with the same architectures."""
MISSES = 40
"""Consecutive batches without a new architecture before giving up."""


def draw_distinct(sampler: Sampler, rng: random.Random, count: int) -> list[dict[str, int]]:
    """Draw `count` distinct architectures. Longer draws with the same seed begin with the same architectures.

    Raises `UserError` if fewer are found.
    """
    found: dict[tuple[tuple[str, int], ...], dict[str, int]] = {}
    misses = 0
    while len(found) < count:
        before = len(found)
        for assignment in sampler.draw_many(rng, BATCH):
            found.setdefault(tuple(sorted(assignment.items())), assignment)
        misses = misses + 1 if len(found) == before else 0
        if misses == MISSES:
            raise UserError(
                f"found only {len(found)} distinct architectures of `{sampler.graph.name}`",
                help="draw fewer, or widen the windows of costs",
            )
    return list(found.values())[:count]
