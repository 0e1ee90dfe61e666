"""The selection of architectures by scores with inherited weights, under the exact costs.

Shared weights underestimate the value of capacity, and the number of parameters is a strong baseline of
training-free scores (Li et al., "ZiCo", ICLR 2023). So the logarithm of the parameters adds to a score, with the weight
`selection.capacity`. It is small: a large one leads to networks with more parameters than any random one at the same
cost, some of which score badly (benchmarks/search_quality.md).
"""

from __future__ import annotations

import math

from ssrdsl.search.evolution import Evolution, Scored, evolve
from ssrdsl.search.feasible import Assignment, Feasible
from ssrdsl.search.scoring import score_path
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Context
from ssrdsl.space.cost import Costs


def select(state: State, context: Context, settings: Evolution) -> tuple[Scored, ...]:
    """Architectures inside the windows of the goal, best first. Raises `UserError` if there are none."""
    costs = Costs(context.reference)
    weight = context.schedule.settings.selection.capacity

    scores: list[float] = []

    def score(path: Assignment) -> float:
        scores.append(score_path(state.net, context.task, path))
        context.scored(len(scores), max(scores))
        return scores[-1] + capacity(costs, path, weight)

    return evolve(Feasible(context.reference, context.goal), score, settings, context.seed)


def capacity(costs: Costs, assignment: Assignment, weight: float) -> float:
    """The bonus of a score for the parameters of an architecture."""
    return weight * math.log(max(1, costs("parameters", assignment))) if weight else 0.0
