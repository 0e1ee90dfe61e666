"""The costs that the network found has to have: a window for each cost, from targets and requirements.

A target is met within `TOLERANCE`. Where the costs of a space have coarser steps, the nearest architecture counts: the
windows are then widened to the costs of that one.
"""

from __future__ import annotations

from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.settings import Target
from ssrdsl.space.windows.nearest import Nearest, nearest_to
from ssrdsl.space.windows.window import Window, around, joined, number

TOLERANCE = 0.01
"""Relative distance from a target at which it is met."""
LARGEST_STEP = 0.1
"""Relative distance from the targets up to which the nearest architecture counts as meeting them."""


def targets(target: Target) -> dict[str, float]:
    """The targets of a search block, by cost."""
    wanted = {"macs": target.macs, "parameters": target.parameters}
    return {cost: value for cost, value in wanted.items() if value is not None}


def goal(graph: Graph, target: Target) -> tuple[Window, ...]:
    """The windows of costs for a search of a graph at the size of the file; empty where no cost is asked for.

    Raises `UserError` where no architecture comes near the targets and requirements, with the nearest one.
    """
    wanted = targets(target)
    windows = joined(graph.requirements, {cost: _pair(cost, value) for cost, value in wanted.items()})
    if not windows:
        return ()
    near = _nearest(graph, windows)
    if near is None or near.distance == 0:
        return windows
    bounds = joined(graph.requirements)
    if near.distance > LARGEST_STEP or not all(bound.holds(near.costs[bound.cost]) for bound in bounds):
        raise unmet(graph, windows, near)
    return tuple(_widened(window, near.costs[window.cost]) for window in windows)


def _pair(cost: str, value: float) -> tuple[Any, Any]:
    window = around(cost, value, TOLERANCE)
    return window.least, window.greatest


def _nearest(graph: Graph, windows: tuple[Window, ...]) -> Nearest | None:
    """The nearest architecture; None where the costs have too many cases to look at."""
    try:
        return nearest_to(graph, windows)
    except TooWide:
        return None
    except Unsatisfiable:
        raise UserError(f"no architecture of `{graph.name}` meets its requirements", help="loosen them") from None


def _widened(window: Window, cost: int) -> Window:
    return Window(window.cost, min(window.least, cost), max(window.greatest, cost))


def unmet(graph: Graph, windows: tuple[Window, ...], near: Nearest) -> UserError:
    """The error that no architecture has the costs that are asked for."""
    asked = " and ".join(map(str, windows))
    nearest = " and ".join(f"{number(near.costs[window.cost])} {window.cost}" for window in windows)
    return UserError(
        f"no architecture of `{graph.name}` has {asked}",
        help=f"the nearest one has {nearest}; change the target in the search block, or the requirements",
    )


def meets(windows: tuple[Window, ...], costs: dict[str, int]) -> bool:
    """Whether costs lie in all windows."""
    return all(window.holds(costs[window.cost]) for window in windows)
