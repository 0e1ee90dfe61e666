"""Whether requirements over decisions can be met by some architecture."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.space.conditions.budget import Budget, TooWide
from ssrdsl.space.expressions import Decided
from ssrdsl.space.graph import Graph, Requirement

MAX_ENTRIES = 2**22
"""Limit on table entries of the expressions of all requirements over decisions of a space."""


def check_conditions(graph: Graph) -> Iterator[Diagnostic]:
    """Report an error if no assignment meets the requirements over decisions, a warning if that is not known."""
    satisfiable = _Satisfiable(graph)
    reported: list[Requirement] = []
    for requirement in graph.conditions:
        if requirement.condition is True:
            continue
        meets = satisfiable([requirement])
        if meets is False:
            yield _never(requirement)
            return
        if meets is True:
            reported.append(requirement)
        else:
            yield _undecided(requirement, meets)
    if len(reported) > 1:
        yield from _check_together(satisfiable, reported)


def _check_together(satisfiable: _Satisfiable, conditions: list[Requirement]) -> Iterator[Diagnostic]:
    """Find the first requirement that contradicts those before it; all are checked together first."""
    together = satisfiable(conditions)
    if together is False:
        number = bisect_left(range(2, len(conditions)), True, key=lambda n: satisfiable(conditions[:n]) is False) + 2
        yield contradiction("no architecture meets this requirement and those before it", conditions[:number])
    elif together is not True:
        yield _undecided(conditions[-1], together)


class _Satisfiable:
    """Whether some assignment meets requirements, or why that cannot be determined.

    All queries share `MAX_ENTRIES`. A query uses at most half of the rest, so that one query cannot prevent others.
    """

    def __init__(self, graph: Graph) -> None:
        self._domains = graph.domains
        self._budget = Budget(MAX_ENTRIES)

    def __call__(self, requirements: list[Requirement]) -> bool | TooWide:
        conditions = [requirement.condition for requirement in requirements]
        if not all(isinstance(condition, Decided) for condition in conditions):
            return all(condition is not False for condition in conditions)
        # Imported here, since only spaces with such requirements need numpy for their proof.
        from ssrdsl.space.ranges.factors import Problem
        from ssrdsl.space.ranges.totals import Totals

        try:
            with self._budget.half() as budget:
                problem = Problem(self._domains, budget=budget)
                for condition in conditions:
                    problem.require(condition)
            totals = Totals(problem)
        except TooWide as reason:
            return reason
        if totals.is_impossible:
            return False
        if totals.extreme(0, 1).assignment is None:
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


def contradiction(message: str, requirements: Sequence[Requirement], label: str = "") -> Diagnostic:
    """The error for requirements that cannot be met together, at the last of them."""
    *before, last = requirements
    secondary = tuple(Label(other.span, "required here") for other in before)
    return Diagnostic("E0801", message, Label(last.span, label), secondary=secondary, help="relax one of them")
