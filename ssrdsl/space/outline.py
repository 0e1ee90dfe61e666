"""The graph folded along its source: repeated or chosen nodes of one place of the text are one part.

An outline summarizes a space for readers: `reduce(64)`, then `1..5 x joint(64, 0.03)`, instead of a thousand nodes.
Blocks of the prelude are not parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from ssrdsl.language.source import Span
from ssrdsl.operators.definition import Shape
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, OutputNode, Scope, Select


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """A part of the network.

    `kind` is `input`, `operator`, `output`, `block`, `binding`, `choose`, `select` or `repeat`. `parts` are the parts
    inside: those of the largest option of a choice or the largest iteration of a repeat. `least` and `greatest` are the
    numbers of iterations; `decision` is that of a choice or repeat; `nodes` are all nodes inside, of every option and
    turn.
    """

    kind: str
    label: str
    nodes: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    parts: tuple[NetworkPart, ...] = ()
    decision: Decision | None = None
    least: int = 1
    greatest: int = 1
    span: Span | None = field(default=None, repr=False)


class Outline:
    """The parts of a graph, scope by scope."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._members: dict[str, dict[str, None]] = {"": {}}
        """For every scope, in order, the nodes (as `:id`) and the scopes directly in it."""
        self._inside: dict[str, list[str]] = {}
        self._hidden = {scope.id for scope in graph.scopes.values() if graph.is_prelude(scope)}
        for node in graph:
            self._place(node)

    def parts(self, scope: str = "") -> tuple[NetworkPart, ...]:
        """The parts of a scope, in the order of the network."""
        made = [self._part(group) for group in self._groups(scope)]
        return tuple(_with_decisions(self.graph, _with_applications(made)))

    def nodes(self, scope: str) -> tuple[str, ...]:
        """The nodes of a scope, including those of scopes inside."""
        return tuple(self._inside.get(scope, ()))

    def result(self, part: NetworkPart) -> Shape | None:
        """The shape of the last tensor that leaves a part, None if there is none."""
        inside = set(part.nodes)
        for name in reversed(part.nodes):
            readers = self.graph.consumers[name]
            if not readers or any(reader.id not in inside for reader in readers):
                return self.graph[name].shapes[0]
        return None

    def decisions(self, scopes: Iterable[str]) -> list[Decision]:
        """The open decisions made in some scopes or below."""
        wanted = set(scopes)
        return [
            decision
            for decision in self.graph.open_decisions
            if any(scope.id in wanted for scope in self.graph.ancestry(decision.made_in))
        ]

    def _place(self, node: GraphNode) -> None:
        chain = [scope.id for scope in self.graph.ancestry(node.scope) if scope.id not in self._hidden]
        child = ":" + node.id
        for scope in chain:
            self._members.setdefault(scope, {}).setdefault(child)
            self._inside.setdefault(scope, []).append(node.id)
            child = scope

    def _groups(self, scope: str) -> Iterator[list[str]]:
        """The members of a scope, with iterations of one loop and options of one choice grouped."""
        for key, run in groupby(self._members.get(scope, {}), self._key):
            members = list(run)
            if key is None:
                yield from ([member] for member in members)
                continue
            group: list[str] = []
            labels: set[str] = set()
            for member in members:
                label = self._option_label(member)
                if label in labels:  # the same text once more
                    yield group
                    group, labels = [], set()
                group.append(member)
                labels.add(label)
            yield group

    def _key(self, member: str) -> object:
        scope = self.graph.scopes.get(member)
        return (scope.kind, scope.span) if scope is not None and scope.kind in {"turn", "option"} else None

    def _option_label(self, member: str) -> str:
        return self.graph.scopes[member].label.rpartition("=")[2]

    def _part(self, members: list[str]) -> NetworkPart:
        first = members[0]
        if first.startswith(":"):
            return _of_node(self.graph[first[1:]], self.graph)
        scopes = [self.graph.scopes[member] for member in members]
        nodes = tuple(node for member in members for node in self._inside[member])
        if scopes[0].kind == "turn":
            # Iterations of a loop may differ; the last largest one is shown.
            inside = self.parts(max(reversed(members), key=lambda member: len(self._inside[member])))
            return NetworkPart(
                "repeat", _joined(inside), nodes, tuple(members), inside, least=len(members), greatest=len(members),
                span=scopes[0].span,
            )  # fmt: skip
        if scopes[0].kind == "option":
            largest = max(members, key=lambda member: len(self._inside[member]))
            label = scopes[0].label.partition("=")[0]
            inside = self.parts(largest)
            least, greatest = self._counts(members, inside)
            return NetworkPart("choose", label, nodes, tuple(members), inside, None, least, greatest, scopes[0].span)
        return NetworkPart(scopes[0].kind, _text(scopes[0]), nodes, (first,), self.parts(first), span=scopes[0].span)

    def _counts(self, options: list[str], largest: tuple[NetworkPart, ...]) -> tuple[int, int]:
        """The number of repetitions of the only part of each option, if the options differ in nothing else."""
        if len(largest) != 1 or largest[0].kind != "repeat":
            return 1, 1
        counts = [self.parts(option)[0].greatest for option in options]
        return min(counts), max(counts)


