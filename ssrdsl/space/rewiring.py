"""Rebuild nodes and scopes for fewer options: decided values are constants, dissolved nodes are bypassed."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ssrdsl.language import syntax
from ssrdsl.operators import operators
from ssrdsl.operators.definition import Shape
from ssrdsl.operators.zeros import Zeros
from ssrdsl.space import activity, expressions
from ssrdsl.space.decided import mapped_operator
from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.space.extents import extents_of
from ssrdsl.space.graph import (
    Bound,
    Extents,
    Graph,
    GraphNode,
    InputNode,
    Mux,
    OperatorNode,
    OutputNode,
    Port,
    Scope,
    Select,
)


class Rewiring:
    """Rebuilds the nodes of a graph in order, with only the survivors in the named decisions.

    Mixtures of one tensor and neutral operators are dissolved: their readers read their input. With `main`, the nodes
    of a network that its results need, only what is computed is made: zeros leave the sums that they are in, and the
    results take no height and width from what auxiliary heads alone compute.
    """

    def __init__(
        self,
        graph: Graph,
        survivors: Mapping[str, tuple[int, ...]],
        alive: Collection[str],
        main: Collection[str] | None = None,
    ) -> None:
        self.nodes: dict[str, GraphNode] = {}
        self._graph = graph
        self._survivors = survivors
        self._memo: dict[Decided, ExactScalar] = {}
        self._lists: dict[int, tuple[Any, Any]] = {}
        self._passed: dict[str, Port] = {}
        self._alive = alive
        self._main = main
        for node in graph:
            self._place(node)
        if main is not None:
            self._remove_unread()

    def value(self, value: Any) -> Any:
        """Restrict scalars and rewire tensors, also in tuples and lists; layer values are unchanged."""
        if isinstance(value, Decided):
            return expressions.restrict(value, self._survivors, self._memo)
        if isinstance(value, Port):
            return self._passed.get(value.node, value)
        if isinstance(value, Shape):
            return type(value)(*map(self.value, value))  # vectors remain vectors
        if type(value) in (tuple, list):
            return self._listed(value)
        return value

    def _listed(self, value: Any) -> Any:
        """A list or tuple. Shared lists are processed once."""
        known = self._lists.get(id(value))
        if known is None or known[0] is not value:
            known = self._lists[id(value)] = value, type(value)(map(self.value, value))
        return known[1]

    def _place(self, node: GraphNode) -> None:
        """Add a node if it is alive; a mixture of one tensor is dissolved even if only its shape is read."""
        made: GraphNode | Port = node
        if isinstance(node, (Mux, Select)):
            made = self._mixture(node)
        elif node.id in self._alive:
            made = self._operator(node) if isinstance(node, OperatorNode) else self._plain(node)
        if isinstance(made, Port):
            self._passed[node.id] = made
        elif node.id in self._alive:
            self.nodes[node.id] = made

    def _plain(self, node: GraphNode) -> GraphNode:
        inputs, shapes = self.value(node.inputs), self.value(node.shapes)
        return node if (inputs, shapes) == (node.inputs, node.shapes) else replace(node, inputs=inputs, shapes=shapes)

    def _operator(self, node: OperatorNode) -> GraphNode | Port:
        known = self._known(node)
        if activity.is_zero(node) and node.extents is not None:
            return self._zeros(node, node.extents)
        if activity.is_zero(node) and node.inputs and self.value(node.inputs[0]).node not in known:
            return self._zeros(node, Extents(node.inputs[0], (node.operator,)))
        plain = self._plain(node)
        if node.operator.name == "add":
            plain = self._without_zeros(plain)
        operator = mapped_operator(node.operator, self.value)
        like = None if node.like is None else self.value(node.like)
        extents = None if node.extents is None else self._extents(node.extents, known)
        if like is not None and like.node not in known:
            detached = operator.detached()
            extents = None if detached is operator else self._extents(Extents(like, ()), known)
            like, operator = None, detached
        if plain is node and operator is node.operator and (like, extents) == (node.like, node.extents):
            return node
        if operator.is_neutral(self._input_shapes(plain)):
            return plain.inputs[0]
        return replace(plain, operator=operator, like=like, extents=extents)  # type: ignore[call-arg]

    def _known(self, node: GraphNode) -> Container[str]:
        """The nodes from which a node may take height and width."""
        return self._main if self._main is not None and node.id in self._main else self._alive

    def _extents(self, extents: Extents, known: Container[str]) -> Extents | None:
        """How extents follow from a tensor that is known now."""
        found = extents_of(extents.base, self._graph, known, self.value)
        if found is None:
            return None
        operators = (*found.operators, *extents.operators)
        return Extents(found.base, tuple(mapped_operator(operator, self.value) for operator in operators))

    def _without_zeros(self, node: GraphNode) -> GraphNode:
        """A sum without its zeros, except those that determine its shape."""
        others = tuple(port for port in node.inputs if not activity.is_zero(self.nodes[port.node]))
        if self._main is None or not others or others == node.inputs:
            return node
        left = replace(node, inputs=others)
        return left if operators()["add"]().shapes(self._input_shapes(left)) == node.shapes else node

    def _remove_unread(self) -> None:
        """Remove nodes that no output depends on."""
        read = {node.id for node in self.nodes.values() if isinstance(node, (InputNode, OutputNode))}
        for node in reversed(self.nodes.values()):
            if node.id in read:
                read.update(port.node for port in node.reads)
                if isinstance(node, OperatorNode) and node.extents is not None:
                    read.add(node.extents.base.node)
        self.nodes = {name: node for name, node in self.nodes.items() if name in read}

    def _zeros(self, node: OperatorNode, derived: Extents) -> OperatorNode:
        """Zeros in the place of a node; `derived` is how their height and width follow from a tensor not computed."""
        shapes = self.value(node.shapes)
        extents = self._extents(derived, self._known(node))
        assert extents is not None, "every height and width follows from an input"
        return replace(node, operator=Zeros.of(shapes[0]), inputs=(extents.base,), shapes=shapes, extents=extents)

    def _input_shapes(self, node: GraphNode) -> tuple[Shape, ...]:
        return tuple(self.nodes[port.node].shapes[port.index] for port in node.inputs)

    def _mixture(self, node: Mux | Select) -> GraphNode | Port:
        left = self._survivors.get(node.decision)
        branches = tuple(
            (index, self.value(target)) for index, target in node.branches if left is None or index in left
        )
        if len(branches) > 1:
            return self._open(node, branches)
        target = branches[0][1]
        if isinstance(node, Mux) or len(target) == 1:
            return target if isinstance(target, Port) else target[0]
        made = self._sum(node, target)
        if target and all(port.node in self.nodes for port in target):
            total = self._without_zeros(made)
            return total.inputs[0] if len(total.inputs) == 1 else total
        return made

    def _open(self, node: Mux | Select, branches: tuple[tuple[int, Any], ...]) -> GraphNode:
        ports = [port for _, target in branches for port in ((target,) if isinstance(target, Port) else target)]
        shapes = self.value(node.shapes)
        return replace(node, inputs=tuple(dict.fromkeys(ports)), shapes=shapes, branches=branches)  # type: ignore[arg-type]

    def _sum(self, node: Select, members: tuple[Port, ...]) -> OperatorNode:
        """The operator for a sum of several tensors, or of none."""
        total = OperatorNode(
            id=node.id,
            inputs=members,
            shapes=self.value(node.shapes),
            scope=node.scope,
            frame=node.frame,
            span=node.span,
            operator=operators()["add"](),
            call=syntax.Name(name="add" if members else "zeros", span=node.span),
        )
        return total if members else self._zeros(total, Extents(node.inputs[0], ()))

    def scopes(self, made_in: Iterable[str]) -> dict[str, Scope]:
        """The scopes with remaining nodes or decisions, and those that they refer to."""
        known = self._graph.scopes
        wanted = [name for node in self.nodes.values() for name in (node.scope, node.frame)] + list(made_in)
        found: dict[str, Scope] = {}
        while wanted:
            name = wanted.pop()
            if name not in found and name in known:
                scope = found[name] = self._scope(known[name])
                bound = [*scope.arguments.values(), *scope.names.values()]
                wanted += [other for other in (scope.parent, scope.frame) if other is not None]
                wanted += [binding.scope for binding in bound]
        return {name: found[name] for name in known if name in found}

    def _scope(self, scope: Scope) -> Scope:
        return replace(
            scope,
            arguments={name: self._bound(bound) for name, bound in scope.arguments.items()},
            names={name: self._bound(bound) for name, bound in scope.names.items()},
            inputs=self.value(scope.inputs),
            results=self.value(scope.results),
        )

    def _bound(self, bound: Bound) -> Bound:
        return bound._replace(value=self.value(bound.value))
