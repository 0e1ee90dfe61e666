"""A decided graph as nested instances of blocks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import takewhile
from typing import Any

from ssrdsl.language.source import Span
from ssrdsl.space import activity
from ssrdsl.space.expressions import Decided
from ssrdsl.space.graph import Bound, Graph, GraphNode, OperatorNode, Port, Scope

ZEROS = "zeros"
LONGEST = 10_000
"""Longer lists are not parameters or arguments of a class."""
ScopePlace = tuple[Any, ...]
"""The place of a scope in an instance of a block, the same in all instances of that block."""


def steps_of(place: ScopePlace, kind: str) -> list[tuple[int, tuple[Any, ...]]]:
    """The steps of a kind in a place, each with its index: `turn` for loops, `binding` for names."""
    return [(index, step) for index, step in enumerate(place) if isinstance(step, tuple) and step[0] == kind]


def is_scalar(value: Any) -> bool:
    """Whether a value can be an argument: a number, string, boolean, or a list of those."""
    if isinstance(value, Port):
        return False
    if isinstance(value, (tuple, list)):
        return all(map(is_scalar, value))
    return isinstance(value, (int, Fraction, str, bool))


def reads(node: GraphNode) -> tuple[Port, ...]:
    """The tensors that a node needs at run time; `match` only needs the number of channels of its second input."""
    if isinstance(node, OperatorNode) and node.operator.name == "match":
        return node.inputs
    if isinstance(node, OperatorNode) and node.extents is not None and node.operator.name != ZEROS:
        return (*node.inputs, node.extents.base)
    return node.reads


@dataclass
class IndexedNetwork:
    """A graph in which every decision has one option, with the scopes whose instances become objects of a class."""

    graph: Graph
    ancestors: dict[str, tuple[str, ...]] = field(init=False)
    children: dict[str, list[str]] = field(init=False)
    _lengths: dict[int, tuple[Any, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert not self.graph.open_decisions, "a network has no open decisions"
        self.ancestors = {node.id: tuple(s.id for s in self.graph.ancestry(node.scope)) for node in self.graph}
        alive = {scope for scopes in self.ancestors.values() for scope in scopes}
        self.children = {}
        for name, scope in self.graph.scopes.items():
            if name in alive and scope.parent is not None:
                self.children.setdefault(scope.parent, []).append(name)

    @cached_property
    def operators(self) -> tuple[OperatorNode, ...]:
        """The operators, producers before consumers."""
        return tuple(node for node in self.graph if isinstance(node, OperatorNode))

    @cached_property
    def operators_in(self) -> dict[str, list[OperatorNode]]:
        """The operators in every scope and the scopes inside it, producers before consumers."""
        found: dict[str, list[OperatorNode]] = {}
        for node in self.operators:
            for scope in self.ancestors[node.id]:
                found.setdefault(scope, []).append(node)
        return found

    def scope(self, scope: str) -> Scope:
        """A scope by its id."""
        return self.graph.scopes[scope]

    def blocks(self) -> list[Scope]:
        """The instances of blocks that hold an operator, inner ones before those around them."""
        held = self.operators_in
        found = [scope for name, scope in self.graph.scopes.items() if name in held and scope.kind == "block"]
        return sorted(found, key=lambda scope: -len([*self.graph.ancestry(scope.id)]))

    def divided(self) -> set[str]:
        """The scopes with both operators of the main network and operators used only by auxiliary heads."""
        main = activity.network_nodes(self.graph)
        needed, beside = set[str](), set[str]()
        for node in self.operators:
            (needed if node.id in main else beside).update(self.ancestors[node.id])
        return needed & beside

    def value(self, scalar: Any) -> Any:
        """A scalar, lists as tuples. Raises KeyError if it depends on an inactive decision, or is too long."""
        if isinstance(scalar, Decided):
            raise KeyError(*scalar.support)
        if isinstance(scalar, (tuple, list)) and not isinstance(scalar, Port):
            if self._length(scalar) > LONGEST:
                raise KeyError("a list is too long to be written")
            return tuple(self.value(item) for item in scalar)
        return scalar

    def scalar(self, bound: Bound | None) -> Any:
        """The value of a name if it can be an argument of a constructor, else None."""
        if bound is None:
            return None
        try:
            value = self.value(bound.value)
        except KeyError:
            return None
        return value if is_scalar(value) else None

    def _length(self, value: Any) -> int:
        """The number of values in a list, including inner lists, each of which is counted once."""
        if not isinstance(value, (tuple, list)) or isinstance(value, Port):
            return 1
        known = self._lengths.get(id(value))
        if known is None or known[0] is not value:
            known = self._lengths[id(value)] = value, sum(map(self._length, value))
        return known[1]

    def place(self, scope: str, within: str) -> ScopePlace:
        """The path from a scope to another one inside it.

        Options of a `choose` over values share their place, since they share their text.
        """
        return tuple(self._step(step) for step in self._way(scope, within))

    def position(self, scope: str, within: str, span: Span | None) -> ScopePlace:
        """The place of the code at a span in a scope, regardless of blocks that it was passed to as a layer.

        So `f` is at the same position in `residual(f)` as alone.
        """
        steps: list[Any] = [("text", span)]
        for step in reversed(self._way(scope, within)):
            block = self.scope(step)
            inner = next((found[1] for found in steps if found[1] is not None), None)
            definition = block.definition if block.kind == "block" else None
            if definition is None or inner is None or definition.span.holds(inner):
                steps.insert(0, self._step(step))
        return tuple(steps)

    def _way(self, scope: str, within: str) -> list[str]:
        """The scopes from one inside `within` to `scope`, outermost first."""
        return [step.id for step in takewhile(lambda step: step.id != within, self.graph.ancestry(scope))][::-1]

    def scopes_at(self, within: str, place: ScopePlace) -> list[Scope]:
        """The scopes at a place inside a scope: one, or none if nothing of it is alive."""
        found = [within]
        for step in place:
            found = [child for scope in found for child in self.children.get(scope, ()) if self._step(child) == step]
        return [self.scope(scope) for scope in found]

    def value_at(self, within: str, place: ScopePlace, name: str) -> Any:
        """The value of a name at a place inside a scope; None if nothing of this place is alive."""
        for scope in self.scopes_at(within, place):
            value = self.scalar(scope.names.get(name) or scope.arguments.get(name))
            if value is not None:
                return value
        return None

    def _step(self, scope: str) -> tuple[Any, ...]:
        step = self.scope(scope)
        label = step.label.partition("[")[0] if step.kind in {"turn", "binding"} else ""
        return step.kind, step.span, label

    @cached_property
    def readers(self) -> dict[Port, list[str]]:
        """The nodes that read the data or the shape of every tensor."""
        found: dict[Port, list[str]] = {}
        for node in self.graph:
            for port in dict.fromkeys(reads(node)):
                found.setdefault(port, []).append(node.id)
        return found

    def names_in(self, scope: str, objects: Collection[str]) -> Iterator[tuple[str, Any]]:
        """The names bound at a scope, outside of objects, with their values, without those of inlined library blocks.

        Names of a single letter, often used in loops, are only included if bound in the class itself.
        """
        for inner in [scope, *self._own(scope, objects)]:
            for name, bound in self.scope(inner).names.items():
                if inner == scope or len(name) > 1:
                    yield name, bound.value

    def _own(self, scope: str, objects: Collection[str]) -> Iterator[str]:
        for child in self.children.get(scope, ()):
            if child not in objects and not self.scope(child).library:
                yield child
                yield from self._own(child, objects)
