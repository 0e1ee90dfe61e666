"""The least and the greatest costs over all architectures, each with an architecture that attains it or comes near.

A cost is a sum over nodes of [computed] * polynomial of decided widths, which variable elimination bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.cost import COSTS, Costs, node_cost
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.ranges.aliveness import Aliveness
from ssrdsl.space.ranges.factors import Array, Problem
from ssrdsl.space.ranges.totals import Extreme, Totals


class Bounds(NamedTuple):
    """The least and the greatest cost in a space."""

    minimum: Extreme
    maximum: Extreme

    @property
    def is_exact(self) -> bool:
        """Whether both are attained; else no architecture is known to."""
        return self.minimum.is_exact and self.maximum.is_exact


class Unsatisfiable(Exception):
    """No architecture fulfils the requirements of the space."""


def cost_problem(graph: Graph, guards: Guards | None = None, conditions: bool = True) -> Problem:
    """The costs in `COSTS` as totals over the decisions, without what only auxiliary outputs demand.

    `guards` are those of what the graph computes (`computed=True`), if already computed. `conditions` tells whether
    only what a `require` over decisions admits is admitted; bounds on costs are not considered. Raises `TooWide` with
    the reason if an expression or a condition has too many cases.
    """
    guards = guards or Guards(graph, computed=True)
    problem = Problem(graph.domains, len(COSTS))
    for requirement in graph.conditions if conditions else ():
        problem.require(requirement.condition)
    alive = Aliveness(guards, problem)
    for node in graph:
        context = alive[node.id]
        if context is not None:
            for total, cost in enumerate(COSTS):
                problem.add_cost(node_cost(graph, node, cost), context, total)
    return problem


def cost_totals(graph: Graph, guards: Guards | None = None) -> Totals:
    """The totals of `cost_problem`. Raises what that does, and `Unsatisfiable`."""
    totals = Totals(cost_problem(graph, guards))
    if totals.is_impossible:
        raise Unsatisfiable
    return totals


def bounds(
    graph: Graph, totals: Totals | None = None, demanded: Callable[[], Guards] | None = None
) -> dict[str, Bounds]:
    """The bounds of every cost in `COSTS`; raises what `cost_totals` does.

    `totals` are those of `cost_totals`, and `demanded` gives the guards of all that is demanded, if already computed.
    """
    found = [Bounds(*pair) for pair in (totals or cost_totals(graph)).extremes]
    if not all(each.maximum.is_exact for each in found) and not activity.is_all_computed(graph):
        found = list(_below_demanded(graph, found, demanded or partial(Guards, graph)))
    ends = [[_of_architecture(graph, end) for end in pair] for pair in found]
    return {cost: Bounds(*pair) for cost, pair in zip(COSTS, ends, strict=True)}


def _below_demanded(graph: Graph, found: Sequence[Bounds], guards: Callable[[], Guards]) -> Iterator[Bounds]:
    """The bounds, none of whose maxima is above the cost of all that is demanded, computed or not.

    That is often known exactly where `zero` ties too many decisions together, and attained without any `zero`.
    """
    try:
        demanded = Totals(cost_problem(graph, guards()))
        greatest = [maximum for _, maximum in demanded.extremes]
    except TooWide:
        yield from found
        return
    costs = Costs(graph)
    for cost, (minimum, maximum), other in zip(COSTS, found, greatest, strict=True):
        if other.assignment is not None:
            value = costs(cost, other.assignment)
            if maximum.value is None or value > maximum.value:
                maximum = maximum._replace(value=value, assignment=other.assignment)
        yield Bounds(minimum, maximum._replace(bound=min(maximum.bound, other.bound)))


def witness(graph: Graph, totals: Totals) -> dict[str, int] | None:
    """An architecture that keeps all bounds on costs, if one is found."""
    required = [requirement for requirement in graph.requirements if requirement.cost is not None]
    found = totals.witness(lambda costs: sum((_excess(r, costs[COSTS.index(r.cost)]) for r in required), np.array(0)))
    if found is None:
        return None
    assignment, costs = found
    is_met = all(requirement.is_met_by(costs[COSTS.index(requirement.cost)]) for requirement in required)
    return _active(graph, assignment) if is_met else None


def _excess(requirement: Requirement, costs: Array) -> Array:
    """By how much costs miss the bound on them, relative to it."""
    beyond = (costs - float(requirement.bound)) / max(1, abs(float(requirement.bound)))
    if requirement.relation == "==":
        return np.abs(beyond)
    return np.maximum(beyond if requirement.relation in {"<", "<="} else -beyond, 0)


def _of_architecture(graph: Graph, end: Extreme) -> Extreme:
    return end if end.assignment is None else end._replace(assignment=_active(graph, end.assignment))


def _active(graph: Graph, assignment: Mapping[str, int]) -> dict[str, int]:
    """Of an assignment to all decisions, those that are active in it."""
    return activity.walk(graph, lambda decision: assignment[decision.name]).assignment
