"""Bounds on costs: which architectures of a space meet them, and errors for those that none meets.

The least and the greatest cost do not always answer this: `parameters == 100` may be between them although no
architecture has that cost; two bounds may each be met, but never both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.prove.satisfiable import contradiction
from ssrdsl.space.ranges.bounds import Unsatisfiable
from ssrdsl.space.ranges.totals import Bounds
from ssrdsl.space.windows.nearest import Nearest, nearest_to
from ssrdsl.space.windows.window import joined, number, of_requirement

_ATTAINED: WeakKeyDictionary[Graph, dict[tuple[Requirement, ...], Nearest | None]] = WeakKeyDictionary()
"""Results of `attained`: the summary and the errors of a space use the same ones, and each can take seconds."""


def attained(graph: Graph, requirements: tuple[Requirement, ...]) -> Nearest | None:
    """The architecture nearest to bounds on costs; None if the costs have too many cases. Cached per graph."""
    known = _ATTAINED.setdefault(graph, {})
    if requirements not in known:
        known[requirements] = _nearest(graph, requirements)
    return known[requirements]


def _nearest(graph: Graph, requirements: tuple[Requirement, ...]) -> Nearest | None:
    windows = joined(requirements)
    if any(window.is_empty for window in windows):
        return None
    try:
        return nearest_to(graph, windows)
    except (TooWide, Unsatisfiable):
        return None


def kept_by(graph: Graph, requirement: Requirement, bounds: Mapping[str, Bounds] | None) -> str:
    """Which architectures meet a requirement: `all`, `some`, `none`; `unknown` if neither is proved or found.

    Conditions over decisions are met by all, since others are not counted as architectures.
    """
    if requirement.cost is None:
        return "all"
    if bounds is None:
        return "unknown"
    ends = bounds[requirement.cost]
    if all(requirement.is_met_by(end.bound) for end in ends):
        return "all"
    if _is_outside(requirement, bounds):
        return "none"
    if any(end.value is not None and requirement.is_met_by(end.value) for end in ends):
        return "some"
    found = attained(graph, (requirement,))
    if found is None:
        return "unknown"
    return "some" if found.distance == 0 else "none" if found.proved > 0 else "unknown"


def check_costs(graph: Graph, bounds: Mapping[str, Bounds]) -> Iterator[Diagnostic]:
    """Report bounds on costs that provably no architecture meets, alone or together."""
    bounded = graph.cost_bounds
    outside = [requirement for requirement in bounded if _is_outside(requirement, bounds)]
    for requirement in outside:
        least, greatest = (number(end.bound) for end in bounds[str(requirement.cost)])
        size = "larger" if requirement.relation in {">", ">="} else "smaller"
        yield _never(
            requirement,
            f"{requirement.cost} are between {least} and {greatest} in this space",
            f"change the bound, or give the decisions {size} options",
        )
    if not outside:
        yield from _check_alone(graph, bounded) or _check_together(graph, bounded)


def _is_outside(requirement: Requirement, bounds: Mapping[str, Bounds]) -> bool:
    """Whether a bound cannot be met, judging by the least and the greatest cost."""
    window = of_requirement(requirement)
    return window.distance(*(end.bound for end in bounds[window.cost])) > 0


def _check_alone(graph: Graph, bounded: Sequence[Requirement]) -> list[Diagnostic]:
    for requirement in bounded:
        found = attained(graph, (requirement,)) if requirement.relation == "==" else None
        if found is not None and found.proved > 0:
            what = "the nearest value" if found.is_exact else "the nearest value found"
            label = f"{what} is {number(found.costs[str(requirement.cost)])}"
            return [_never(requirement, label, "change the bound, or require a range with `<=` and `>=`")]
    return []


def _check_together(graph: Graph, bounded: tuple[Requirement, ...]) -> list[Diagnostic]:
    message = "no architecture meets all bounds on costs"
    if any(window.is_empty for window in joined(bounded)):
        return [contradiction(message, bounded)]
    found = attained(graph, bounded) if len(bounded) > 1 else None
    if found is not None and found.proved > 0:
        return [contradiction(message, bounded, f"the nearest architecture found has {found}")]
    return []


def _never(requirement: Requirement, label: str, help: str) -> Diagnostic:
    message = f"no architecture has {requirement.cost} {requirement.relation} {number(requirement.bound)}"
    return Diagnostic("E0801", message, Label(requirement.span, label), help=help)
