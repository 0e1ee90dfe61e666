"""The exact minimum and maximum of the costs over all architectures, each with an architecture that attains it.

A cost is a sum over nodes of [alive] * polynomial of decided widths, which variable elimination minimises exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ssrdsl.space import activity
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.cost import COSTS, node_cost
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.aliveness import Aliveness
from ssrdsl.space.ranges.elimination import Extreme, extremes_of_totals
from ssrdsl.space.ranges.factors import Problem


class Bounds(NamedTuple):
    """The least and the greatest cost in a space."""

    minimum: Extreme
    maximum: Extreme


class Unsatisfiable(Exception):
    """No architecture fulfils the requirements of the space."""


def bounds(graph: Graph, guards: Guards | None = None) -> dict[str, Bounds]:
    """The bounds of every cost in `COSTS`, without what only auxiliary outputs demand.

    `guards` are those of the graph without auxiliary outputs, if they are at hand. A `require` over decisions is
    respected, bounds on costs are not looked at. Raises `TooWide` with the reason where too many decisions hang
    together, and `Unsatisfiable`.
    """
    guards = guards or Guards(graph)
    problem = Problem(graph.domains, len(COSTS))
    for requirement in graph.conditions:
        problem.require(requirement.condition)
    alive = Aliveness(graph, guards, problem)
    for node in graph:
        where = alive[node.id]
        if where is not None:
            for total, cost in enumerate(COSTS):
                problem.add_cost(node_cost(graph, node, cost), where.context, where.indicator, total)
    found = extremes_of_totals(problem)
    if found is None:
        raise Unsatisfiable
    ends = [[Extreme(end.value, _architecture(graph, end.assignment)) for end in pair] for pair in found]
    return {cost: Bounds(*pair) for cost, pair in zip(COSTS, ends, strict=True)}


def _architecture(graph: Graph, assignment: Mapping[str, int]) -> dict[str, int]:
    """Of an assignment to all decisions, those that are active in it."""
    return activity.walk(graph, lambda decision: assignment[decision.name]).assignment
