"""Architectures under exact constraints: drawn, mutated and crossed over with costs inside windows.

An architecture is the original option index of every active decision. Changing a decision can make others inactive and
yet others active; the latter are drawn at random. Costs are exact integers of the graph given, not expectations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ssrdsl.space import activity
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.cost import Costs
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import options_left, source
from ssrdsl.space.sample import Sampler
from ssrdsl.space.windows.window import Window

Assignment: TypeAlias = Mapping[str, int]

STALLED = 100
"""Changes without progress towards the windows before an architecture is given up."""


class Feasible:
    """The architectures of a graph that meet its requirements over decisions, with costs inside windows.

    Requirements on costs are windows, too (`ssrdsl.search.goal`).
    """

    def __init__(self, graph: Graph, windows: Sequence[Window] = ()) -> None:
        self.graph = graph
        self.windows = windows
        self._source = source(graph)
        self._conditions = Conditions(graph)
        self._cost = Costs(self._source)
        self._sampler = Sampler(graph, windows={window.cost: (window.least, window.greatest) for window in windows})

    def excess(self, assignment: Assignment) -> float:
        """The relative distance of the costs of an architecture from the windows; 0 inside."""
        found = ((window, self._cost(window.cost, assignment)) for window in self.windows)
        return sum(window.distance(cost, cost) for window, cost in found)

    def draw(self, rng: random.Random) -> dict[str, int]:
        """A random feasible architecture, uniform in every active decision.

        Raises `UserError` if none is found.
        """
        return self._sampler.draw(rng)

    def mutated(self, parent: Assignment, rng: random.Random, rate: float) -> dict[str, int] | None:
        """A feasible architecture with about a share `rate` of the decisions redrawn; None if none is found."""
        return self._feasible(self._changed(parent, rng, rate), rng)

    def crossed(self, one: Assignment, other: Assignment, rng: random.Random) -> dict[str, int] | None:
        """A feasible architecture that takes every decision from one of two parents; None if none is found."""

        def choose(decision: Decision) -> int:
            options = [parent[decision.name] for parent in (one, other) if decision.name in parent]
            return rng.choice(options or options_left(self.graph, decision))

        return self._feasible(self._walk(choose), rng)

    def _feasible(self, assignment: dict[str, int], rng: random.Random) -> dict[str, int] | None:
        if not self._conditions.admit(assignment):
            return None
        found, excess = self._approached(assignment, rng)
        return found if excess == 0 else None

    def _approached(self, assignment: dict[str, int], rng: random.Random) -> tuple[dict[str, int], float]:
        """A random walk over single decisions that never moves away from the windows, and its final distance."""
        excess = self.excess(assignment)
        tries = 0
        while excess > 0 and tries < STALLED:
            tries += 1
            moved = self._changed(assignment, rng, 0.0)
            if not self._conditions.admit(moved):
                continue
            after = self.excess(moved)
            if after <= excess:
                tries = tries if after == excess else 0
                assignment, excess = moved, after
        return assignment, excess

    def _changed(self, parent: Assignment, rng: random.Random, rate: float) -> dict[str, int]:
        """Change one open decision, and redraw others with probability `rate`."""
        decisions = [self._source.decisions[name] for name in sorted(parent)]
        opened = [decision for decision in decisions if len(options_left(self.graph, decision)) > 1]
        if not opened:
            return dict(parent)
        changed = rng.choice(opened).name
        redrawn = {decision.name for decision in opened if rng.random() < rate}

        def choose(decision: Decision) -> int:
            options = options_left(self.graph, decision)
            if decision.name == changed:
                return rng.choice([index for index in options if index != parent[decision.name]])
            if decision.name in redrawn or decision.name not in parent:
                return rng.choice(options)
            return parent[decision.name]

        return self._walk(choose)

    def _walk(self, choose: Callable[[Decision], int]) -> dict[str, int]:
        return activity.walk(self._source, choose).assignment
