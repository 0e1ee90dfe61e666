"""A picture of a space: its stages from left to right, and below them the inside of every block that holds decisions.

Own layout, plain SVG: no program and no font is needed, and the same graph gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssrdsl.operators.definition import Shape
from ssrdsl.report.boxes import Badge, Row, card, pill
from ssrdsl.report.calls import short
from ssrdsl.report.flow import Box, Flow, Link
from ssrdsl.report.legend import entries, legend
from ssrdsl.report.panels import block_of, panel, searched_blocks
from ssrdsl.report.runs import in_runs, merged
from ssrdsl.report.svg import Drawing, cut, heading_width
from ssrdsl.space.arguments import argument_texts
from ssrdsl.space.decisions import Decision, Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.outline import Outline, Part
from ssrdsl.space.ranges.extremes import Extremes

PAGE = 1000.0
"""Width up to which stages stand in one row."""
MARGIN = 22.0
BETWEEN = 40.0
"""Distance of panels beside one another."""
MOST_ROWS = 7
"""Rows of a card."""
MOST_PANELS = 6


def space_svg(graph: Graph, *, dark: bool = True) -> str:
    """The picture of a space, or of a network, as an SVG text of its own.

    It has dark colours for who prefers them; with `dark` false it has none, for a page that is always light.
    """
    return _Picture(graph).svg(dark)


class _Picture:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outline = Outline(graph)
        self.extremes = Extremes(graph)

    def svg(self, dark: bool) -> str:
        drawing = Drawing()
        stages = self.stages()
        pipeline = self.flow(stages, [self.stage(part) for part in stages], 34, PAGE, texts=True)
        panels = list(self.panels(stages))
        width = max([pipeline.width, *(box.width for box in panels), 560]) + 2 * MARGIN
        y = self.head(drawing, width)
        pipeline.draw(drawing, (width - pipeline.width) / 2, y)
        y += pipeline.height + 26
        for shelf in _shelves(panels, width - 2 * MARGIN):
            x = MARGIN
            for box in shelf:
                box.draw(drawing, x, y)
                x += box.width + BETWEEN
            y += max(box.height for box in shelf) + 18
        ground = Drawing()
        ground.rect(0.5, 0.5, width - 1, y - 7, "ground", 10)
        drawing.elements.insert(0, ground.elements[0])
        return drawing.svg(width, y - 6, f"The space {self.graph.name}", dark=dark)

    def panels(self, stages: Sequence[Part]) -> Iterator[Box]:
        """The sets that no panel tells, those of the space itself before all, and the blocks that make decisions."""
        shown = searched_blocks(self.graph, stages)[:MOST_PANELS]
        told = {block.name for block in shown}
        own = [("", d) for d in self.graph.open_decisions if block_of(self.graph, d.made_in) not in told]
        sets = legend(list(entries(self.graph, own)), PAGE)
        if sets.height:
            yield sets
        for block in shown:
            yield panel(self.graph, self.outline, block)

    # The head: the name, and what the colours mean

    def head(self, drawing: Drawing, width: float) -> float:
        arguments = ", ".join(f"{name}={text}" for name, text in argument_texts(self.graph).items())
        drawing.heading(MARGIN, 38, self.graph.name, "head", arguments)
        counts = [(d, sum(o.dimension is d for o in self.graph.open_decisions)) for d in Dimension]
        badges = [Badge(f"{count} {dimension.value}", dimension) for dimension, count in counts if count]
        total = sum(badge.width + 6 for badge in badges)
        below = heading_width(self.graph.name, "head", arguments) + 24 + total > width - 2 * MARGIN
        x, y = (MARGIN, 52.0) if below else (width - MARGIN - total + 6, 24.0)
        for badge in badges:
            badge.draw(drawing, x, y)
            x += badge.width + 6
        return 92.0 if below else 66.0

    # Stages

    def stages(self) -> list[Part]:
        """The outermost parts; a block that is nearly all of the network is opened, operators in a row are one."""
        parts = list(self.outline.parts())
        for _ in range(4):
            largest = max(parts, key=lambda part: len(part.nodes))
            if largest.kind not in {"block", "binding"} or len(largest.nodes) < 0.7 * len(self.graph):
                break
            if sum(part.kind not in {"input", "output", "operator"} for part in parts) > 1:
                break
            at = parts.index(largest)
            parts[at : at + 1] = largest.parts
        return list(in_runs(self.graph, parts))

    def stage(self, part: Part) -> Box:
        if part.kind in {"input", "output"}:
            return pill(part.label)
        if part.kind not in {"block", "binding", "run"}:
            return card("", [self.row(part)])
        head = any(inner.kind == "output" for inner in part.parts)
        title = "" if part.kind == "run" else f"{part.label}, auxiliary" if head else part.label
        return card(cut(title, 32), list(self.rows(part.parts)))

    def rows(self, parts: Sequence[Part]) -> Iterator[Row]:
        parts = [part for part in merged(self.graph, parts) if part.kind != "output"]
        shown = parts if len(parts) <= MOST_ROWS else parts[: MOST_ROWS - 1]
        yield from (self.row(part) for part in shown)
        if len(shown) < len(parts):
            yield Row(f"and {len(parts) - len(shown)} more")

    def row(self, part: Part) -> Row:
        open_inside = {d.dimension for d in self.decisions(part) if d != part.decision}
        inside = tuple(dimension for dimension in Dimension if dimension in open_inside)
        decision = part.decision if part.decision is not None and part.decision.is_open else None
        dimension = None if decision is None else decision.dimension
        if part.greatest > 1 or (part.kind == "repeat" and decision is not None):
            many = str(part.greatest) if part.least == part.greatest else f"{part.least}..{part.greatest}"
            label = part.parts[0].label if part.kind == "choose" else part.label
            return Row(short(label), Badge(f"{many} ×", dimension), inside)
        if decision is not None:
            ways = Badge(f"one of {len(decision.options)}", dimension)
            return Row(short(part.label) if part.kind != "choose" else _named(decision), ways, inside)
        return Row(short(part.label), None, inside)

    def decisions(self, part: Part) -> list[Decision]:
        """The open decisions made in a part; of an operator, those that its text writes as sets."""
        if part.scopes:
            return [d for d in self.outline.decisions(part.scopes) if d.is_open]
        span = part.span
        return [
            d
            for d in self.graph.open_decisions
            if span and d.span.source == span.source and span.start <= d.span.start and d.span.end <= span.end
        ]

    # Links

    def flow(
        self, parts: Sequence[Part], boxes: list[Box], gap: float, page: float = float("inf"), texts: bool = False
    ) -> Flow:
        """The parts with the tensors that run between them."""
        home = {node: index for index, part in enumerate(parts) for node in part.nodes}
        links: dict[tuple[int, int], Link] = {}
        for index, part in enumerate(parts):
            for node in part.nodes:
                for source in self.graph[node].inputs:
                    start = home.get(source.node, index)
                    if start < index:
                        above, below = self.texts(self.graph.shape(source)) if texts else ("", "")
                        links.setdefault((start, index), Link(start, index, above, below))
        return Flow(boxes, list(links.values()), gap, page)

    def texts(self, shape: Shape) -> tuple[str, str]:
        channels, height, width = map(self.extremes.text, shape)
        return channels, f"{height} × {width}"


def _named(decision: Decision) -> str:
    """The first options of a choice."""
    return cut(", ".join(option.label for option in decision.options), 24)


def _shelves(boxes: Sequence[Box], width: float) -> list[list[Box]]:
    """Boxes in rows as wide as the page."""
    shelves: list[list[Box]] = []
    for box in boxes:
        if shelves and sum(held.width + BETWEEN for held in shelves[-1]) + box.width <= width:
            shelves[-1].append(box)
        else:
            shelves.append([box])
    return shelves
