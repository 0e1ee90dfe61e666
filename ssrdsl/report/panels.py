"""Panels: the inside of a block, with the decisions that are made in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ssrdsl.report.boxes import PAD, Badge, badge_chip, chip, frame, grid, port
from ssrdsl.report.flow import Box, Flow, Link
from ssrdsl.report.legend import Placed, entries, is_named, legend
from ssrdsl.report.runs import merged
from ssrdsl.report.svg import Drawing, cut, heading_width
from ssrdsl.space.decisions import Decision, Dimension, Kind
from ssrdsl.space.graph import Graph, Select
from ssrdsl.space.listing import as_range, axes, names
from ssrdsl.space.outline import Outline, Part

MOST_CHIPS = 14
MOST_OPTIONS = 12


class Panel(NamedTuple):
    """A block to show: its part of the outline, and every decision that any use of it makes, by the stage it is in."""

    name: str
    part: Part
    decisions: tuple[Placed, ...]


def searched_blocks(graph: Graph, stages: Sequence[Part]) -> list[Panel]:
    """The different blocks below the stages that make decisions themselves, each once, outer ones first."""
    made: dict[str, list[Placed]] = {}
    for decision in graph.open_decisions:
        block = block_of(graph, decision.made_in)
        if block is not None:
            made.setdefault(block, []).append((_stage_of(graph, decision, stages), decision))
    parts: dict[str, Part] = {}
    for stage in stages:
        for part in stage.parts if stage.kind in {"block", "binding"} else (stage,):
            _collect(graph, part, parts)
    return [Panel(name, part, tuple(made[name])) for name, part in parts.items() if name in made]


def block_of(graph: Graph, scope: str) -> str | None:
    """The name of the user's block that a scope lies in, None at the level of the space."""
    for outer in graph.ancestry(scope):
        if outer.kind == "block" and not outer.library and outer.definition is not None:
            return outer.definition.name
    return None


def _stage_of(graph: Graph, decision: Decision, stages: Sequence[Part]) -> str:
    around = {scope.id for scope in graph.ancestry(decision.made_in)}
    return next((stage.label for stage in stages if not around.isdisjoint(stage.scopes)), "")


def _collect(graph: Graph, part: Part, found: dict[str, Part]) -> None:
    if part.kind == "block":
        name = block_of(graph, part.scopes[0])
        if name is not None and len(part.parts) > 0:
            found.setdefault(name, part)
    for inner in part.parts:
        _collect(graph, inner, found)


def panel(graph: Graph, outline: Outline, shown: Panel) -> Box:
    """A block drawn: its call, how its parts follow one another, and the values of its sets."""
    return _Inside(graph, outline, shown).box()


