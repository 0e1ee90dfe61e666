"""The requirements over decisions of a space, checked for partial choices."""

from __future__ import annotations

from collections.abc import Mapping

from ssrdsl.errors import UserError
from ssrdsl.space import expressions
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.diagrams import FALSE, Diagrams
from ssrdsl.space.conditions.forms import diagram_of
from ssrdsl.space.decisions import only
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.graph import Graph


class Conditions:
    """The requirements over decisions of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._conditions = [requirement.condition for requirement in graph.conditions]
        support = expressions.support(*self._conditions)
        self._domains = {name: indices for name, indices in graph.domains.items() if name in support}

    def concern(self, decision: str) -> bool:
        """Whether any of them depends on a decision."""
        return decision in self._domains

    def can_hold(self, survivors: Mapping[str, tuple[int, ...]]) -> bool:
        """Whether all of them can hold with only these options; other decisions keep all of theirs.

        Raises `UserError` if this cannot be determined.
        """
        domains = {name: survivors.get(name, indices) for name, indices in self._domains.items()}
        left = []
        for condition in self._conditions:
            rest = expressions.restrict(condition, domains)
            if rest is False:  # the others need not be looked at
                return False
            left.append(rest)
        together = expressions.support(*left)
        domains = {name: indices for name, indices in domains.items() if name in together}
        if any(_holds(left, {name: indices[end] for name, indices in domains.items()}) for end in (0, -1)):
            return True
        diagrams = Diagrams(domains)
        try:
            return diagrams.conjoin([diagram_of(diagrams, condition).number for condition in left]) != FALSE
        except TooWide as reason:
            raise UserError(
                f"cannot determine whether the requirements can be met: {reason}",
                help="simplify requirements on decisions that may be inactive",
            ) from reason

    def admit(self, assignment: Mapping[str, int]) -> bool:
        """Whether decisions that are not in an assignment can be chosen so that all of them hold."""
        return self.can_hold(only(assignment))


def _holds(conditions: list[ExactScalar], assignment: Mapping[str, int]) -> bool:
    """Whether an assignment to all decisions meets conditions; then their diagrams are not needed."""
    return all(expressions.assign(condition, assignment) is True for condition in conditions)
