"""The least and the greatest costs over all architectures, each with an architecture that attains it or is close.

A cost is a sum over nodes of [computed] * polynomial of decided widths, which variable elimination bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.guards import Guards
from ssrdsl.space.cost import COSTS, Costs, node_cost
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.aliveness import Aliveness
from ssrdsl.space.ranges.factors import ENDS, Problem
from ssrdsl.space.ranges.totals import Bounds, Extreme, Totals


class Unsatisfiable(Exception):
    """No architecture fulfils the requirements of the space."""


def cost_problem(graph: Graph, guards: Guards | None = None, conditions: bool = True) -> Problem:
    """The costs in `COSTS` as totals over the decisions, without nodes that only auxiliary outputs demand.

    `guards` are the guards of computed nodes (`computed=True`), if already known. With `conditions`, only assignments
    that meet each `require` over decisions are admitted; bounds on costs are not considered. Raises `TooWide` with the
    reason if an expression or a condition has too many cases.
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


def bounds(graph: Graph, guards: Callable[[bool], Guards] | None = None) -> dict[str, Bounds]:
    """The bounds of each cost in `COSTS`.

    `guards` returns the guards of computed nodes (True) or of demanded nodes (False), if already known. Raises
    `TooWide` as `cost_problem` does, and `Unsatisfiable`.
    """
    guards = guards or (lambda is_computed: Guards(graph, computed=is_computed))
    has_zeros = not activity.is_all_computed(graph)
    totals = Totals(cost_problem(graph, guards(has_zeros)), (1,) if has_zeros else ENDS)
    if totals.is_impossible:
        raise Unsatisfiable
    if has_zeros:
        greatest = _greatest(graph, totals.problem, guards)
        found = [Bounds(totals.extreme(number, 1), maximum) for number, maximum in enumerate(greatest)]
    else:
        found = [totals.bounds(number) for number in range(len(COSTS))]
    return {
        cost: Bounds(*(_of_architecture(graph, end) for end in ends)) for cost, ends in zip(COSTS, found, strict=True)
    }


def _greatest(graph: Graph, problem: Problem, guards: Callable[[bool], Guards]) -> list[Extreme]:
    """The greatest costs of a space with `zero`, bounded by the cost of all demanded nodes, computed or not.

    The latter is often exact where `zero` relates too many decisions, since it is attained without any `zero`.
    """
    try:
        demanded = Totals(cost_problem(graph, guards(False)), (-1,))
        found = [_of_computed(graph, demanded.extreme(number, -1), number) for number in range(len(COSTS))]
    except TooWide:
        found = []
    if not found or not all(maximum.is_exact for maximum in found):
        computed = Totals(problem, (-1,))
        own = [computed.extreme(number, -1) for number in range(len(COSTS))]
        found = [_greater(*pair) for pair in zip(own, found, strict=True)] if found else own
    return found


def _of_computed(graph: Graph, demanded: Extreme, number: int) -> Extreme:
    """A greatest cost of computed nodes, from that of demanded nodes: its bound, and the cost of its assignment."""
    taken = demanded.assignment
    return demanded if taken is None else demanded._replace(value=Costs(graph)(COSTS[number], taken))


def _greater(one: Extreme, other: Extreme) -> Extreme:
    """The smaller bound of two greatest values, and the larger one of the values found."""
    best = max((one, other), key=lambda end: -inf if end.value is None else end.value)
    return best._replace(bound=min(one.bound, other.bound))


def _of_architecture(graph: Graph, end: Extreme) -> Extreme:
    """An end with only those decisions that are active in its architecture."""
    taken = end.assignment
    if not taken:
        return end
    return end._replace(assignment=activity.walk(graph, lambda decision: taken[decision.name]).assignment)
