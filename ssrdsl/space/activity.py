"""Demand of a network: which nodes are alive and which decisions are active for chosen options.

Demand starts at the outputs and follows data. A demanded node uses the decisions in its attributes; a mixture uses its
decision and only demands the tensors of the chosen option. Reading a shape is not using data: `c - x.channels`
and `resize(q)` use the decisions met by lazily evaluating the shape, not those of `x` or `q`.

`zero` demands its input, so that the decisions behind it are active and count as architectures; but no number of the
input is needed. What only `zero` demands is not computed: it is not emitted and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ssrdsl.operators.definition import Shape
from ssrdsl.space import expressions
from ssrdsl.space.decided import attributes, decided_numbers
from ssrdsl.space.decisions import Decision
from ssrdsl.space.expressions import Decided, ExactScalar, Switch
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, OutputNode, Port, Select


class DemandedParts(NamedTuple):
    """The demand for some choice: the option index of every active decision, and the nodes alive."""

    assignment: dict[str, int]
    alive: frozenset[str]


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


class Demand(NamedTuple):
    """The demand of a mixture for one option: tensors, and the scalars of an empty sum."""

    ports: tuple[Port, ...]
    scalars: tuple[Decided, ...] = ()


def branches(graph: Graph, node: Mux | Select) -> Iterator[tuple[int, Demand]]:
    """The remaining options of a mixture, with the demand of each.

    An empty sum is zeros of the mixture's shape; its batch size is that of the first input of the network.
    """
    left = graph.decisions[node.decision].indices
    for index, target in node.branches:
        if index not in left:
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


class _Walker:
    """One walk over the demanded part of a graph."""

    def __init__(self, graph: Graph, choose: Callable[[Decision], int], is_computed: bool = False) -> None:
        self.graph = graph
        self.choose = choose
        self.is_computed = is_computed
        self.assignment: dict[str, int] = {}

    def option(self, name: str) -> int:
        if name not in self.assignment:
            self.assignment[name] = self.choose(self.graph.decisions[name])
        return self.assignment[name]

    def touch(self, scalars: Iterable[ExactScalar]) -> None:
        """Visit the decisions that a lazy evaluation of the scalars needs."""
        stack = list(scalars)
        seen: set[Decided] = set()
        while stack:
            scalar = stack.pop()
            if not isinstance(scalar, Decided) or scalar in seen:
                continue
            seen.add(scalar)
            if isinstance(scalar, Switch):
                option = self.option(scalar.decision)
                stack.extend(value for index, value in scalar.branches if index == option)
            else:
                stack.extend(scalar.parts)

    def demanded(self, node: GraphNode) -> tuple[Port, ...]:
        """Visit the decisions of a node and return the tensors that it demands."""
        if not isinstance(node, (Mux, Select)):
            self.touch(used(node))
            return computed(node) if self.is_computed else node.inputs
        option = self.option(node.decision)
        demand = next(demand for index, demand in branches(self.graph, node) if index == option)
        self.touch(demand.scalars)
        return demand.ports

    def run(self, auxiliary: bool) -> DemandedParts:
        alive: set[str] = set()
        stack = [output.id for output in reversed(roots(self.graph, auxiliary))]
        while stack:
            name = stack.pop()
            if name not in alive:
                alive.add(name)
                stack.extend(port.node for port in self.demanded(self.graph[name]))
        return DemandedParts(self.assignment, frozenset(alive))


def met(
    scalars: Iterable[ExactScalar], seen: set[Decided], follows: Callable[[str, int], bool] = lambda *_: True
) -> Iterator[str]:
    """The decisions of scalars, outermost first, without expressions seen before.

    `follows` decides whether the parts that depend on an option of a decision are followed.
    """
    stack = list(scalars)[::-1]
    while stack:
        part = stack.pop()
        if not isinstance(part, Decided) or part in seen:
            continue
        seen.add(part)
        if isinstance(part, Switch):
            yield part.decision
            stack.extend(value for index, value in reversed(part.branches) if follows(part.decision, index))
        else:
            stack.extend(reversed(part.parts))


def walk(graph: Graph, choose: Callable[[Decision], int], auxiliary: bool = True) -> DemandedParts:
    """Follow demand from the outputs; `choose` returns an option index for each active decision."""
    return _Walker(graph, choose).run(auxiliary)


def computed_nodes(graph: Graph, choose: Callable[[Decision], int], auxiliary: bool = False) -> frozenset[str]:
    """The nodes whose values an output needs, which have costs. Nodes that only `zero` demands are not computed."""
    return _Walker(graph, choose, is_computed=True).run(auxiliary).alive


def network_nodes(graph: Graph) -> frozenset[str]:
    """The nodes that a graph without open decisions computes when it is not trained: without its auxiliary heads."""
    return computed_nodes(graph, lambda decision: decision.indices[0])
