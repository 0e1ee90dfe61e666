"""Restriction: the graph in which decisions keep only some of their options.

Shrinking, sampling, discretizing and emitting all use it. A restricted graph keeps a reference to its origin, and
further restrictions start from there. So the order of restrictions does not matter, and the graph of an architecture
does not depend on how it was reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ssrdsl.errors import UserError
from ssrdsl.space import activity, expressions
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.diagrams import Diagrams
from ssrdsl.space.conditions.forms import diagram_of, scalar_of
from ssrdsl.space.decisions import Decision
from ssrdsl.space.expressions import ExactScalar, ExpressionLimit
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.rewiring import Rewiring

SMALLER = "make the numbers smaller, or involve fewer decisions in one product"


def restrict(graph: Graph, survivors: Mapping[str, Collection[int]]) -> Graph:
    """The graph with only the options of these indices left in the decisions named; others keep all of theirs.

    Mixtures of one tensor are replaced by the tensor (a sum of several becomes an `add` of the same id), as are
    operators that became neutral; dead nodes, decisions and scopes are removed. Ids and option indices never change.
    Names of unknown decisions are ignored. Raises ValueError if no option would be left, and `UserError` if a number is
    beyond the limit or the remaining requirements cannot be determined.
    """
    origin, before = source(graph), graph.survivors
    left = dict(before)
    for name, indices in survivors.items():
        if name in origin.decisions:
            known = before.get(name, origin.decisions[name].indices)
            kept = left[name] = tuple(index for index in known if index in indices)
            if not kept:
                raise ValueError(f"no option of `{name}` is left")
            if len(kept) == len(origin.decisions[name].options):
                del left[name]
    try:
        return _restricted(origin, left)
    except ExpressionLimit as limit:
        raise UserError(f"an architecture of `{origin.name}` is too large: {limit}", help=SMALLER) from limit


def computed(graph: Graph) -> Graph:
    """The graph of a network without nodes that only `zero` demands, and without zeros in sums.

    Its function is that of the graph; its results need nothing that its auxiliary heads alone compute. It remembers no
    graph that it was made from: restricting it changes nothing.
    """
    if graph.open_decisions:
        raise ValueError(f"`{graph.name}` has open decisions")
    if activity.is_all_computed(graph) and not any(output.auxiliary for output in graph.outputs):
        return graph
    made = _restricted(source(graph), {**graph.survivors, **graph.domains}, is_computed=True)
    return Graph(made.name, made, made.decisions.values(), made.scopes, made.requirements)


def _restricted(origin: Graph, survivors: dict[str, tuple[int, ...]], *, is_computed: bool = False) -> Graph:
    alive, active = _demanded(origin, survivors)
    if is_computed:
        trained, used = (_computed(origin, survivors, auxiliary) for auxiliary in (True, False))
        rewiring = Rewiring(origin, survivors, trained, used)
    else:
        rewiring = Rewiring(origin, survivors, alive)
    decisions = [
        decision.restricted(survivors[name]) if name in survivors else decision
        for name, decision in origin.decisions.items()
        if name in active
    ]
    return Graph(
        origin.name,
        rewiring.nodes.values(),
        decisions,
        rewiring.scopes(decision.made_in for decision in decisions),
        _requirements(origin, survivors, active),
        origin,
        survivors,
    )


def _computed(origin: Graph, survivors: Mapping[str, tuple[int, ...]], auxiliary: bool) -> frozenset[str]:
    """The nodes that a network computes, with its auxiliary heads or without, and its inputs."""
    nodes = activity.computed_nodes(origin, lambda decision: survivors[decision.name][0], auxiliary)
    return nodes.union(node.id for node in origin.inputs)


def _demanded(graph: Graph, survivors: Mapping[str, tuple[int, ...]]) -> tuple[frozenset[str], set[str]]:
    """The nodes alive and the decisions active in some architecture of the restricted graph."""
    active = set[str]()

    def survives(decision: str, index: int) -> bool:
        active.add(decision)
        return decision not in survivors or index in survivors[decision]

    return activity.alive(graph, survives, (*graph.inputs, *graph.outputs)), active


def _requirements(
    graph: Graph, survivors: Mapping[str, tuple[int, ...]], active: Collection[str]
) -> Iterable[Requirement]:
    """The restricted requirements, without those that always hold."""
    for requirement in graph.requirements:
        if requirement.cost is not None:
            yield requirement
            continue
        condition = _freed(graph, expressions.restrict(requirement.condition, survivors), survivors, active)
        if condition is not True:
            yield replace(requirement, condition=condition)


def _freed(
    graph: Graph, condition: ExactScalar, survivors: Mapping[str, tuple[int, ...]], active: Collection[str]
) -> ExactScalar:
    """The condition under which inactive decisions can be chosen so that this one holds."""
    support = expressions.support(condition)
    free = [name for name in support if name not in active]
    if not free:
        return condition
    domains = {name: survivors.get(name, indices) for name, indices in graph.domains.items() if name in support}
    try:
        return scalar_of(diagram_of(Diagrams(domains), condition).exists(free))
    except TooWide as reason:
        raise UserError(f"cannot determine the remaining requirements: {reason}") from reason


def source(graph: Graph) -> Graph:
    """The graph from which a restricted one was made, or the graph itself."""
    return graph.origin or graph


def options_left(graph: Graph, decision: Decision) -> tuple[int, ...]:
    """The remaining option indices of a decision of its source, active or not."""
    return graph.survivors.get(decision.name, source(graph).decisions[decision.name].indices)