def _of_node(node: GraphNode, graph: Graph) -> NetworkPart:
    if isinstance(node, InputNode):
        return NetworkPart("input", node.name, (node.id,), span=node.span)
    if isinstance(node, OutputNode):
        return NetworkPart("output", node.name, (node.id,), span=node.span)
    if isinstance(node, (Mux, Select)):
        decision = graph.decisions.get(node.decision)
        return NetworkPart("select", "select", (node.id,), decision=decision, span=node.span)
    name = node.operator.name if isinstance(node, OperatorNode) else node.id
    span = _application(node, graph)
    text = _one_line(span)
    # A block of the prelude that takes layers has all of them in its text.
    return NetworkPart("operator", name if "->" in text else text, (node.id,), span=span)


def _application(node: GraphNode, graph: Graph) -> Span:
    """The place where the user's text applies an operator, or the block of the prelude that applies it."""
    around = list(graph.ancestry(node.scope))
    own = [scope.definition.span for scope in around if not scope.library and scope.definition is not None]
    if not any(span.holds(node.span) for span in own):
        for scope in around:
            if scope.library and scope.span is not None and any(span.holds(scope.span) for span in own):
                return scope.span
    return node.span


def _with_applications(parts: list[NetworkPart]) -> list[NetworkPart]:
    """Join the operators of one block of the prelude to one part."""
    merged: list[NetworkPart] = []
    for part in parts:
        if merged and part.kind == "operator" and replace(part, nodes=merged[-1].nodes) == merged[-1]:
            merged[-1] = replace(part, nodes=(*merged[-1].nodes, *part.nodes))
        else:
            merged.append(part)
    return merged


def _with_decisions(graph: Graph, parts: Iterable[NetworkPart]) -> list[NetworkPart]:
    """Assign the decision of the final mixture to choices and repeats; the mixture is then not a part."""
    merged: list[NetworkPart] = []
    for part in parts:
        if merged and part.kind == "select" and part.span == merged[-1].span and part.decision is not None:
            merged[-1] = _merged(graph, merged[-1], part, part.decision)
        else:
            merged.append(part)
    return merged


def _merged(graph: Graph, part: NetworkPart, mixture: NetworkPart, decision: Decision) -> NetworkPart:
    merged = replace(part, decision=decision, nodes=(*part.nodes, *mixture.nodes))
    node = graph[mixture.nodes[0]]
    if part.kind != "repeat" or not isinstance(node, Mux):
        return merged
    turn_of = {scope: number for number, scope in enumerate(part.scopes, 1)}
    counts = {
        max((turn_of.get(scope.id, 0) for scope in graph.ancestry(graph[port.node].scope)), default=0)
        for port in node.inputs
    }
    return replace(merged, least=min(counts), greatest=max(counts))


def _joined(parts: tuple[NetworkPart, ...]) -> str:
    if len(parts) == 1 and parts[0].kind == "binding":  # `x = x -> f -> g`: the operations inform more
        parts = parts[0].parts
    labels = [
        part.parts[0].label
        if part.kind == "binding" and len(part.parts) == 1
        else part.label.partition("[")[0]
        if part.kind == "binding"
        else part.label
        for part in parts
    ]
    return " -> ".join(dict.fromkeys(labels)) or "nothing"


def _text(scope: Scope) -> str:
    """The text of a scope: a binding by its name, a block by its call."""
    return scope.label if scope.kind != "block" or scope.span is None else _one_line(scope.span)


def _one_line(span: Span) -> str:
    return " ".join(span.text.split()).replace("( ", "(").replace(" )", ")")
