"""How large a space is, exactly."""

from __future__ import annotations

from math import prod

from ssrdsl.space.counting import Counting
from ssrdsl.space.graph import Graph
from ssrdsl.space.guards import Guards


def architectures(graph: Graph, guards: Guards | None = None) -> int:
    """The number of architectures: distinct assignments to the active decisions, as each `require` over them admits.

    A decision is active where an output, auxiliary ones included, demands it through the chosen options; a tied one
    counts once. Bounds on costs do not filter. Raises `TooWide`, saying where, if the count passes its limit.
    `guards` are those of the graph with auxiliary outputs, if they are at hand.
    """
    return Counting(graph, guards).total


def configurations(graph: Graph) -> int:
    """The raw product of the numbers of options over all decisions, active or not, as papers often quote it."""
    return prod(len(decision.options) for decision in graph.decisions.values())
