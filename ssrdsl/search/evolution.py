"""Evolutionary selection of an architecture under exact constraints.

A population of feasible architectures is scored; in every generation the best ones scored so far are parents of new
ones, half by mutation and half by crossover. Nothing is scored twice.

Sources: Real et al., "Regularized Evolution for Image Classifier Architecture Search", AAAI 2019; Guo et al., "Single
Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV 2020, where a supernet's paths are scored.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ssrdsl.search.feasible import Assignment, Feasible

TRIES = 20
"""Attempts per new architecture before a generation is closed with fewer."""


@dataclass(frozen=True, slots=True)
class Evolution:
    """The size of the selection: `population` architectures at the start and in each of `generations`.

    The best `parents` of all scored so far are selected; a mutation redraws about a share `mutation` of the decisions.
    """

    population: int = 16
    parents: int = 6
    generations: int = 4
    mutation: float = 0.1


@dataclass(frozen=True, slots=True)
class Scored:
    """An architecture and its score, higher is better."""

    assignment: Assignment
    score: float


def evolve(
    feasible: Feasible,
    score: Callable[[Assignment], float],
    settings: Evolution | None = None,
    seed: int = 0,
) -> tuple[Scored, ...]:
    """All scored architectures, best first; ties in the order in which they were found.

    Random numbers only depend on the seed. Raises `UserError` if no feasible architecture is found.
    """
    settings = settings or Evolution()
    rng = random.Random(seed)
    scored: dict[frozenset[tuple[str, int]], Scored] = {}

    def add(assignment: Assignment | None) -> bool:
        """Score an architecture if it is new."""
        if assignment is None or (key := frozenset(assignment.items())) in scored:
            return False
        scored[key] = Scored(assignment, score(assignment))
        return True

    _fill(settings.population, lambda: add(feasible.draw(rng)))
    half = settings.population // 2
    parents: list[Assignment] = []
    for _ in range(settings.generations):
        parents[:] = [each.assignment for each in _ranked(scored.values())[: settings.parents]]
        _fill(settings.population - half, lambda: add(feasible.mutated(rng.choice(parents), rng, settings.mutation)))
        _fill(half, lambda: add(feasible.crossed(rng.choice(parents), rng.choice(parents), rng)))
    return tuple(_ranked(scored.values()))


def _fill(wanted: int, attempt: Callable[[], bool]) -> None:
    """Repeat attempts until the given number has succeeded; small spaces may run out of architectures."""
    for _ in range(TRIES * max(0, wanted)):
        if wanted <= 0:
            return
        wanted -= attempt()


def _ranked(scored: Iterable[Scored]) -> list[Scored]:
    return sorted(scored, key=lambda each: -each.score)
