"""Whether bounds on costs are met by some architecture, if the least and the greatest cost do not answer this.

`parameters == 100` may lie between the ends although no architecture has that cost; two bounds may each be met, but
never both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.graph import Graph, Requirement

if TYPE_CHECKING:
    from ssrdsl.space.windows.nearest import Nearest


def attained(graph: Graph, requirements: Sequence[Requirement]) -> Nearest | None:
    """The architecture nearest to bounds on costs; None if the costs have too many cases."""
    # Imported here, since only spaces with such requirements need numpy for their proof.
    from ssrdsl.space.ranges.bounds import Unsatisfiable
    from ssrdsl.space.windows.nearest import nearest_to
    from ssrdsl.space.windows.window import joined

    windows = joined(requirements)
    if any(window.is_empty for window in windows):
        return None
    try:
        return nearest_to(graph, windows)
    except (TooWide, Unsatisfiable):
        return None


def check_attained(graph: Graph) -> Iterator[Diagnostic]:
    """Report bounds on costs that provably no architecture meets, alone or together.

    Bounds outside of the range of a cost are left to `check_costs`. Without a proof there is no error.
    """
    bounded = [requirement for requirement in graph.requirements if requirement.cost is not None]
    for requirement in bounded:
        if requirement.relation == "==":
            found = attained(graph, [requirement])
            if found is not None and found.proved > 0:
                yield _never(requirement, found)
                return
    if len(bounded) > 1:
        yield from _check_together(graph, bounded)


def _check_together(graph: Graph, bounded: Sequence[Requirement]) -> Iterator[Diagnostic]:
    *before, last = bounded
    if _is_empty(bounded):
        yield _contradiction(last, before, "")
        return
    found = attained(graph, bounded)
    if found is not None and found.proved > 0:
        yield _contradiction(last, before, _nearest(found))


def _is_empty(requirements: Sequence[Requirement]) -> bool:
    from ssrdsl.space.windows.window import joined

    return any(window.is_empty for window in joined(requirements))


def _never(requirement: Requirement, found: Nearest) -> Diagnostic:
    from ssrdsl.space.windows.window import number

    return Diagnostic(
        "E0801",
        f"no architecture has {requirement.cost} {requirement.relation} {number(requirement.bound)}",
        Label(requirement.span, f"{_nearest_value(requirement, found)}"),
        help="change the bound, or require a range with `<=` and `>=`",
    )


def _nearest_value(requirement: Requirement, found: Nearest) -> str:
    from ssrdsl.space.windows.window import number

    value = number(found.costs[str(requirement.cost)])
    return f"the nearest value is {value}" if found.is_exact else f"the nearest value found is {value}"


def _contradiction(requirement: Requirement, others: Sequence[Requirement], label: str) -> Diagnostic:
    return Diagnostic(
        "E0801",
        "no architecture meets all bounds on costs",
        Label(requirement.span, label),
        secondary=tuple(Label(other.span, "required here") for other in others),
        help="relax one of them",
    )


def _nearest(found: Nearest) -> str:
    from ssrdsl.space.windows.window import number

    costs = " and ".join(f"{number(value)} {cost}" for cost, value in found.costs.items())
    return f"the nearest architecture found has {costs}"
