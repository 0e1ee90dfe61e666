"""Whether requirements can be met: conditions over decisions by some architecture, bounds on costs by the space."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.space.conditions.budget import Budget, TooWide
from ssrdsl.space.expressions import Decided
from ssrdsl.space.graph import Graph, Requirement

if TYPE_CHECKING:
    from ssrdsl.space.ranges.bounds import Bounds

MAX_ENTRIES = 2**22
"""Limit on table entries of the expressions of all requirements over decisions of a space."""


def check_conditions(graph: Graph) -> Iterator[Diagnostic]:
    """Report an error if no assignment meets the requirements over decisions, a warning if that is not known."""
    satisfiable = _Satisfiable(graph)
    told: list[Requirement] = []
    for requirement in graph.conditions:
        if requirement.condition is True:
            continue
        meets = satisfiable([requirement])
        if meets is False:
            yield _never(requirement)
            return
        if meets is True:
            told.append(requirement)
        else:
            yield _undecided(requirement, meets)
    if len(told) > 1:
        yield from _check_together(satisfiable, told)


def _check_together(satisfiable: _Satisfiable, conditions: list[Requirement]) -> Iterator[Diagnostic]:
    """Find the first requirement that contradicts those before it; all are checked together first."""
    together = satisfiable(conditions)
    if together is False:
        number = bisect_left(range(2, len(conditions)), True, key=lambda n: satisfiable(conditions[:n]) is False) + 2
        yield _contradiction(conditions[number - 1], conditions[: number - 1])
    elif together is not True:
        yield _undecided(conditions[-1], together)


class _Satisfiable:
    """Whether some assignment meets requirements, or why that cannot be determined.

    All queries share `MAX_ENTRIES`. A query uses at most half of the rest, so that one query cannot prevent others.
    """

    def __init__(self, graph: Graph) -> None:
        self._domains = graph.domains
        self._room = Budget(MAX_ENTRIES)

    def __call__(self, requirements: list[Requirement]) -> bool | TooWide:
        conditions = [requirement.condition for requirement in requirements]
        if not all(isinstance(condition, Decided) for condition in conditions):
            return all(condition is not False for condition in conditions)
        # Imported here, since only spaces with such requirements need numpy for their proof.
        from ssrdsl.space.ranges.factors import Problem
        from ssrdsl.space.ranges.totals import Totals

        try:
            with self._room.half() as room:
                problem = Problem(self._domains, room=room)
                for condition in conditions:
                    problem.require(condition)
            totals = Totals(problem)
        except TooWide as reason:
            return reason
        if totals.is_impossible:
            return False
        if totals.extremes[0][0].assignment is None:
            return TooWide("too many decisions have to be considered together")
        return True


def _undecided(requirement: Requirement, reason: TooWide) -> Diagnostic:
    return Diagnostic(
        "E0801",
        "cannot determine whether this requirement can be met",
        Label(requirement.span, str(reason)),
        severity="warning",
    )


def _never(requirement: Requirement) -> Diagnostic:
    label = Label(requirement.span, "false in every architecture")
    return Diagnostic(
        "E0801", "this requirement cannot be met", label, help="relax it, or give its decisions more options"
    )


def _contradiction(requirement: Requirement, others: list[Requirement]) -> Diagnostic:
    return Diagnostic(
        "E0801",
        "no architecture meets this requirement and those before it",
        Label(requirement.span),
        secondary=tuple(Label(other.span, "required here") for other in others),
        help="relax one of them",
    )


def check_costs(graph: Graph, bounds: Mapping[str, Bounds]) -> Iterator[Diagnostic]:
    """Report every bound on a cost that no architecture meets, with the least and greatest cost of the space."""
    for requirement in graph.requirements:
        if requirement.cost is None or requirement.cost not in bounds:
            continue
        least, greatest = (end.bound for end in bounds[requirement.cost])
        if not can_meet(requirement, least, greatest):
            text = f"between {_number(least)} and {_number(greatest)} in this space"
            yield Diagnostic(
                "E0801",
                f"no architecture has {requirement.cost} {requirement.relation} {_number(requirement.bound)}",
                Label(requirement.span, f"{requirement.cost} are {text}"),
                help="change the bound, or give the decisions smaller options"
                if requirement.relation in {"<", "<=", "=="}
                else "change the bound, or give the decisions larger options",
            )


def can_meet(requirement: Requirement, least: Any, greatest: Any) -> bool:
    """Whether a bound on a cost can be met, judging by the least and the greatest cost."""
    if requirement.relation == "==":
        return bool(least <= requirement.bound <= greatest)
    return requirement.is_met_by(least) or requirement.is_met_by(greatest)


def _number(value: Any) -> str:
    return f"{int(value):,}" if value == int(value) else str(value)
