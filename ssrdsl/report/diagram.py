"""Boxes and flows for the parts of an outline: operators, calls, and frames around loops, choices and bindings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ssrdsl.report.boxes import CardRow, badge, badge_chip, card, chip, frame, port, shelves
from ssrdsl.report.calls import lines, short
from ssrdsl.report.flow import Box, Flow
from ssrdsl.report.layers import Net
from ssrdsl.report.structure import (
    MERGING,
    LoopDependences,
    is_chain,
    loop_of,
    names_in,
    open_decision,
    option_texts,
    shortened,
    shown,
    sources,
    varying_values,
)
from ssrdsl.report.svg import cut
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph, Port, Select
from ssrdsl.space.listing import as_range, axes, names
from ssrdsl.space.outline import NetworkPart, Outline

MOST_PARTS = 24
MOST_OPTIONS = 12
GRID = 380.0
"""Width of a row of options."""
MOST_TENSORS = 5
"""The largest number of tensors between the same two parts that are drawn individually."""


def tensors_between(graph: Graph, parts: Sequence[NetworkPart]) -> Iterator[tuple[int | None, int, Port]]:
    """The tensors that parts read, with their producer, None for one from outside, and their consumer."""
    home = {node: index for index, part in enumerate(parts) for node in part.nodes}
    for index, part in enumerate(parts):
        for source in sources(graph, part.nodes):
            yield home.get(source.node), index, source


def _bundled(read: Iterable[tuple[int | None, int, Port]]) -> dict[Port, list[Port]]:
    """For every tensor, those drawn as one line with it: many with the same producer and consumer."""
    homes: dict[Port, int | None] = {}
    readers: dict[Port, tuple[int, ...]] = {}
    for home, index, tensor in read:
        homes[tensor] = home
        readers[tensor] = (*readers.get(tensor, ()), index)
    groups: dict[tuple[int | None, tuple[int, ...]], list[Port]] = {}
    for tensor, indices in readers.items():
        groups.setdefault((homes[tensor], indices), []).append(tensor)
    is_many = {key: len(group) > MOST_TENSORS and len(key[1]) == 1 for key, group in groups.items()}
    return {tensor: group if is_many[key] else [tensor] for key, group in groups.items() for tensor in group}


class BlockDiagram:
    """Draws the inside of a block; `names` maps the decisions there to their dimensions."""

    def __init__(self, outline: Outline, names: Mapping[str, Dimension]) -> None:
        self.graph, self.outline, self.names = outline.graph, outline, names

    def block(self, scope: str, page: float) -> Flow:
        """The inside of a block, with a port for each of its inputs and results."""
        block = self.graph.scopes[scope]
        return self.flow(self.outline.parts(scope), scope, page, inputs=block.inputs, results=block.results)

    def flow(
        self,
        parts: Sequence[NetworkPart],
        scope: str,
        page: float = float("inf"),
        *,
        inputs: Sequence[Port] = (),
        results: Sequence[Port] = (),
        in_turn: bool = False,
    ) -> Flow:
        """Parts with the tensors between them, and ports for those from outside.

        Without results, ports with a single line are omitted: the line into the frame shows the same.
        """
        drawn = shortened(shown(self.outline, parts, in_turn=in_turn), MOST_PARTS)
        bundles = _bundled(tensors_between(self.graph, drawn))
        read = list(
            dict.fromkeys(
                (home, index, bundles[tensor][0]) for home, index, tensor in tensors_between(self.graph, drawn)
            )
        )
        outside = [tensor for home, _, tensor in read if home is None]
        outer = list(dict.fromkeys([*(p for p in inputs if p in outside), *outside]))
        if not results and len(outside) == 1:
            outer = []
        entering = Counter(index for _, index, _ in read)
        inner = [self.part(part, entering[index]) for index, part in enumerate(drawn)]
        ends = [port(leaves=True) for _ in dict.fromkeys(results)]
        ports = self._ports(outer, scope, bundles)
        return Flow([*ports, *inner, *ends], self._nets(outer, drawn, read, results), page=page)

    def _nets(
        self,
        outer: Sequence[Port],
        drawn: Sequence[NetworkPart],
        read: Sequence[tuple[int | None, int, Port]],
        results: Sequence[Port],
    ) -> list[Net]:
        start_of = {tensor: number for number, tensor in enumerate(outer)}
        home = {node: len(outer) + index for index, part in enumerate(drawn) for node in part.nodes}
        ends = [(tensor, len(drawn) + number) for number, tensor in enumerate(dict.fromkeys(results))]
        readers: dict[Port, list[int]] = {}
        for tensor, index in dict.fromkeys([*((tensor, index) for _, index, tensor in read), *ends]):
            readers.setdefault(tensor, []).append(len(outer) + index)
        starts = ((home.get(tensor.node, start_of.get(tensor)), indices) for tensor, indices in readers.items())
        return [Net(start, tuple(indices)) for start, indices in starts if start is not None]

    def _ports(self, tensors: Sequence[Port], scope: str, bundles: Mapping[Port, Sequence[Port]]) -> list[Box]:
        around = self.graph.scopes[scope]
        is_layer = around.kind == "block" and not getattr(around.definition, "inputs", ())
        names = {} if is_layer or len(tensors) == 1 else names_in(self.graph, scope)
        many = {tensor: f"{len(bundles[tensor])} tensors" for tensor in tensors if len(bundles.get(tensor, ())) > 1}
        return [port(many.get(tensor, names.get(tensor, ""))) for tensor in tensors]

    def part(self, part: NetworkPart, entering: int = 1) -> Box:
        """A part as a box, high enough for the lines that enter it."""
        match part.kind:
            case "choose":
                return self.choice(part)
            case "repeat":
                return self.repeat(part)
            case "select":
                return self.selection(part, entering)
            case "turn" if is_chain(self.graph, part.parts):
                return card(part.label, [row(self.outline, inner) for inner in part.parts], "small")
            case "turn" | "branch":
                return frame(self.flow(part.parts, part.scopes[0], in_turn=True), note=part.label)
            case "binding":
                return frame(self.flow(part.parts, part.scopes[0]), note=part.label.partition("[")[0])
            case _:
                return chip(part.label, self.names, entering)

    def choice(self, part: NetworkPart) -> Box:
        """A choice: a product with the inside of its largest option, alternatives with the text of each."""
        decision = open_decision(part)
        if decision is None:
            return frame(self.flow(part.parts, part.scopes[0]))
        labels = [option.label for option in decision.options]
        if part.label == "choose":
            texts = option_texts(self.outline, decision, part.scopes)
            listed = texts if len(texts) <= MOST_OPTIONS else [*texts[: MOST_OPTIONS - 1], "..."]
            options = shelves([chip(text, self.names) for text in listed], 6, 6, GRID)
            return frame(options, [badge(f"one of {len(labels)}", decision.dimension)], "", decision.dimension)
        badges = [
            badge(f"{name}: {as_range(values)}", decision.dimension)
            for name, values in zip(names(decision), axes(labels), strict=False)
        ]
        note = f"{len(labels)} options"
        return frame(self.flow(part.parts, self._largest(part)), badges, note, decision.dimension, stacked=True)

    def repeat(self, part: NetworkPart) -> Box:
        """A loop with equal iterations as one iteration, with their number and dependences."""
        decision = open_decision(part)
        dimension = decision.dimension if decision else None
        times = badge(f"{how_often(part)} ×", dimension)
        note = "" if decision else turns_note(self.outline, part)
        return frame(self.flow(part.parts, self._largest(part), in_turn=True), [times], note, dimension, stacked=True)

    def _largest(self, part: NetworkPart) -> str:
        """The iteration or option whose inside is drawn."""
        return max(reversed(part.scopes), key=lambda scope: len(self.outline.nodes(scope)))

    def selection(self, part: NetworkPart, entering: int) -> Box:
        """A sum of some of several tensors."""
        decision = open_decision(part)
        if decision is None:
            return chip("add", {}, entering)
        return badge_chip(badge(selected(self.graph, part), decision.dimension), entering)


def selected(graph: Graph, part: NetworkPart) -> str:
    """The numbers of selected and available tensors of a part of kind `select`."""
    node = graph[part.nodes[0]]
    sizes = sorted({len(target) for _, target in node.branches}) if isinstance(node, Select) else [1]
    many = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}..{sizes[-1]}"
    return f"one of {len(node.inputs)}" if many == "1" else f"sum of {many} of {len(node.inputs)}"


def how_often(part: NetworkPart) -> str:
    """The number of iterations: `3`, or `1..3`."""
    return str(part.greatest) if part.least == part.greatest else f"{part.least}..{part.greatest}"


def turns_note(outline: Outline, part: NetworkPart) -> str:
    """A note for a folded loop: dependences of its iterations, if not in series, and values of its variables."""
    if part.kind != "repeat":
        return ""
    notes = {LoopDependences.SERIES: [], LoopDependences.LINKED: ["each reads earlier ones"]}
    varying = [f"{name} = {cut(as_range(values), 30)}" for name, values in varying_values(outline, part).items()]
    return "; ".join([*notes.get(loop_of(outline, part), ["in parallel"]), *varying])


def row(outline: Outline, part: NetworkPart, inside: tuple[Dimension, ...] = ()) -> CardRow:
    """A part as a line of a card."""
    decision = open_decision(part)
    dimension = None if decision is None else decision.dimension
    if part.greatest > 1 or (part.kind == "repeat" and decision is not None):
        label = part.parts[0].label if part.kind == "choose" else part.label
        note = "" if decision else turns_note(outline, part)
        text = f"{lines(label, {})[0]}, {note}" if note else short(label)
        return CardRow(text, badge(f"{how_often(part)} ×", dimension), inside, stacked=True)
    if decision is None:
        return CardRow(short(call_text(outline.graph, part)), None, inside)
    if part.kind == "select":
        return CardRow("", badge(selected(outline.graph, part), dimension), inside)
    texts = option_texts(outline, decision, part.scopes) if part.kind == "choose" else [short(part.label)]
    return CardRow(cut(" | ".join(texts), 60), badge(f"one of {len(decision.options)}", dimension), inside)


def call_text(graph: Graph, part: NetworkPart) -> str:
    """The source text of a part; for an operator that merges tensors, with the names of its inputs."""
    if part.kind != "operator" or part.label not in MERGING:
        return part.label
    names = names_in(graph, graph[part.nodes[0]].scope)
    read = [names.get(port, "") for port in sources(graph, part.nodes)]
    return f"{part.label}({', '.join(name or '·' for name in read)})" if any(read) else part.label