class _Inside:
    def __init__(self, graph: Graph, outline: Outline, shown: Panel) -> None:
        self.graph, self.outline, self.shown = graph, outline, shown
        self.names = self._names()

    def _names(self) -> dict[str, Dimension]:
        """The names that stand for decisions in the text of the block; `{}` for sets without a name."""
        found: dict[str, Dimension] = {}
        for _, decision in self.shown.decisions:
            if decision.kind not in {Kind.SET, Kind.CHOOSE} or names(decision) == ("choose",):
                continue
            for name in names(decision) if is_named(self.graph, decision) else ("{}",):
                found[name] = decision.dimension
        return found

    def box(self) -> Box:
        flow = self.flow(self.shown.part.parts, ends=True)
        own = {"", self.shown.name}
        stages = dict.fromkeys(stage for stage, _ in self.shown.decisions if stage.partition("(")[0] not in own)
        title, note = self.title(), cut(f"in {', '.join(stages)}", 90) if stages else ""
        width = max(flow.width, heading_width(title, "title", note))
        sets = legend(list(entries(self.graph, self.shown.decisions)), max(width, 900))

        def draw(drawing: Drawing, x: float, y: float) -> None:
            drawing.heading(x, y + 14, title, "title", note)
            flow.draw(drawing, x, y + 30)
            sets.draw(drawing, x, y + 34 + flow.height + PAD)

        return Box(max(width, sets.width), 34 + flow.height + PAD + sets.height, draw)

    def title(self) -> str:
        """The block with the names of its parameters."""
        definition = self.graph.scopes[self.shown.part.scopes[0]].definition
        parameters = ", ".join(parameter.name for parameter in definition.parameters) if definition is not None else ""
        return f"{self.shown.name}({parameters})" if parameters else self.shown.name

    # The inside

    def flow(self, parts: Sequence[Part], ends: bool = False) -> Flow:
        """The parts one after another, with dots where tensors come in and go out."""
        parts = merged(self.graph, parts)
        if len(parts) > MOST_CHIPS:
            more = Part("operator", f"{len(parts) - MOST_CHIPS + 1} more", parts[-2].nodes)
            parts = [*parts[: MOST_CHIPS - 2], more, parts[-1]]
        boxes = [self.part(part) for part in parts]
        if len(boxes) == 1 and not ends:
            return Flow(boxes, [])
        boxes = [port(), *boxes, port()] if ends else [port(), *boxes]
        return Flow(boxes, list(self.links(parts, ends)))

    def links(self, parts: Sequence[Part], ends: bool) -> Iterator[Link]:
        home = {node: index + 1 for index, part in enumerate(parts) for node in part.nodes}
        seen: set[tuple[int, int]] = set()
        for index, part in enumerate(parts, 1):
            for node in part.nodes:
                for source in self.graph[node].inputs:
                    start = home.get(source.node, 0)
                    if start < index and (start, index) not in seen:
                        seen.add((start, index))
                        yield Link(start, index)
            if not any(end == index for _, end in seen):
                yield Link(0, index)
        if ends:
            read = {start for start, _ in seen}
            for index in range(1, len(parts) + 1):
                if index not in read:
                    yield Link(index, len(parts) + 1)

    def part(self, part: Part) -> Box:
        if part.kind == "choose":
            return self.choice(part)
        if part.kind == "repeat":
            return self.repeat(part)
        if part.kind == "select":
            return self.selection(part)
        if part.kind == "binding" and len(part.parts) > 1:
            return frame(self.flow(part.parts), [], part.label.partition("[")[0], None, stacked=False)
        if part.kind == "binding" and part.parts:
            return self.part(part.parts[0])
        return chip(part.label, self.names)

    def choice(self, part: Part) -> Box:
        """A product shows the inside of one option, a list of alternatives their names."""
        decision = part.decision
        if decision is None or not decision.is_open:
            return frame(self.flow(part.parts), [], "", None, stacked=False)
        labels = [option.label for option in decision.options]
        if part.label == "choose":
            shown = labels if len(labels) <= MOST_OPTIONS else [*labels[: MOST_OPTIONS - 1], "..."]
            boxes = [chip(label, self.names) for label in shown]
            badge = Badge(f"one of {len(labels)}", decision.dimension)
            return frame(grid(boxes), [badge], "", decision.dimension, stacked=False)
        factors = axes(labels)
        badges = [
            Badge(f"{name}: {as_range(values)}", decision.dimension)
            for name, values in zip(names(decision), factors, strict=False)
        ]
        note = f"{len(labels)} options"
        return frame(self.flow(part.parts), badges, note, decision.dimension, stacked=True)

    def repeat(self, part: Part) -> Box:
        many = str(part.greatest) if part.least == part.greatest else f"{part.least}..{part.greatest}"
        decision = part.decision if part.decision is not None and part.decision.is_open else None
        badge = Badge(f"{many} ×", decision.dimension if decision else None)
        dimension = decision.dimension if decision else None
        return frame(self.flow(part.parts), [badge], "", dimension, stacked=True)

    def selection(self, part: Part) -> Box:
        decision = part.decision
        if decision is None or not decision.is_open:
            return chip("add", {})
        node = self.graph[part.nodes[0]]
        sizes = sorted({len(target) for _, target in node.branches}) if isinstance(node, Select) else []
        many = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}..{sizes[-1]}" if sizes else "1"
        return badge_chip(Badge(f"sum of {many} of {len(node.inputs)}", decision.dimension))
