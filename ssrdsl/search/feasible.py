"""Architectures under exact constraints: drawn, mutated and crossed so that every one keeps its costs in a window.

An architecture is the original option index of every active decision. Changing a decision can make others inactive and
yet others active; the latter are drawn at random. Costs are exact integers of the graph given, not expectations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ssrdsl.errors import UserError
from ssrdsl.space import activity
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.cost import Costs
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.restrict import options_left, source
from ssrdsl.space.settings import Target

Assignment: TypeAlias = Mapping[str, int]

TOLERANCE = 0.01
"""Relative distance from a target within which an architecture counts as meeting it."""
LARGEST_TOLERANCE = 0.5
"""Relative distance from a target beyond which no architecture counts as being near it."""
ROUNDING = 1e-9
DRAWS = 12
"""Random starting points tried before the search for one feasible architecture ends."""
STALLED = 100
"""Changes tried without coming nearer before a starting point is given up."""
ADMITTED_TRIES = 200
"""Draws tried for one that meets the requirements over decisions."""


@dataclass(frozen=True, slots=True)
class Window:
    """The range in which a cost, `macs` or `parameters`, has to be; both ends belong to it."""

    cost: str
    least: float
    greatest: float

    def excess(self, value: float) -> float:
        """The relative distance from the window, 0 within it."""
        return max(0.0, value / self.greatest - 1, 1 - value / self.least if self.least else 0.0)


def target_windows(target: Target, tolerance: float = TOLERANCE) -> tuple[Window, ...]:
    """The windows around the targets of a search block."""
    return tuple(
        Window(cost, wanted * (1 - tolerance), wanted * (1 + tolerance))
        for cost, wanted in (("macs", target.macs), ("parameters", target.parameters))
        if wanted is not None
    )


def feasible_near(graph: Graph, target: Target) -> tuple[Feasible, dict[str, int]]:
    """The architectures within 1 % of the targets, and one of them.

    Where the space has none so near, those that are as near as the nearest one found. Raises `UserError` where not even
    a tolerance of one half admits any.
    """
    feasible = Feasible(graph, target_windows(target))
    found, excess = feasible.nearest(random.Random(0))
    tolerance = (TOLERANCE + excess + TOLERANCE * excess) * (1 + ROUNDING)
    if tolerance > LARGEST_TOLERANCE:
        raise feasible.missed(excess)
    return Feasible(graph, target_windows(target, tolerance)) if excess else feasible, found


class Feasible:
    """The architectures of a graph that meet its requirements and have their costs within windows."""

    def __init__(self, graph: Graph, windows: Iterable[Window] = ()) -> None:
        self.graph = graph
        self.windows = tuple(windows)
        self._source = source(graph)
        self._conditions = Conditions(graph)
        self._bounds = [requirement for requirement in graph.requirements if requirement.cost is not None]
        self._cost = Costs(self._source)
        bounded = {str(requirement.cost) for requirement in self._bounds}
        self._costs = sorted({window.cost for window in self.windows} | bounded)

    def excess(self, assignment: Assignment) -> float:
        """How far the costs of an architecture are from what is required, relative; 0 where all bounds are kept."""
        costs = {cost: self._cost(cost, assignment) for cost in self._costs}
        return sum(window.excess(costs[window.cost]) for window in self.windows) + sum(
            _excess(requirement, costs[str(requirement.cost)]) for requirement in self._bounds
        )

    def admits(self, assignment: Assignment) -> bool:
        """Whether an architecture meets everything."""
        return self._conditions.admit(assignment) and self.excess(assignment) == 0

    def draw(self, rng: random.Random) -> dict[str, int]:
        """A random architecture, every active decision uniform, then changed at random until its costs fit.

        Raises `UserError` where none is found.
        """
        found, excess = self.nearest(rng)
        if excess:
            raise self.missed(excess)
        return found

    def drawn(self, rng: random.Random) -> dict[str, int] | None:
        """A random architecture as by `draw`, from one starting point only; None where that leads to none."""
        found, excess = self._approached(self.random(rng), rng)
        return None if excess else found

    def nearest(self, rng: random.Random) -> tuple[dict[str, int], float]:
        """An architecture whose costs fit or else come near, and their excess."""
        best: tuple[dict[str, int], float] = {}, float("inf")
        for _ in range(DRAWS):
            best = min(best, self._approached(self.random(rng), rng), key=lambda found: found[1])
            if best[1] == 0:
                break
        return best

    def missed(self, excess: float) -> UserError:
        """The error that no architecture fits."""
        return UserError(
            f"found no architecture of `{self.graph.name}` with {self._wanted()}; "
            f"the nearest one misses it by {excess:.1%}",
            help="see the range of costs with `ssrdsl check`, and choose a target within it",
        )

    def mutated(self, parent: Assignment, rng: random.Random, rate: float) -> dict[str, int] | None:
        """A feasible architecture with about a share `rate` of the decisions redrawn; None where none is found."""
        return self._feasible(self._changed(parent, rng, rate), rng)

    def crossed(self, one: Assignment, other: Assignment, rng: random.Random) -> dict[str, int] | None:
        """A feasible architecture that takes every decision from one of two parents; None where none is found."""

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
        """A random walk over single decisions that never moves away from the windows, and how far its end is."""
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
        """One decision that is open takes another option, and others are redrawn with a probability of `rate`."""
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

    def random(self, rng: random.Random) -> dict[str, int]:
        """A random architecture that meets the requirements over decisions, whatever it costs. Raises `UserError`."""
        for _ in range(ADMITTED_TRIES):
            assignment = self._walk(lambda decision: rng.choice(options_left(self.graph, decision)))
            if self._conditions.admit(assignment):
                return assignment
        wanted = " and ".join(f"`{requirement.span.text}`" for requirement in self.graph.conditions)
        raise UserError(
            f"none of {ADMITTED_TRIES} random architectures of `{self.graph.name}` meets {wanted}",
            help="loosen the requirement",
        )

    def _walk(self, choose: Callable[[Decision], int]) -> dict[str, int]:
        return activity.walk(self._source, choose).assignment

    def _wanted(self) -> str:
        parts = [f"{window.least:,.0f} to {window.greatest:,.0f} {window.cost}" for window in self.windows]
        return " and ".join(parts + [f"`{requirement.span.text}`" for requirement in self._bounds]) or "its costs"


def _excess(requirement: Requirement, cost: int) -> float:
    """The relative distance of a cost from a required bound on it, 0 where it is kept."""
    if requirement.is_met_by(cost):
        return 0.0
    bound = float(requirement.bound)
    return max(abs(cost - bound) / max(1.0, abs(bound)), 1e-9)
