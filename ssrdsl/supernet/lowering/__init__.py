"""Lowering: from a space graph to the plan that a supernet executes, in small passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet.lowering.affine import fold_into_norms
from ssrdsl.supernet.lowering.dissolve import dissolve
from ssrdsl.supernet.lowering.mixtures import flatten_mixtures, hoist_linear
from ssrdsl.supernet.lowering.subexpressions import share_subexpressions
from ssrdsl.supernet.lowering.translate import translate
from ssrdsl.supernet.plan import ExecutionPlan

Pass: TypeAlias = Callable[[ExecutionPlan], ExecutionPlan]
"""Rewrites a plan into one with the same function."""

PASSES: Final[tuple[Pass, ...]] = (share_subexpressions, flatten_mixtures, hoist_linear, fold_into_norms, dissolve)
"""The passes in order; each is optional."""


def keep_survivors(graph: Graph) -> Graph:
    """The graph without parts that the remaining options cannot reach, and with its widths cut to the widest survivor.

    Postcondition: the same function; every decision that a mixture or selection depends on is open.
    """
    return graph if graph.origin is not None else restrict(graph, graph.domains)


def lower(graph: Graph, passes: Iterable[Pass] = PASSES) -> ExecutionPlan:
    """The plan of a graph after the given passes."""
    plan = translate(graph)
    for each in passes:
        plan = each(plan)
    return plan


__all__ = ["PASSES", "Pass", "keep_survivors", "lower", "translate"]
