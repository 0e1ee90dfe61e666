"""A picture of a space: its stages from left to right, and below them the inside of every block.

The layout is our own and the output plain SVG, so that no other program or font is needed, and the same graph gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssrdsl.operators.definition import Shape
from ssrdsl.report.boxes import CardRow, badge, card, frame, pill, shelves
from ssrdsl.report.diagram import BlockDiagram, row, tensors_between
from ssrdsl.report.flow import Box, Flow
from ssrdsl.report.layers import Net
from ssrdsl.report.legend import legend
from ssrdsl.report.panels import block_of, panel, panels_of
from ssrdsl.report.structure import in_runs, is_chain, shortened, shown
from ssrdsl.report.svg import Drawing, cut, heading_width
from ssrdsl.space.arguments import argument_texts
from ssrdsl.space.decisions import Decision, Dimension
from ssrdsl.space.graph import Graph, Port
from ssrdsl.space.outline import NetworkPart, Outline
from ssrdsl.space.ranges.extremes import Extremes

PAGE = 1000.0
"""Width of a row of stages."""
PANEL = 1400.0
"""Width of a row inside a block."""
MARGIN = 22.0
BETWEEN = 40.0
"""Horizontal distance of panels."""
BELOW = 18.0
"""Vertical distance of panels."""
MOST_ROWS = 14
"""Rows of a card."""
MOST_JOINED = 3
"""The largest number of parts of a loop that are written in one row, `conv -> bn -> relu`."""
MOST_PANELS = 16
MOST_TENSORS = 2
"""The largest number of tensors between two stages that are drawn individually."""


def space_svg(graph: Graph, *, dark: bool = True) -> str:
    """The picture of a space or a network as SVG text.

    With `dark`, it has dark colours if the viewer prefers them.
    """
    return _NetworkPicture(graph).svg(dark)


class _NetworkPicture:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outline = Outline(graph)
        self.extremes = Extremes(graph)
        self.diagram = BlockDiagram(self.outline, {})
        self.opened: set[str] = set()
        self.stages = self._stages()
        self.blocks = panels_of(self.outline, self.stages, self.opened)
        self.shown = {block.name for block in self.blocks[:MOST_PANELS]}
        self.panels = list(self._panels())
        self.pipeline = self._pipeline(min(PANEL, max([PAGE, *(box.width for box in self.panels)])))

    def svg(self, dark: bool) -> str:
        drawing = Drawing()
        width = max([self.pipeline.width, *(box.width for box in self.panels), 560]) + 2 * MARGIN
        y = self.head(drawing, width)
        self.pipeline.draw(drawing, (width - self.pipeline.width) / 2, y)
        y += self.pipeline.height + 26
        panels = shelves(self.panels, BETWEEN, BELOW, width - 2 * MARGIN)
        panels.draw(drawing, MARGIN, y)
        y += panels.height + BELOW
        ground = Drawing()
        ground.rect(0.5, 0.5, width - 1, y - 7, "ground", 10)
        drawing.elements.insert(0, ground.elements[0])
        return drawing.svg(width, y - 6, f"The space {self.graph.name}", dark=dark)

    def _panels(self) -> Iterator[Box]:
        """The sets that no panel lists, first those of the space itself, and the blocks."""
        own = [("", d) for d in self.graph.open_decisions if block_of(self.graph, d.made_in) not in self.shown]
        sets = legend(self.graph, own, PAGE)
        if sets.height:
            yield sets
        for block in self.blocks[:MOST_PANELS]:
            yield panel(self.outline, block, PANEL)

    # The header: the name, and the meaning of the colours

    def head(self, drawing: Drawing, width: float) -> float:
        arguments = ", ".join(f"{name}={text}" for name, text in argument_texts(self.graph).items())
        drawing.heading(MARGIN, 38, self.graph.name, "head", arguments)
        counts = [(d, sum(o.dimension is d for o in self.graph.open_decisions)) for d in Dimension]
        shown = [badge(f"{count} {d.value}", d) for d, count in counts if count]
        badges = shelves(shown, 6, 0)
        beside = badges.width + 6 if shown else 0.0
        below = heading_width(self.graph.name, "head", arguments) + 24 + beside > width - 2 * MARGIN
        x, y = (MARGIN, 52.0) if below else (width - MARGIN - badges.width, 24.0)
        badges.draw(drawing, x, y)
        return 92.0 if below else 66.0

    # Stages

    def _stages(self) -> list[NetworkPart]:
        """The outermost parts; a block that is nearly the whole network is opened, consecutive operators are joined."""
        parts = list(self.outline.parts())
        for _ in range(4):
            largest = max(parts, key=lambda part: len(part.nodes))
            if largest.kind not in {"block", "binding"} or len(largest.nodes) < 0.7 * len(self.graph):
                break
            if sum(part.kind not in {"input", "output", "operator"} for part in parts) > 1:
                break
            at = parts.index(largest)
            parts[at : at + 1] = largest.parts
            self.opened |= set(largest.scopes)
        return list(in_runs(self.graph, shown(self.outline, parts, top=True)))

    def stage(self, part: NetworkPart) -> Box:
        if part.kind in {"input", "output"}:
            return pill(part.label)
        if part.kind in {"block", "choose", "repeat", "select", "operator"} and not self._is_drawn_open(part):
            return card("", [self.row(part)])
        head = any(inner.kind == "output" for inner in part.parts)
        title = "" if part.kind == "run" else f"{part.label}, auxiliary" if head else part.label
        inner = [p for p in shown(self.outline, part.parts, in_turn=part.kind == "turn") if p.kind != "output"]
        if part.kind in {"choose", "repeat"}:
            return self.diagram.part(part)
        if is_chain(self.graph, inner):
            return card(cut(title, 40), [self.row(p) for p in shortened(inner, MOST_ROWS)])
        return frame(self.diagram.flow(inner, part.scopes[0], PAGE), title=cut(title, 40))

    def _is_drawn_open(self, part: NetworkPart) -> bool:
        """Whether a card would hide the connections inside, and no panel shows them."""
        if part.kind == "block" and not self.graph.scopes[part.scopes[0]].library:
            return block_of(self.graph, part.scopes[0]) not in self.shown
        if part.kind != "repeat":
            return False
        inner = shown(self.outline, part.parts, in_turn=True)
        return len(inner) > MOST_JOINED or not is_chain(self.graph, inner) or any(map(self._is_drawn_open, inner))

    def row(self, part: NetworkPart) -> CardRow:
        open_inside = {d.dimension for d in self.decisions(part) if d != part.decision}
        return row(self.outline, part, tuple(d for d in Dimension if d in open_inside))

    def decisions(self, part: NetworkPart) -> list[Decision]:
        """The open decisions made in a part; for an operator, those written as sets in its text."""
        if part.scopes:
            return self.outline.decisions(part.scopes)
        span = part.span
        return [d for d in self.graph.open_decisions if span and span.holds(d.span)]

    # Lines

    def _pipeline(self, page: float) -> Flow:
        """The stages with the tensors between them; many tensors between the same two are one line."""
        between: dict[tuple[int, int], list[Port]] = {}
        for start, index, tensor in tensors_between(self.graph, self.stages):
            if start is not None:
                between.setdefault((start, index), []).append(tensor)
        nets: dict[tuple[object, int], Net] = {}
        for (start, index), tensors in between.items():
            if len(tensors) > MOST_TENSORS:
                nets[start, index] = Net(start, (index,), f"{len(tensors)} tensors")
                continue
            for tensor in tensors:
                net = nets.get(tensor) or Net(start, (), *self.texts(self.graph.shape(tensor)))
                nets[tensor] = replace(net, ends=(*net.ends, index))
        return Flow([self.stage(part) for part in self.stages], list(nets.values()), 34, page)

    def texts(self, shape: Shape) -> tuple[str, str]:
        channels, height, width = map(self.extremes.text, shape)
        return channels, f"{height} × {width}"
