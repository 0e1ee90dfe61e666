"""Random architectures.

Two samplers, by name: `decisions` takes every active decision uniformly, `architectures` every architecture. They
differ widely: most architectures of a space with searched depth are of the deepest networks.
"""

from __future__ import annotations

import random
from typing import Literal, TypeAlias, get_args

from ssrdsl.errors import UserError
from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.cost import Costs
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import options_left, source
from ssrdsl.space.size.counting import Counting

By: TypeAlias = Literal["decisions", "architectures"]
TRIES = 2_000
"""Draws that may miss the requirements before the search for an architecture is given up."""
FEWEST_TRIES = 100
MAX_LOOKS = 1_200_000
"""Nodes and decisions of all those draws together: of a very large graph there are fewer draws, down to the fewest."""


class Sampler:
    """Draws architectures of a graph that meet its requirements, those on costs included.

    `by` names the sampler. Raises `UserError` for another name, where the space has no architecture at all, or where
    its architectures cannot be counted.
    """

    def __init__(self, graph: Graph, by: str = "decisions") -> None:
        self.graph = graph
        self._source = source(graph)
        self._conditions = Conditions(graph)
        self._counting = _counting(graph) if known_sampler(by) == "architectures" else None
        self._bounds = [requirement for requirement in graph.requirements if requirement.cost is not None]
        self.cost = Costs(self._source)
        looks = len(tuple(self._source)) + len(self._source.decisions)
        self._tries = min(TRIES, max(FEWEST_TRIES, MAX_LOOKS // looks))

    def draw(self, rng: random.Random) -> dict[str, int]:
        """The option index of every active decision, closed ones included. Raises `UserError` where none is found."""
        for _ in range(self._tries):
            assignment = self._candidate(rng)
            if self._admitted(assignment) and all(
                bound.is_met_by(self.cost(str(bound.cost), assignment)) for bound in self._bounds
            ):
                return assignment
        bounds = " and ".join(f"`{requirement.span.text}`" for requirement in self.graph.requirements)
        raise UserError(
            f"none of {self._tries:,} random architectures of `{self.graph.name}` meets {bounds}",
            help="loosen the requirement",
        )

    def _candidate(self, rng: random.Random) -> dict[str, int]:
        taken = {} if self._counting is None else self._counting.draw(rng)

        def choose(decision: Decision) -> int:
            known = taken.get(decision.name)
            if known is None and self._counting is not None:
                known = self._counting.pick(decision.name, rng)
            return rng.choice(options_left(self.graph, decision)) if known is None else known

        return activity.walk(self._source, choose).assignment

    def _admitted(self, assignment: dict[str, int]) -> bool:
        """Whether the requirements over decisions are met; the program draws nothing else."""
        return self._counting is not None or self._conditions.admit(assignment)


def sample(graph: Graph, rng: random.Random, by: str = "decisions") -> dict[str, int]:
    """One random architecture; `Sampler` for many."""
    return Sampler(graph, by).draw(rng)


def known_sampler(by: str) -> By:
    """The name of a sampler. Raises `UserError` for one that is not known."""
    for name in get_args(By):
        if by == name:
            return name  # type: ignore[no-any-return]
    raise UserError(f"there is no sampler `{by}`", help="the samplers are `decisions` and `architectures`")


def _counting(graph: Graph) -> Counting:
    try:
        counting = Counting(graph)
    except TooWide as error:
        raise UserError(
            f"the architectures of `{graph.name}` cannot be counted: {error}", help="sample by decisions"
        ) from error
    if counting.total == 0:
        raise UserError(f"no architecture of `{graph.name}` meets its requirements", help="loosen them")
    return counting
