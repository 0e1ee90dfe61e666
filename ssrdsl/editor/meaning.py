"""The meaning of names and expressions of a text in the network: its graph, indexed by places of the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.operators.definition import Shape
from ssrdsl.space.binding import Module
from ssrdsl.space.binding.occurrences import Binder
from ssrdsl.space.decisions import Decision
from ssrdsl.space.elaborate import Elaborated
from ssrdsl.space.graph import Mux, OperatorNode, Port, Scope, Select


class Found(NamedTuple):
    """A value, and the place in the network at which a name has it; the space itself is ``""``."""

    place: str
    value: Any


class AppliedLayer(NamedTuple):
    """A layer applied at a place of the network: its inputs and its results.

    The inputs of a mixture are omitted: they are those of its options.
    """

    place: str
    inputs: tuple[Port, ...]
    results: tuple[Port, ...]


SpanKey = tuple[str, int, int]


class Meaning:
    """An elaborated text: its graph, and the nodes of its places."""

    def __init__(self, module: Module, elaborated: Elaborated) -> None:
        self.module, self.elaborated, self.graph = module, elaborated, elaborated.graph
        self._instances: dict[int, list[Scope]] = defaultdict(list)
        self._bound: dict[tuple[int, str], list[Found]] = defaultdict(list)
        self._options: dict[tuple[SpanKey, str], list[Found]] = defaultdict(list)
        self._applied: dict[SpanKey, list[AppliedLayer]] = defaultdict(list)
        self._decisions: dict[SpanKey, list[Decision]] = defaultdict(list)
        for scope in self.graph.scopes.values():
            self._add_scope(scope)
        for node in self.graph:
            if isinstance(node, (OperatorNode, Mux, Select)):
                results = tuple(Port(node.id, index) for index in range(len(node.shapes)))
                taken = node.inputs if isinstance(node, OperatorNode) else ()
                self._applied[_key(node.span)].append(AppliedLayer(node.scope, taken, results))
        for decision in self.graph.decisions.values():
            self._decisions[_key(decision.span)].append(decision)

    def _add_scope(self, scope: Scope) -> None:
        if scope.definition is not None:
            self._instances[id(scope.definition)].append(scope)
            if scope.span is not None and scope.kind == "block":
                parent = scope.parent or ""
                self._applied[_key(scope.span)].append(AppliedLayer(parent, scope.inputs, scope.results))
        for name, bound in scope.names.items():
            if bound.expression is not None:
                self._bound[id(bound.expression), name].append(Found(scope.id, bound.value))
            elif scope.kind == "option" and scope.span is not None:
                self._options[_key(scope.span), name].append(Found(scope.id, bound.value))

    def shape(self, port: Port) -> Shape | None:
        """The shape of a tensor; None if no output demands it."""
        node = self.graph.find(port.node)
        return None if node is None else node.shapes[port.index]

    def values(self, name: str, binder: Binder) -> list[Found]:
        """The values of a name at its binder, for each place of the network."""
        node, owner = binder.node, binder.owner
        match node:
            case syntax.Parameter():
                instances = self._instances_of(owner)
                return [Found(s.id, s.arguments[name].value) for s in instances if name in s.arguments]
            case syntax.Name() if isinstance(owner, syntax.Block):
                place = owner.inputs.index(node)
                instances = self._instances_of(owner)
                return [Found(s.id, s.inputs[place]) for s in instances if place < len(s.inputs)]
            case syntax.Input():
                return [Found("", Port(found.id)) for found in self.graph.inputs if found.name == name]
            case syntax.Binding(value=value):
                return self._bound.get((id(value), name), []) or self._overwritten(value)
            case syntax.For(values=values) | syntax.Comprehension(values=values):
                return self._bound.get((id(values), name), [])
            case syntax.ChooseOver():
                return self._options.get((_key(node.span), name), [])
        return []

    def _instances_of(self, owner: syntax.Node | None) -> list[Scope]:
        return self._instances.get(id(owner), [])

    def _overwritten(self, value: syntax.Expression) -> list[Found]:
        """The tensors of a binding whose name was rebound later, which scopes do not store."""
        last = value.stages[-1] if isinstance(value, syntax.Pipe) else value
        return [Found(place, results[0]) for place, _, results in self.applications(last.span) if len(results) == 1]

    def applications(self, span: Span) -> list[AppliedLayer]:
        """The applications of the layer of an expression, one for each place of the network."""
        return self._applied.get(_key(span), [])

    def decisions(self, span: Span) -> list[Decision]:
        """The decisions that an expression makes."""
        return self._decisions.get(_key(span), [])

    def decisions_of(self, names: Iterable[str]) -> Iterator[Decision]:
        """The decisions of some names, in their order in the graph."""
        wanted = set(names)
        return (decision for name, decision in self.graph.decisions.items() if name in wanted)


def _key(span: Span) -> SpanKey:
    return span.source.name, span.start, span.end
