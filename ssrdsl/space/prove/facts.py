"""Rules that must hold at a node in every architecture in which it is alive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssrdsl.operators.definition import Indices, Rule, Shape, refusal
from ssrdsl.operators.rules import whole
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, Port, Select

_EXTENTS = ("channels", "height", "width")


def facts(graph: Graph, node: GraphNode) -> Iterator[Rule]:
    """The rules of a node: those of its operator, of a mixture, and that its results have positive integer extents."""
    if isinstance(node, OperatorNode):
        yield from node.operator.rules(graph.input_shapes(node))
        yield from _positions(graph, node)
    elif isinstance(node, (Mux, Select)):
        yield from _mixture(graph, node)
    if isinstance(node, (OperatorNode, InputNode)):
        for shape in node.shapes:
            yield from _extents(shape)


def _positions(graph: Graph, node: OperatorNode) -> Iterator[Rule]:
    """Positions of maxima refer to the tensor that was pooled: the result of `unpool` has its height and width."""
    for port in node.inputs:
        if isinstance(graph.shape(port), Indices) and (pooled := _pooled(graph, port)) is not None:
            help = "use the kernel, stride and padding of the pooling in `unpool`"
            for what, made, wanted in zip(_EXTENTS[1:], node.shapes[0][1:], pooled[1:], strict=True):
                yield Rule("E0203", "equal", made, wanted, f"the positions refer to a tensor of another {what}", help)


def _pooled(graph: Graph, port: Port) -> Shape | None:
    """The shape of the tensor that positions refer to; None if the operator that found them is not known."""
    node = graph[port.node]
    while isinstance(node, (Mux, Select)):  # positions are not combined: all options pass on the same
        node = graph[node.inputs[0].node]
    counts_in = node.operator.counts_in if isinstance(node, OperatorNode) else None
    return None if counts_in is None else graph.shape(node.inputs[counts_in])


def _extents(shape: Shape) -> Iterator[Rule]:
    for what, extent in zip(_EXTENTS, shape, strict=True):
        if type(extent) is not int or extent < 1:
            verb = "are" if what == "channels" else "is"
            yield from whole(f"the {what} {verb}", extent)


def members(node: Mux | Select) -> Sequence[tuple[int, Port]]:
    """The tensors of a mixture, each once, with the index of the first option that uses it."""
    found: dict[Port, int] = {}
    for index, target in node.branches:
        for port in (target,) if isinstance(target, Port) else target:
            found.setdefault(port, index)
    return [(index, port) for port, index in found.items()]


def _mixture(graph: Graph, node: Mux | Select) -> Iterator[Rule]:
    ports = [port for _, port in members(node)]
    help = "use `resize(x)` at the end of each option, or equal strides"
    if len(ports) > 1 and all(isinstance(graph.shape(port), Indices) for port in ports):
        yield refusal("E0207", "positions of maxima cannot be combined", "end every option with its own `unpool`")
    for port in ports[1:]:
        first, other = graph.shape(ports[0]), graph.shape(port)
        if type(first) is not type(other):
            some = "are positions of maxima" if Indices in (type(first), type(other)) else "have no height and width"
            yield refusal("E0206", f"the options have different types: some {some}")
        yield Rule("E0206", "equal", first.height, other.height, "the options differ in height", help)
        yield Rule("E0206", "equal", first.width, other.width, "the options differ in width", help)
    if isinstance(node, Select):
        yield from _summed(graph, node)


def _summed(graph: Graph, node: Select) -> Iterator[Rule]:
    """Tensors that are summed must agree in channels too."""
    help = "`match(b, a)` cuts or zero-pads the channels of `b` to those of `a`"
    pairs = {(group[0], other): None for _, group in node.branches for other in group[1:]}
    for left, right in pairs:
        channels = graph.shape(left).channels, graph.shape(right).channels
        yield Rule("E0203", "equal", *channels, "tensors that are summed differ in channels", help)
