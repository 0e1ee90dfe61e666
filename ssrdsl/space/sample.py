"""Random architectures.

There are two samplers: `decisions` is uniform in every active decision, `architectures` over all architectures. They
differ widely: in a space with searched depth, most architectures are the deepest networks.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ssrdsl.errors import UserError
from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.cost import COST_NAMES, Costs
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.restrict import options_left, source
from ssrdsl.space.size.counting import Counting

if TYPE_CHECKING:
    from ssrdsl.space.windows.window import Window
    from ssrdsl.space.windows.windowed import WindowedSampler

TRIES = 2_000
"""Limit on draws that do not meet the requirements."""
FEWEST_TRIES = 100
MAX_VISITS = 1_200_000
"""Limit on nodes and decisions of all these draws: large graphs have fewer draws, down to the minimum."""

BATCH = 16
"""Distinct architectures are drawn in batches of a fixed number, so that longer draws begin with the same ones."""
MISSES = 40
"""Consecutive batches without a new architecture before giving up."""


class Sampler:
    """Draws architectures of a graph that meet its requirements, with costs inside windows.

    `by` is the name of the sampler. `windows` are the least and the greatest value of `macs` and `parameters`, both
    included; required bounds on costs are windows, too. With windows:

    - `decisions` has the distribution of draws without windows, conditioned on the windows. This is exact, except if
      very few architectures of a large space are inside: then draws are from a Markov chain with this stationary
      distribution (`ssrdsl.space.windows.draws`).
    - `architectures` is uniform over the architectures in the windows, as long as they are not too rare: it draws from
      all and rejects those outside.

    Raises `UserError` for another name or cost, if the space has no architecture at all or none in the windows, and
    where its architectures cannot be counted.
    """

    def __init__(
        self,
        graph: Graph,
        by: str = "decisions",
        windows: Mapping[str, tuple[Any, Any]] | None = None,
        bounded: bool = True,
    ) -> None:
        """With `bounded=False` the required bounds on costs are ignored."""
        self.graph = graph
        self._source = source(graph)
        self._conditions = Conditions(graph)
        if by not in {"decisions", "architectures"}:
            raise UserError(f"unknown sampler `{by}`", help="use `decisions` or `architectures`")
        self._counting = _counting(graph) if by == "architectures" else None
        self._windows = _joined(graph.cost_bounds if bounded else (), windows)
        self.cost = Costs(self._source)
        visits = len(tuple(self._source)) + len(self._source.decisions)
        self._tries = min(TRIES, max(FEWEST_TRIES, MAX_VISITS // visits))
        self._inside = self._windowed() if self._windows and self._counting is None else None

    def draw(self, rng: random.Random) -> dict[str, int]:
        """The option index of every active decision, including closed ones. Raises `UserError` if none is found."""
        if self._inside is not None:
            return self._inside.draw(rng, 1)[0]
        for _ in range(self._tries):
            assignment = self._candidate(rng)
            # Draws from the counted architectures already meet the requirements over decisions.
            is_admitted = self._counting is not None or self._conditions.admit(assignment)
            if is_admitted and self._is_inside(assignment):
                return assignment
        raise self._none_found()

    def draw_many(self, rng: random.Random, count: int) -> list[dict[str, int]]:
        """Independent architectures; with windows faster than one by one."""
        if self._inside is not None:
            return self._inside.draw(rng, count)
        return [self.draw(rng) for _ in range(count)]

    def draw_distinct(self, rng: random.Random, count: int) -> list[dict[str, int]]:
        """Up to `count` distinct architectures, fewer if no more are found.

        Longer draws with the same seed begin with the same architectures. Raises `UserError` if there are none.
        """
        found: dict[frozenset[tuple[str, int]], dict[str, int]] = {}
        misses = 0
        while len(found) < count and misses < MISSES:
            before = len(found)
            for assignment in self.draw_many(rng, BATCH):
                found.setdefault(frozenset(assignment.items()), assignment)
            misses = misses + 1 if len(found) == before else 0
        return list(found.values())[:count]

    def _candidate(self, rng: random.Random) -> dict[str, int]:
        taken = {} if self._counting is None else self._counting.draw(rng)

        def choose(decision: Decision) -> int:
            known = taken.get(decision.name)
            if known is None and self._counting is not None:
                known = self._counting.pick(decision.name, rng)
            return rng.choice(options_left(self.graph, decision)) if known is None else known

        return activity.walk(self._source, choose).assignment

    def _is_inside(self, assignment: dict[str, int]) -> bool:
        return all(window.holds(self.cost(window.cost, assignment)) for window in self._windows)

    def _windowed(self) -> WindowedSampler | None:
        """The draws in the windows; None if the costs have too many cases to be looked at together."""
        from ssrdsl.space.windows.windowed import WindowedSampler

        try:
            return WindowedSampler(self.graph, self._windows, self._conditions.admit, self.cost)
        except TooWide:
            return None

    def _none_found(self) -> UserError:
        asked = [f"`{requirement.span.text}`" for requirement in self.graph.conditions]
        bounds = " and ".join([*asked, *map(str, self._windows)])
        return UserError(
            f"none of {self._tries:,} random architectures of `{self.graph.name}` meets {bounds}",
            help="relax the requirement" if self._counting is None else "sample by decisions",
        )


def _joined(requirements: Iterable[Requirement], windows: Mapping[str, tuple[Any, Any]] | None) -> tuple[Window, ...]:
    """The windows of requirements and the given ones. Raises `UserError` if one is empty."""
    from ssrdsl.space.windows.window import joined, number

    found = joined(requirements, windows)
    for window in found:
        if window.is_empty:
            raise UserError(
                f"no {COST_NAMES[window.cost]} are both at least {number(window.least)} and at most "
                f"{number(window.greatest)}",
                help="widen the window or relax the requirement",
            )
    return found


def _counting(graph: Graph) -> Counting:
    try:
        counting = Counting(graph)
    except TooWide as error:
        raise UserError(
            f"the architectures of `{graph.name}` cannot be counted: {error}", help="sample by decisions"
        ) from error
    if counting.total == 0:
        raise UserError(f"no architecture of `{graph.name}` meets its requirements", help="relax them")
    return counting
