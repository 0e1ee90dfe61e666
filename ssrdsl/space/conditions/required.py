"""What the requirements over decisions of a space admit, asked of choices that are made so far."""

from __future__ import annotations

from collections.abc import Mapping

from ssrdsl.space import expressions
from ssrdsl.space.conditions.diagrams import Diagrams
from ssrdsl.space.conditions.forms import diagram_of
from ssrdsl.space.graph import Graph


class Conditions:
    """The requirements over decisions of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._conditions = [requirement.condition for requirement in graph.conditions]
        support = expressions.support(*self._conditions)
        self._domains = {name: indices for name, indices in graph.domains.items() if name in support}

    def concern(self, decision: str) -> bool:
        """Whether any of them hangs on a decision."""
        return decision in self._domains

    def can_hold(self, survivors: Mapping[str, tuple[int, ...]]) -> bool:
        """Whether all of them can hold with only these options left; other decisions keep all of theirs."""
        domains = {name: survivors.get(name, indices) for name, indices in self._domains.items()}
        together = expressions.apply("and", *(expressions.restrict(c, domains) for c in self._conditions), True)
        if not isinstance(together, expressions.Decided):
            return bool(together)
        left = {name: indices for name, indices in domains.items() if name in together.support}
        return not diagram_of(Diagrams(left), together).is_false

    def admit(self, assignment: Mapping[str, int]) -> bool:
        """Whether decisions that are not in an assignment can be taken so that all of them hold."""
        return self.can_hold({name: (index,) for name, index in assignment.items()})
