"""Legends: the sets of a block or of the space with their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ssrdsl.report.boxes import badge, shelves
from ssrdsl.report.flow import Box
from ssrdsl.report.svg import Drawing, cut, text_width
from ssrdsl.space.decisions import Decision, Dimension, Kind
from ssrdsl.space.graph import Graph
from ssrdsl.space.listing import listed, names

Placed: TypeAlias = tuple[str, Decision]
"""A decision and the stage that it is made in."""
LONG = 150
LINE = 25.0


def is_named(graph: Graph, decision: Decision) -> bool:
    """Whether the source gives a decision a name."""
    if decision.kind is Kind.CHOOSE:
        return names(decision) != ("choose",)
    return any(names(decision)[0] in scope.names for scope in graph.ancestry(decision.made_in))


def named(graph: Graph, decisions: Iterable[Placed]) -> dict[str, Dimension]:
    """The names that decisions have in the text, with their dimensions; `{}` for sets without a name."""
    found: dict[str, Dimension] = {}
    for _, decision in decisions:
        if decision.kind not in {Kind.SET, Kind.CHOOSE} or names(decision) == ("choose",):
            continue
        for name in names(decision) if is_named(graph, decision) else ("{}",):
            found[name] = decision.dimension
    return found


def entries(graph: Graph, decisions: Iterable[Placed]) -> Iterator[Box]:
    """One entry per set, with the stages if they differ."""
    values: dict[tuple[str, Dimension], dict[str, list[str]]] = {}
    for stage, decision in decisions:
        if decision.kind in {Kind.SET, Kind.SPLIT, Kind.PERMUTATION}:
            name = ", ".join(names(decision)) if is_named(graph, decision) else _unnamed(decision)
            stages = values.setdefault((name, decision.dimension), {}).setdefault(listed(decision), [])
            if stage and stage not in stages:
                stages.append(stage)
    for (name, dimension), options in values.items():
        # The stages are listed if they differ.
        alike = len({tuple(at) for at in options.values()}) == 1
        texts = [text if alike or not at else f"{text} in {' and '.join(at)}" for text, at in options.items()]
        yield _entry(badge(name, dimension), cut(", ".join(texts), LONG))


def _unnamed(decision: Decision) -> str:
    return " ".join(part.partition("[")[0] for part in decision.name.split(".")[-2:])


def _entry(mark: Box, text: str) -> Box:
    def draw(drawing: Drawing, x: float, y: float) -> None:
        mark.draw(drawing, x, y)
        drawing.text(x + mark.width + 6, y + 12.5, text, "small")

    return Box(mark.width + text_width(text, "small") + 24, LINE, draw, text)


def legend(graph: Graph, decisions: Iterable[Placed], width: float) -> Box:
    """The entries, wrapped into lines of a given width."""
    return shelves(list(entries(graph, decisions)), 0, 0, width)
