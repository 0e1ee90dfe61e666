"""Remove dead branches, cut widths to the widest survivor, and dissolve mixtures of one option, on the graph itself."""

from __future__ import annotations

from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import RestrictedGraph, restrict


def keep_survivors(graph: Graph) -> Graph:
    """The graph without parts that the remaining options cannot reach.

    Precondition: any space graph. Postcondition: the same function; every decision that a mixture or selection hangs
    on is open.
    """
    return graph if isinstance(graph, RestrictedGraph) else restrict(graph, graph.domains)
