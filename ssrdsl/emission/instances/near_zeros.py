"""Empty sums: zeros in the size of a tensor of their block, so that they follow the size of the image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssrdsl.space import activity
from ssrdsl.space.graph import Graph, GraphNode, OperatorNode, Port

ZEROS = "zeros"


def with_near_zeros(graph: Graph) -> Graph:
    """The graph with zeros that read the nearest tensor of the same height and width."""
    if not any(isinstance(node, OperatorNode) and node.operator.name == ZEROS for node in graph):
        return graph
    main = activity.network_nodes(graph).union(node.id for node in graph.inputs)
    made: dict[str, GraphNode] = {}
    made_in_main: dict[str, GraphNode] = {}
    for node in graph:
        if isinstance(node, OperatorNode) and node.operator.name == ZEROS and node.extents is None:
            node = replace(node, inputs=(_nearest(graph, node, made_in_main if node.id in main else made),))
        made[node.id] = node
        if node.id in main:
            made_in_main[node.id] = node
    return Graph(graph.name, made.values(), graph.decisions.values(), graph.scopes, graph.requirements)


def _nearest(graph: Graph, zeros: GraphNode, known: dict[str, GraphNode]) -> Port:
    """A tensor with the extents of the zeros: an input of their block, or the last one made there."""
    wanted = zeros.shapes[0]
    for port in _near(graph, zeros, known):
        shape = graph.shape(port)
        if type(shape) is type(wanted) and shape[1:] == wanted[1:]:
            return port
    return zeros.inputs[0]


def _near(graph: Graph, zeros: GraphNode, known: dict[str, GraphNode]) -> Iterator[Port]:
    for scope in graph.ancestry(zeros.scope):
        if scope.kind in {"block", "space"}:
            yield from (port for port in scope.inputs if port.node in known)
            for node in reversed(known.values()):
                if any(step.id == scope.id for step in graph.ancestry(node.scope)):
                    yield Port(node.id)
