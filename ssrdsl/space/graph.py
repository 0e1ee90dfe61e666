"""The space graph: typed nodes, decisions and scopes, the only representation from the source to the emitted file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, cast

import networkx as nx

from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.operators.definition import Operator, Scalar, Shape
from ssrdsl.space.decisions import Decision
from ssrdsl.space.functions import FUNCTIONS


class Port(NamedTuple):
    """A tensor: one result of a node."""

    node: str
    index: int = 0  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A node of the graph.

    `id` is its place in the source and never changes. `scope` is the scope in which it is; `frame` the scope
    whose names its expressions use (another one only where a layer was handed over as an argument).
    """

    id: str
    inputs: tuple[Port, ...] = ()
    shapes: tuple[Shape, ...]
    scope: str
    frame: str
    span: Span = field(repr=False, compare=False)

    @property
    def reads(self) -> tuple[Port, ...]:
        """The tensors whose data or shape the node reads."""
        return self.inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class InputNode(GraphNode):
    """An input of the network."""

    name: str


@dataclass(frozen=True, slots=True)
class Extents:
    """Height and width of a tensor that is not computed: the results of `operators` for those of `base`, which is."""

    base: Port
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorNode(GraphNode):
    """A primitive operator applied to tensors.

    `like` is the tensor whose shape alone is read (`resize(x)`, `match(x, like)`), None if there is none or if it
    is not alive: then `extents` is how its height and width follow from a tensor that is. For zeros, it is how their
    own do. `call` is the expression that wrote the operator: a call, or its bare name.
    """

    operator: Operator
    like: Port | None = None
    extents: Extents | None = None
    call: syntax.Expression = field(repr=False, compare=False)

    @property
    def reads(self) -> tuple[Port, ...]:
        """The tensors whose data or shape the node reads."""
        return self.inputs if self.like is None else (*self.inputs, self.like)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mux(GraphNode):
    """Selects one of its inputs by a decision: `branches` are pairs of original option index and tensor."""

    decision: str
    branches: tuple[tuple[int, Port], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(GraphNode):
    """The sum of some of its inputs, by a decision whose options are subsets of them; the empty sum is zeros."""

    decision: str
    branches: tuple[tuple[int, tuple[Port, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputNode(GraphNode):
    """A result of the network; auxiliary ones are for training only and have no costs."""

    name: str
    auxiliary: bool = False


class Bound(NamedTuple):
    """A binding: the value of a name, its expression and the scope of its evaluation.

    Values are scalars, ports, tuples or lists of those, or opaque layer values.
    """

    value: Any
    expression: syntax.Expression | None
    scope: str


@dataclass(slots=True)
class Scope:
    """A scope of the elaboration with its own names; scopes form a tree.

    `kind` is `space`, `block`, `option` (of a choose), `binding` (the right side of `name = ...`) or `turn` (of a
    loop, comprehension or repeat). For blocks: `definition`, `arguments` by parameter name, `inputs`, `results`; a turn
    of a repeat has its `depth` as an argument.
    `names` holds the local bindings, the last one of each name. `frame` is the scope around it in the text, where
    names not found here are looked up (None: at file level); `parent` is the scope around it in the network, another
    one where a layer was handed over as an argument. `library` marks blocks of the prelude.
    """

    id: str
    kind: str
    label: str
    parent: str | None
    frame: str | None = None
    definition: syntax.Space | syntax.Block | None = None
    arguments: dict[str, Bound] = field(default_factory=dict)
    names: dict[str, Bound] = field(default_factory=dict)
    inputs: tuple[Port, ...] = ()
    results: tuple[Port, ...] = ()
    library: bool = False
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A `require`: `cost` is `macs` or `parameters` with a bound, or None for a condition over decisions.

    For a cost, `relation` is one of `<= < >= > ==` and `bound` a number; else `condition` is a scalar that is true or
    false in every architecture.
    """

    span: Span = field(repr=False, compare=False)
    cost: str | None = None
    relation: str = ""
    bound: Any = None
    condition: Any = None

    def is_met_by(self, cost: int) -> bool:
        """Whether a cost meets the bound."""
        return bool(FUNCTIONS[self.relation](cost, self.bound))


class Graph:
    """An immutable space graph.

    `network` has its nodes, in topological order (that of elaboration), as the attribute `node`, and an edge for each
    tensor that a node reads, with the `index` among the results of its producer. Edges of which only the shape is read
    have `data=False`.

    A restricted graph was made from `origin` by leaving only `survivors`, original option indices by decision. Some of
    its decisions may be closed: active, but with one option, so that no node depends on them.
    """

    def __init__(
        self,
        name: str,
        nodes: Iterable[GraphNode],
        decisions: Iterable[Decision],
        scopes: Mapping[str, Scope],
        requirements: Iterable[Requirement] = (),
        origin: Graph | None = None,
        survivors: Mapping[str, tuple[int, ...]] | None = None,
    ) -> None:
        self.name = name
        self.network: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=name)
        for node in nodes:
            self.network.add_node(node.id, node=node)
            for place, port in enumerate(node.reads):
                self.network.add_edge(port.node, node.id, data=place < len(node.inputs), index=port.index)
        self.decisions: Mapping[str, Decision] = {decision.name: decision for decision in decisions}
        self.scopes = scopes
        self.requirements = tuple(requirements)
        self.origin = origin
        self.survivors = survivors or {}

    def __iter__(self) -> Iterator[GraphNode]:
        return (node for _, node in cast("Iterable[tuple[str, GraphNode]]", self.network.nodes(data="node")))

    def __len__(self) -> int:
        return len(self.network)

    def __getitem__(self, node: str) -> GraphNode:
        found: GraphNode = self.network.nodes[node]["node"]
        return found

    def find(self, node: str) -> GraphNode | None:
        """The node with an id, None if there is none."""
        return self[node] if node in self.network else None

    @property
    def inputs(self) -> tuple[InputNode, ...]:
        """The inputs of the network."""
        return tuple(node for node in self if isinstance(node, InputNode))

    @property
    def outputs(self) -> tuple[OutputNode, ...]:
        """The results of the network, auxiliary ones included."""
        return tuple(node for node in self if isinstance(node, OutputNode))

    def shape(self, port: Port) -> Shape:
        """The shape of a tensor."""
        return self[port.node].shapes[port.index]

    def input_shapes(self, node: GraphNode) -> tuple[Shape, ...]:
        """The shapes of the tensors whose data a node reads."""
        return tuple(self.shape(port) for port in node.inputs)

    @property
    def open_decisions(self) -> tuple[Decision, ...]:
        """The decisions with more than one option."""
        return tuple(decision for decision in self.decisions.values() if decision.is_open)

    @property
    def domains(self) -> dict[str, tuple[int, ...]]:
        """For every decision, the indices of the remaining options."""
        return {decision.name: decision.indices for decision in self.decisions.values()}

    @property
    def conditions(self) -> tuple[Requirement, ...]:
        """The requirements over decisions, without bounds on costs."""
        return tuple(requirement for requirement in self.requirements if requirement.cost is None)

    @property
    def cost_bounds(self) -> tuple[Requirement, ...]:
        """The requirements on costs."""
        return tuple(requirement for requirement in self.requirements if requirement.cost is not None)

    @cached_property
    def consumers(self) -> Mapping[str, tuple[GraphNode, ...]]:
        """For every node, those that read the data of its results, in order."""
        return {node: tuple(map(self.__getitem__, self._data_flow.successors(node))) for node in self.network}

    @cached_property
    def node_costs(self) -> dict[tuple[str, str], Scalar]:
        """By node and cost, what `ssrdsl.space.cost` has computed so far: several stages ask for the same."""
        return {}

    def ancestors(self, nodes: Iterable[str]) -> frozenset[str]:
        """The nodes that some nodes are computed from."""
        return frozenset().union(*(nx.ancestors(self._data_flow, node) for node in nodes))

    @cached_property
    def _data_flow(self) -> nx.DiGraph[str]:
        """The edges along which data is read, once each."""
        flow: nx.DiGraph[str] = nx.DiGraph()
        flow.add_nodes_from(self.network)
        flow.add_edges_from((port.node, reader.id) for reader in self for port in reader.inputs)
        return flow

    def is_prelude(self, scope: Scope) -> bool:
        """Whether a scope is a block of the prelude, or a turn of a loop written in one."""
        around = self.scopes.get(scope.frame or "")
        return scope.library or (scope.kind == "turn" and around is not None and around.library)

    def ancestry(self, scope: str) -> Iterator[Scope]:
        """A scope and those around it, innermost first."""
        current: str | None = scope
        while current is not None:
            yield self.scopes[current]
            current = self.scopes[current].parent
