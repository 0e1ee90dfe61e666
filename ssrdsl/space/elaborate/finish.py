"""Final steps: remove dead parts, decide automatic biases, create the graph."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ssrdsl.language.diagnostics import Diagnostic, Diagnostics, Label
from ssrdsl.space.decided import decided_numbers
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.elaborate.builder import GraphBuilder
from ssrdsl.space.expressions import support
from ssrdsl.space.extents import extents_of
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, Select


def finish(builder: GraphBuilder, name: str, findings: Diagnostics) -> Graph:
    """Create the graph from the builder. Unused decisions are reported, except those of imported files."""
    built = Graph(name, builder.nodes.values(), (), builder.scopes)
    outputs = [output.id for output in built.outputs]
    alive = built.ancestors(outputs).union(outputs)
    nodes = {node.id: node for node in built if node.id in alive}
    for unread in built.inputs:
        if unread.id not in alive:
            builder.warnings.add(_unread(unread))
    _detach(nodes, built)
    _decide_biases(nodes, built)
    used = _decisions(nodes.values())
    for made in builder.decisions.values():
        if made.name not in used and made.name not in builder.offered:
            findings.add(
                Diagnostic(
                    "E0501", f"decision `{made.name}` is never used", Label(made.span, "made here"),
                    help="use its value, or remove it",
                )
            )  # fmt: skip
    decisions = [
        replace(made, dimension=builder.dimensions.get(made.name, Dimension.OPERATOR))
        for made in builder.decisions.values()
        if made.name in used
    ]
    return Graph(name, nodes.values(), decisions, builder.scopes, builder.requirements)


def _unread(node: InputNode) -> Diagnostic:
    label = Label(node.span, "the network does not take it")
    return Diagnostic("E0501", f"no output depends on the data of input `{node.name}`", label,
                      help="use it, or remove it", severity="warning")  # fmt: skip


def _detach(nodes: dict[str, GraphNode], built: Graph) -> None:
    """Remove references to tensors that are not computed and of which operators use only the shape."""
    for id_, node in nodes.items():
        if isinstance(node, OperatorNode) and node.like is not None and node.like.node not in nodes:
            detached = node.operator.detached()
            extents = None if detached is node.operator else extents_of(node.like, built, nodes)
            nodes[id_] = replace(node, like=None, operator=detached, extents=extents)
        elif isinstance(node, OperatorNode) and node.extents is not None:
            nodes[id_] = replace(node, extents=extents_of(node.extents.base, built, nodes))


def _decide_biases(nodes: dict[str, GraphNode], built: Graph) -> None:
    """Decide automatic biases: False if all readers of the output are batch norms, otherwise True."""
    for id_, node in nodes.items():
        if isinstance(node, OperatorNode) and getattr(node.operator, "bias", True) is None:
            readers = [reader for reader in built.consumers[id_] if reader.id in nodes]
            normed = all(isinstance(reader, OperatorNode) and reader.operator.name == "bn" for reader in readers)
            nodes[id_] = replace(node, operator=replace(node.operator, bias=not normed))  # type: ignore[call-arg]


def _decisions(nodes: Collection[GraphNode]) -> frozenset[str]:
    """The decisions that the nodes depend on."""
    shapes = {shape for node in nodes for shape in node.shapes}
    operators = {node.operator for node in nodes if isinstance(node, OperatorNode)}
    mixtures = {node.decision for node in nodes if isinstance(node, (Mux, Select))}
    return support(*decided_numbers((*shapes, *operators))) | mixtures
