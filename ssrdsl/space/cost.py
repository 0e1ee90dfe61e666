"""Costs of networks: multiply-accumulate operations and parameters, as exact integers.

MACs count convolutions (output positions x weights), transposed convolutions (input positions x weights) and linear
layers (weights) for one image; biases are not counted. What only auxiliary outputs demand does not count, unless asked.
What only `zero` demands does not count either, as it is not emitted (`ssrdsl.space.activity`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from ssrdsl.errors import UserError
from ssrdsl.operators.definition import Operator
from ssrdsl.space import activity
from ssrdsl.space.decided import mapped_operator, mapped_shape
from ssrdsl.space.expressions import Decided, ExactScalar, ExpressionLimit, assign
from ssrdsl.space.graph import Graph, GraphNode, OperatorNode
from ssrdsl.space.ranges.extremes import Extremes

COSTS = ("macs", "parameters")
COST_NAMES = {"macs": "MACs", "parameters": "parameters"}
"""The names of costs in messages."""


def node_cost(graph: Graph, node: GraphNode, cost: str) -> ExactScalar:
    """The `macs` or `parameters` of a node if it is computed; a scalar over decisions."""
    known = graph.node_costs.get((node.id, cost))
    if known is None:
        known = getattr(node.operator, cost)(graph.input_shapes(node)) if _has(node, cost) else 0
        graph.node_costs[node.id, cost] = known
    return known


def _has(node: GraphNode, cost: str) -> TypeGuard[OperatorNode]:
    """Whether a node can have a cost; most nodes of many spaces have none."""
    return isinstance(node, OperatorNode) and getattr(type(node.operator), cost) is not getattr(Operator, cost)


class Costs:
    """The costs of architectures of a graph, without nodes that only auxiliary outputs demand."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __call__(self, cost: str, assignment: Mapping[str, int]) -> int:
        """The `macs` or `parameters` of the architecture with these option indices of active decisions.

        Raises `UserError` if they are too large.
        """
        nodes = activity.computed_nodes(self._graph, lambda decision: assignment[decision.name])
        memo: dict[Decided, ExactScalar] = {}
        try:
            total: Any = sum(
                assign(node_cost(self._graph, self._graph[node], cost), assignment, memo) for node in nodes
            )
        except ExpressionLimit as limit:
            raise UserError(
                f"the {COST_NAMES[cost]} of an architecture: {limit}", help="make the numbers smaller"
            ) from limit
        return int(total)


def macs(graph: Graph, auxiliary: bool = False) -> int:
    """The multiply-accumulate operations of a network, a graph without open decisions."""
    return _total(graph, "macs", auxiliary)


def parameters(graph: Graph, auxiliary: bool = False) -> int:
    """The trainable parameters of a network, a graph without open decisions."""
    return _total(graph, "parameters", auxiliary)


def _total(graph: Graph, cost: str, auxiliary: bool) -> int:
    if graph.open_decisions:
        raise ValueError(f"`{graph.name}` has {len(graph.open_decisions)} open decisions; use `bounds`")
    nodes = activity.computed_nodes(graph, lambda decision: decision.indices[0], auxiliary)
    total: Any = sum(node_cost(graph, node, cost) for node in graph if node.id in nodes)
    return int(total)


def supernet_parameters(graph: Graph, auxiliary: bool = False) -> int:
    """The trainable weights of the relaxed supernet.

    Every candidate has its own weights, at its widest; values of a set share one weight: the largest kernel, the
    widest layer, one kernel for all dilations. Gates do not count.
    """
    outputs = [output.id for output in activity.roots(graph, auxiliary)]
    alive = graph.ancestors(outputs).union(outputs)
    return _widest(graph, (node for node in graph if node.id in alive), "parameters")


def supernet_macs(graph: Graph) -> int:
    """The multiply-accumulate operations of a supernet for one image, every candidate at its widest."""
    return _widest(graph, graph, "macs")


def _widest(graph: Graph, nodes: Iterable[GraphNode], cost: str) -> int:
    """The sum of a cost over some nodes, with every decided number at its greatest."""
    extremes = Extremes(graph)

    def greatest(number: Decided) -> Any:
        return extremes(number)[1]

    total: Any = 0
    for node in nodes:
        if _has(node, cost):
            shapes = tuple(mapped_shape(shape, greatest) for shape in graph.input_shapes(node))
            total += getattr(mapped_operator(node.operator, greatest), cost)(shapes)
    return int(total)


def macs_text(macs: float) -> str:
    """`7.77 GMACs`, `14.88 MMACs`, `7,936 MACs`."""
    for unit, name in ((1e9, "GMACs"), (1e6, "MMACs")):
        if macs >= unit:
            return f"{macs / unit:.2f} {name}"
    return f"{macs:,.0f} MACs"
