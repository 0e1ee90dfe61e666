"""From the graph to a plan: gates, masks and sums are explicit, without simplification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssrdsl.operators.convolution import Weighted
from ssrdsl.operators.definition import Shape
from ssrdsl.space.expressions import Decided
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, OutputNode, Port, Select
from ssrdsl.space.restrict import source
from ssrdsl.supernet.plan import ExecutionPlan, Join, Mix, PlanFault, PlanStep, Read, Run, Term, derived
from ssrdsl.supernet.scale import UNIT, ChosenProbability, Scale, Width, masked, scale
from ssrdsl.supernet.traits import KEEPS_ZERO


def translate(graph: Graph) -> ExecutionPlan:
    """The plan of a graph: one step per node, and a mask after every operator that makes dead channels nonzero.

    For a convolution read only by batch norms, these are masked instead: a batch norm in training cancels a scale
    before it.
    """
    steps = [step for node in graph for step in _steps(graph, node)]
    outputs = tuple((node.name, node.inputs[0], node.auxiliary) for node in graph.outputs)
    channels = {Port(node.id, k): shape.channels for node in graph for k, shape in enumerate(node.shapes)}
    for step in steps:
        if isinstance(step, Run):
            channels.setdefault(step.results[0], step.node.shapes[0].channels)
    return ExecutionPlan(tuple(steps), outputs, channels)


def _steps(graph: Graph, node: GraphNode) -> Iterator[PlanStep]:
    result = Port(node.id)
    if isinstance(node, InputNode):
        yield Read(result, node.name, node.shapes[0], _is_sized_by_decisions(graph, node))
    elif isinstance(node, Mux):
        yield _mixture(node, node.decision, node.branches)
    elif isinstance(node, Select):
        yield _mixture(node, node.decision, [(index, port) for index, ports in node.branches for port in ports])
    elif isinstance(node, OperatorNode):
        yield from _operator(graph, node)
    elif not isinstance(node, OutputNode):
        raise PlanFault(f"no step for {type(node).__name__}")


def _is_sized_by_decisions(graph: Graph, node: InputNode) -> bool:
    """Whether the space decides the extents of an input, also in closed decisions."""
    return any(isinstance(extent, Decided) for extent in source(graph)[node.id].shapes[0][1:])


def _mixture(node: GraphNode, decision: str, uses: Iterable[tuple[int, Port]]) -> Mix:
    """The sum of tensors, each with the probability of the options that use it."""
    indices: dict[Port, list[int]] = {}
    for index, port in uses:
        indices.setdefault(port, []).append(index)
    if not indices:
        raise PlanFault(f"{node.id} sums nothing; restrict the graph first")
    terms = tuple(Term(port, scale(ChosenProbability(decision, tuple(taken)))) for port, taken in indices.items())
    return Mix(Port(node.id), terms, node.shapes[0].channels)


def _operator(graph: Graph, node: OperatorNode) -> Iterator[PlanStep]:
    shapes = graph.input_shapes(node)
    result, channels, name = Port(node.id), node.shapes[0].channels, node.operator.name
    if name == "concat":
        yield Join(result, node.inputs, tuple(shape.channels for shape in shapes), channels)
    elif name == "match":
        cut = UNIT if channels is shapes[0].channels else scale(Width(channels))
        yield Mix(result, (Term(node.inputs[0], cut),), channels)
    elif name == "add" and _same_shape(shapes):
        yield Mix(result, tuple(Term(port) for port in node.inputs), channels)
    elif name == "softmax":
        yield _run(node, shapes, result, masked(channels))
    elif masked(channels).is_unit or _keeps_zero(node, shapes) or _is_masked_later(graph, node):
        yield _run(node, shapes, result)
    else:
        bare = derived(result, "bare")
        yield _run(node, shapes, bare)
        yield Mix(result, (Term(bare, masked(channels)),), channels)


def _run(node: OperatorNode, shapes: tuple[Shape, ...], first: Port, factor: Scale = UNIT) -> Run:
    results = (first, *(Port(node.id, k) for k in range(1, len(node.shapes))))
    return Run(node, node.reads, results, shapes, factor)


def _same_shape(shapes: tuple[Shape, ...]) -> bool:
    """Whether tensors are known to have the same shape, so that their sum does not broadcast."""
    return all(shape == shapes[0] for shape in shapes)


def _keeps_zero(node: OperatorNode, shapes: tuple[Shape, ...]) -> bool:
    """Whether dead channels stay zero: not in a sum that broadcasts a tensor of one channel."""
    name, channels = node.operator.name, node.shapes[0].channels
    return name in KEEPS_ZERO or (name == "add" and all(shape.channels == channels for shape in shapes))


def _is_masked_later(graph: Graph, node: OperatorNode) -> bool:
    readers = graph.consumers[node.id]
    norms = [isinstance(reader, OperatorNode) and reader.operator.name == "bn" for reader in readers]
    return isinstance(node.operator, Weighted) and bool(norms) and all(norms)
