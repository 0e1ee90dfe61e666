"""The costs required of the network found: a window for each cost, from targets and requirements.

A target is met within `TOLERANCE`. If the costs of a space have coarser steps, the windows are widened to
the costs of the nearest architecture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COST_NAMES
from ssrdsl.space.graph import Graph
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.settings import Target
from ssrdsl.space.windows.nearest import Nearest, nearest_to
from ssrdsl.space.windows.targets import check_targets
from ssrdsl.space.windows.window import Window, around, joined, number, text_of

TOLERANCE = 0.01
"""Relative tolerance of a target."""
LARGEST_STEP = 0.1
"""Relative tolerance of the nearest architecture to two simultaneous targets."""


def targets(target: Target) -> dict[str, float]:
    """The targets of a search block, by cost."""
    wanted = {"macs": target.macs, "parameters": target.parameters}
    return {cost: value for cost, value in wanted.items() if value is not None}


def goal(graph: Graph, target: Target) -> tuple[Window, ...]:
    """The windows of costs for a search of a graph at the size of the file; empty without targets and bounds.

    Raises `UserError` with the nearest architecture if none meets the targets and requirements.
    """
    wanted = targets(target)
    windows = joined(graph.cost_bounds, {cost: _pair(cost, value) for cost, value in wanted.items()})
    check_targets(graph, wanted)
    for window in windows:
        if window.is_empty:
            bounds = " and ".join(f"`{r.span.text}`" for r in graph.cost_bounds if r.cost == window.cost)
            asked = f" and target.{window.cost} {number(wanted[window.cost])}" if window.cost in wanted else ""
            raise UserError(
                f"{bounds}{asked} contradict each other",
                help="change the target in the search block, or the requirements",
            )
    near = _nearest(graph, windows) if windows else None
    if near is None or near.distance == 0:
        return windows
    if not _is_between_steps(graph, wanted, near):
        raise unmet(graph, windows, near)
    found = ((window, near.costs[window.cost]) for window in windows)
    return tuple(Window(window.cost, min(window.least, cost), max(window.greatest, cost)) for window, cost in found)


def between_steps(target: Target, windows: tuple[Window, ...]) -> Iterator[str]:
    """The targets that no architecture meets within the tolerance, with the nearest value; `windows` are its `goal`."""
    wanted = targets(target)
    together = " and ".join(f"{number(value)} {COST_NAMES[cost]}" for cost, value in wanted.items())
    for cost, nearest in replaced_targets(target, windows).items():
        yield (
            f"no architecture has about {together}; the nearest one has {number(nearest)} {COST_NAMES[cost]}, which is "
            f"used as target.{cost}"
        )


def replaced_targets(target: Target, windows: tuple[Window, ...]) -> dict[str, int]:
    """The nearest attainable values for targets between the steps of their cost; `windows` are the `goal`."""
    wanted, found = targets(target), {}
    for window in windows:
        if window.cost in wanted:
            asked = around(window.cost, wanted[window.cost], TOLERANCE)
            if window.least < asked.least or window.greatest > asked.greatest:
                found[window.cost] = int(window.least if window.least < asked.least else window.greatest)
    return found


def _is_between_steps(graph: Graph, wanted: Mapping[str, float], near: Nearest) -> bool:
    """Whether targets are missed only because the costs of the space have coarse steps."""
    # A single target is within the range of its cost.
    close = len(wanted) < 2 or near.distance <= LARGEST_STEP
    return close and meets(joined(graph.cost_bounds), near.costs)


def _pair(cost: str, value: float) -> tuple[Any, Any]:
    window = around(cost, value, TOLERANCE)
    return window.least, window.greatest


def _nearest(graph: Graph, windows: tuple[Window, ...]) -> Nearest | None:
    """The nearest architecture; None if the costs have too many cases to look at."""
    try:
        return nearest_to(graph, windows)
    except TooWide:
        return None
    except Unsatisfiable:
        raise UserError(f"no architecture of `{graph.name}` meets its requirements", help="relax them") from None


def unmet(graph: Graph, windows: tuple[Window, ...], near: Nearest) -> UserError:
    """The error that no architecture has the requested costs."""
    nearest = " and ".join(f"{number(near.costs[window.cost])} {COST_NAMES[window.cost]}" for window in windows)
    return UserError(
        f"no architecture of `{graph.name}` has {text_of(windows)}",
        help=f"the nearest one has {nearest}; change the target in the search block, or the requirements",
    )


def meets(windows: tuple[Window, ...], costs: Mapping[str, int]) -> bool:
    """Whether costs are inside all windows."""
    return all(window.holds(costs[window.cost]) for window in windows)
