"""Panels: the inside of the blocks of a space, each once, with the decisions of all its uses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ssrdsl.report.boxes import PAD
from ssrdsl.report.diagram import BlockDiagram
from ssrdsl.report.flow import Box
from ssrdsl.report.legend import Placed, legend, named
from ssrdsl.report.svg import Drawing, cut, heading_width
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph
from ssrdsl.space.outline import NetworkPart, Outline


class Panel(NamedTuple):
    """A block to show: the largest of its uses, and the decisions of all uses, by stage.

    `differs` is whether its uses have different parts.
    """

    name: str
    scope: str
    differs: bool
    decisions: tuple[Placed, ...]


def panels_of(outline: Outline, stages: Sequence[NetworkPart], opened: Collection[str]) -> list[Panel]:
    """The user's blocks except those opened into stages; those that make decisions come first."""
    uses: dict[str, list[str]] = {}
    for scope in outline.graph.scopes.values():
        is_used = scope.kind == "block" and scope.id not in opened and outline.nodes(scope.id)
        if is_used and not scope.library and scope.definition is not None:
            uses.setdefault(scope.definition.name, []).append(scope.id)
    made: dict[str, list[Placed]] = {}
    for decision in outline.graph.open_decisions:
        block = block_of(outline.graph, decision.made_in)
        if block is not None:
            made.setdefault(block, []).append((_stage_of(outline.graph, decision, stages), decision))
    found = [
        Panel(
            name,
            max(scopes, key=lambda scope: len(outline.nodes(scope))),
            len({tuple(part.label for part in outline.parts(scope)) for scope in scopes}) > 1,
            tuple(made.get(name, ())),
        )
        for name, scopes in uses.items()
    ]
    return sorted(found, key=lambda panel: not panel.decisions)


def block_of(graph: Graph, scope: str) -> str | None:
    """The name of the user's block around a scope, None at the level of the space."""
    for outer in graph.ancestry(scope):
        if outer.kind == "block" and not outer.library and outer.definition is not None:
            return outer.definition.name
    return None


def _stage_of(graph: Graph, decision: Decision, stages: Sequence[NetworkPart]) -> str:
    around = {scope.id for scope in graph.ancestry(decision.made_in)}
    return next((stage.label for stage in stages if not around.isdisjoint(stage.scopes)), "")


def panel(outline: Outline, shown: Panel, page: float) -> Box:
    """The picture of a block: its name and parameters, the flow of its parts, and the values of its sets."""
    diagram = BlockDiagram(outline, named(outline.graph, shown.decisions))
    flow = diagram.block(shown.scope, page)
    own = {"", shown.name}
    stages = dict.fromkeys(stage for stage, _ in shown.decisions if stage.partition("(")[0] not in own)
    notes = [*(["largest variant"] if shown.differs else []), *([f"in {', '.join(stages)}"] if stages else [])]
    title, note = _title(outline.graph, shown), cut("; ".join(notes), 90)
    width = max(flow.width, heading_width(title, "title", note))
    sets = legend(outline.graph, shown.decisions, max(width, 900))

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.heading(x, y + 14, title, "title", note)
        flow.draw(drawing, x, y + 30)
        sets.draw(drawing, x, y + 34 + flow.height + PAD)

    return Box(max(width, sets.width), 34 + flow.height + PAD + sets.height, draw, title, (flow,))


def _title(graph: Graph, shown: Panel) -> str:
    """The block with the names of its parameters."""
    definition = graph.scopes[shown.scope].definition
    parameters = ", ".join(parameter.name for parameter in definition.parameters) if definition is not None else ""
    return f"{shown.name}({parameters})" if parameters else shown.name
