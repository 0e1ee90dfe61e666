"""Demand of a network: which nodes are alive and which decisions are active for chosen options.

Demand starts at the outputs and follows data. A demanded node uses the decisions in its attributes; a mixture uses its
decision and only demands the tensors of the chosen option. Reading a shape is not using data: `c - x.channels`
and `resize(q)` use the decisions met by lazily evaluating the shape, not those of `x` or `q`.

`zero` demands its input, so that the decisions on which it depends are active and count as architectures; but no number
of the input is needed. What only `zero` demands is not computed: it is not emitted and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from ssrdsl.operators.definition import Shape
from ssrdsl.space import expressions
from ssrdsl.space.decided import attributes, decided_numbers
from ssrdsl.space.decisions import Decision
from ssrdsl.space.expressions import Decided, ExactScalar, Switch
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, OutputNode, Port, Select

FollowsOption: TypeAlias = Callable[[str, int], bool]
"""Whether the demand for an option of a decision is followed."""


def used(node: GraphNode) -> tuple[Decided, ...]:
    """The decided scalars that a node uses itself if it is alive.

    Of a tensor whose shape alone is read only the extents that reach the node's own shape count; the shapes of the
    tensors whose data it reads are used by those already.
    """
    if isinstance(node, InputNode):
        return decided_numbers(node.shapes)
    if not isinstance(node, OperatorNode):
        return ()
    held = attributes(node.operator).values()
    return decided_numbers([node.shapes if isinstance(value, Shape) else value for value in held])


def is_zero(node: GraphNode) -> bool:
    """Whether a node is `zero` or its like, which reads no number of its input."""
    return isinstance(node, OperatorNode) and not node.operator.reads_data


def computed(node: GraphNode) -> tuple[Port, ...]:
    """The tensors whose numbers an operator or output needs: `zero` demands its input, but not that it is computed."""
    return () if is_zero(node) else node.inputs


def is_all_computed(graph: Graph) -> bool:
    """Whether everything demanded is computed: there is no `zero`."""
    return not any(map(is_zero, graph))


class DemandedParts(NamedTuple):
    """The demand for some choice: the option index of every active decision, and the nodes alive."""

    assignment: dict[str, int]
    alive: frozenset[str]


class Demand(NamedTuple):
    """The demand of a mixture for one option: tensors, and the scalars of an empty sum."""

    ports: tuple[Port, ...]
    scalars: tuple[Decided, ...] = ()


def branches(
    graph: Graph, node: Mux | Select, follows: FollowsOption = lambda *_: True
) -> Iterator[tuple[int, Demand]]:
    """The remaining options of a mixture that are followed, with the demand of each.

    An empty sum is zeros of the mixture's shape; its batch size is that of the first input of the network.
    """
    left = graph.decisions[node.decision].indices
    for index, target in node.branches:
        if index not in left or not follows(node.decision, index):
            continue
        if isinstance(target, Port):
            yield index, Demand((target,))
        elif target:
            yield index, Demand(target)
        else:
            shapes = tuple(tuple(expressions.assign(e, {node.decision: index}) for e in shape) for shape in node.shapes)
            first = next((Port(node.id) for node in graph if isinstance(node, InputNode)), None)
            yield index, Demand(() if first is None else (first,), decided_numbers(shapes))


def roots(graph: Graph, auxiliary: bool) -> list[OutputNode]:
    """The outputs where demand starts."""
    return [output for output in graph.outputs if auxiliary or not output.auxiliary]


def alive(
    graph: Graph, follows: FollowsOption, starts: Iterable[GraphNode], is_computed: bool = False
) -> frozenset[str]:
    """The nodes that some nodes demand through the options that are followed; with `is_computed`, those computed.

    `follows` is asked for the options of every active decision, and of no other.
    """
    found: set[str] = set()
    seen: set[Decided] = set()
    stack = [node.id for node in starts][::-1]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            for demand in _demands(graph, graph[name], follows, is_computed):
                _evaluate(demand.scalars, seen, follows)
                stack.extend(port.node for port in demand.ports)
    return frozenset(found)


def _demands(graph: Graph, node: GraphNode, follows: FollowsOption, is_computed: bool) -> Iterator[Demand]:
    if isinstance(node, (Mux, Select)):
        yield from (demand for _, demand in branches(graph, node, follows))
    else:
        yield Demand(computed(node) if is_computed else node.inputs, used(node))


def _evaluate(scalars: Iterable[ExactScalar], seen: set[Decided], follows: FollowsOption) -> None:
    """Follow the options that a lazy evaluation of the scalars needs, without expressions seen before."""
    stack = list(scalars)
    while stack:
        scalar = stack.pop()
        if isinstance(scalar, Decided) and scalar not in seen:
            seen.add(scalar)
            if isinstance(scalar, Switch):
                stack.extend(value for index, value in scalar.branches if follows(scalar.decision, index))
            else:
                stack.extend(scalar.parts)


def met(scalars: Iterable[ExactScalar]) -> Iterator[str]:
    """The decisions of scalars, outermost first."""
    stack = list(scalars)[::-1]
    seen: set[Decided] = set()
    while stack:
        part = stack.pop()
        if isinstance(part, Decided) and part not in seen:
            seen.add(part)
            if isinstance(part, Switch):
                yield part.decision
            stack.extend(reversed(part.parts))


def walk(graph: Graph, choose: Callable[[Decision], int], auxiliary: bool = True) -> DemandedParts:
    """Follow demand from the outputs; `choose` returns an option index for each active decision."""
    taken: dict[str, int] = {}
    return DemandedParts(taken, alive(graph, _chosen(graph, choose, taken), roots(graph, auxiliary)))


def computed_nodes(graph: Graph, choose: Callable[[Decision], int], auxiliary: bool = False) -> frozenset[str]:
    """The nodes whose values an output needs, which have costs. Nodes that only `zero` demands are not computed."""
    return alive(graph, _chosen(graph, choose, {}), roots(graph, auxiliary), is_computed=True)


def _chosen(graph: Graph, choose: Callable[[Decision], int], taken: dict[str, int]) -> FollowsOption:
    """Follow one option of each decision, which is chosen when the decision is met and stored in `taken`."""

    def follows(name: str, index: int) -> bool:
        if name not in taken:
            taken[name] = choose(graph.decisions[name])
        return taken[name] == index

    return follows


def network_nodes(graph: Graph) -> frozenset[str]:
    """The nodes that a graph without open decisions computes when it is not trained: without its auxiliary heads."""
    return computed_nodes(graph, lambda decision: decision.indices[0])
