"""Boxes and flows for the parts of an outline: operators, calls, and frames around loops, choices and bindings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ssrdsl.report.boxes import Badge, badge_chip, chip, frame, grid, port
from ssrdsl.report.flow import Box, Flow, Link
from ssrdsl.report.structure import Loop, loop_of, names_of, option_texts, shortened, shown, sources
from ssrdsl.space.decisions import Decision, Dimension
from ssrdsl.space.graph import Graph, Port, Select
from ssrdsl.space.listing import as_range, axes, names
from ssrdsl.space.outline import Outline, Part

MOST_PARTS = 24
MOST_OPTIONS = 12


def tensors_between(graph: Graph, parts: Sequence[Part]) -> Iterator[tuple[int | None, int, Port]]:
    """The tensors that parts read: the part that makes each, None for one from outside, and the part that reads it."""
    home = {node: index for index, part in enumerate(parts) for node in part.nodes}
    for index, part in enumerate(parts):
        for source in sources(graph, set(part.nodes)):
            yield home.get(source.node), index, source


class Diagram:
    """Draws what is inside of a block; `names` gives the dimension of each name that is a decision there."""

    def __init__(self, graph: Graph, outline: Outline, names: Mapping[str, Dimension]) -> None:
        self.graph, self.outline, self.names = graph, outline, names

    @cached_property
    def tensor_names(self) -> dict[Port, str]:
        """The names of tensors in the text."""
        return names_of(self.graph)

    def block(self, scope: str, page: float) -> Flow:
        """The inside of a block, with a port for each of its inputs and results."""
        block = self.graph.scopes[scope]
        inputs = getattr(block.definition, "inputs", ())
        ports = {p: name.name for name, p in zip(inputs, block.inputs, strict=False)} if len(inputs) > 1 else {}
        return self.flow(self.outline.parts(scope), page, ports=ports, results=block.results or None)

    def flow(
        self,
        parts: Sequence[Part],
        page: float = float("inf"),
        *,
        ports: Mapping[Port, str] | None = None,
        results: Sequence[Port] | None = None,
        in_turn: bool = False,
    ) -> Flow:
        """Parts with the tensors between them, from ports at which those from outside come in."""
        drawn = shortened(shown(self.graph, self.outline, parts, in_turn=in_turn), MOST_PARTS)
        read = list(tensors_between(self.graph, drawn))
        outer = list(dict.fromkeys([*(ports or ()), *(tensor for home, _, tensor in read if home is None)]))
        if results is None and len(drawn) == 1:
            return Flow([self.part(drawn[0])], [])
        labels = ports or self._port_names(outer)
        entering = Counter(index for _, index, _ in read)
        inner = [self.part(part, entering[index]) for index, part in enumerate(drawn)]
        boxes = [*(port(labels.get(tensor, "")) for tensor in outer), *inner]
        at = {tensor: number for number, tensor in enumerate(outer)}
        numbers: dict[Port, int] = {}
        links = {}
        for home, index, tensor in read:
            start = at[tensor] if home is None else len(outer) + home
            number = 0 if home is None else numbers.setdefault(tensor, len(numbers))
            links[start, len(outer) + index, number] = Link(start, len(outer) + index, tensor=number)
        if results is not None:
            home_of = {node: len(outer) + index for index, part in enumerate(drawn) for node in part.nodes}
            for tensor in dict.fromkeys(results):
                start = home_of.get(tensor.node, at.get(tensor, -1))
                if start >= 0:
                    boxes.append(port(leaves=True))
                    number = numbers.setdefault(tensor, len(numbers))
                    links[start, len(boxes) - 1, number] = Link(start, len(boxes) - 1, tensor=number)
        return Flow(boxes, list(links.values()), page=page)

    def _port_names(self, tensors: Sequence[Port]) -> dict[Port, str]:
        return {t: self.tensor_names.get(t, "") for t in tensors} if len(tensors) > 1 else {}

    def part(self, part: Part, entering: int = 1) -> Box:
        """One part as a box, tall enough for the lines that enter it."""
        match part.kind:
            case "choose":
                return self.choice(part)
            case "repeat":
                return self.repeat(part)
            case "select":
                return self.selection(part, entering)
            case "turn":
                return frame(self.flow(part.parts, in_turn=True), note=part.label)
            case "binding":
                return frame(self.flow(part.parts), note=part.label.partition("[")[0])
            case _:
                return chip(part.label, self.names, entering)

    def choice(self, part: Part) -> Box:
        """A product shows the inside of its largest option, a list of alternatives what each is."""
        decision = part.decision
        if decision is None or not decision.is_open:
            return frame(self.flow(part.parts))
        labels = [option.label for option in decision.options]
        if part.label == "choose":
            texts = option_texts(self.graph, self.outline, decision, part.scopes)
            listed = texts if len(texts) <= MOST_OPTIONS else [*texts[: MOST_OPTIONS - 1], "..."]
            badge = Badge(f"one of {len(labels)}", decision.dimension)
            return frame(grid([chip(text, self.names) for text in listed]), [badge], "", decision.dimension)
        badges = [
            Badge(f"{name}: {as_range(values)}", decision.dimension)
            for name, values in zip(names(decision), axes(labels), strict=False)
        ]
        note = f"{len(labels)} options"
        return frame(self.flow(part.parts), badges, note, decision.dimension, stacked=True)

    def repeat(self, part: Part) -> Box:
        """A loop whose turns are alike as one turn, with how often it runs and how its turns depend."""
        decision = part.decision if part.decision is not None and part.decision.is_open else None
        dimension = decision.dimension if decision else None
        badge = Badge(f"{how_often(part)} ×", dimension)
        note = "" if decision else turns_note(self.graph, self.outline, part)
        return frame(self.flow(part.parts, in_turn=True), [badge], note, dimension, stacked=True)

    def selection(self, part: Part, entering: int) -> Box:
        """A sum of some of several tensors."""
        decision: Decision | None = part.decision
        if decision is None or not decision.is_open:
            return chip("add", {}, entering)
        node = self.graph[part.nodes[0]]
        sizes = sorted({len(target) for _, target in node.branches}) if isinstance(node, Select) else []
        many = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}..{sizes[-1]}" if sizes else "1"
        return badge_chip(Badge(f"sum of {many} of {len(node.inputs)}", decision.dimension), entering)


def how_often(part: Part) -> str:
    """How often a loop runs: `3`, or `1..3`."""
    return str(part.greatest) if part.least == part.greatest else f"{part.least}..{part.greatest}"


def turns_note(graph: Graph, outline: Outline, part: Part) -> str:
    """How the turns of a loop depend on one another, where they are not simply in series."""
    if part.kind != "repeat":
        return ""
    match loop_of(graph, outline, part):
        case Loop.SERIES:
            return ""
        case Loop.LINKED:
            return "each reads earlier ones"
        case _:
            return "in parallel"
