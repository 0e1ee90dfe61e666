"""Collapse decisions that only affect decisions nested in their options: these are counted as one number.

A searched layer with its candidates and their widths is an example. Its number of choices only depends on whether it is
active, so counting need not process it step by step: bottom up, every option of such a decision gets the number of
choices of its nested decisions, and the decision their sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from ssrdsl.space.conditions.diagrams import Diagrams
from ssrdsl.space.conditions.factored import Factored, Guard


class Collapse:
    """Splits the active decisions, given by guards, into those that collapse and those to process step by step.

    `required` are the levels of decisions on which requirements depend; those do not collapse.
    """

    def __init__(self, diagrams: Diagrams, active: Mapping[str, Guard], required: Collection[int]) -> None:
        self._diagrams = diagrams
        self._supports: dict[Guard, frozenset[int]] = {}
        self._mentions: dict[int, dict[Guard, None]] = defaultdict(dict)
        self._left = Counter(active.values())
        for guard in self._left:
            for level in self._support(guard):
                self._mentions[level][guard] = None
        self.ways: dict[Guard, int] = {}
        """For every guard, the number of choices of the decisions that collapse under it."""
        self.weights: dict[str, Sequence[int]] = {}
        """For every collapsed decision, the number of choices nested in each option."""
        self.stepwise: dict[str, Guard] = {}
        """The other decisions, with their guards."""
        for name in sorted(active, key=diagrams.level.__getitem__, reverse=True):
            self._place(name, active[name], diagrams.level[name] in required)

    def _place(self, name: str, guard: Guard, required: bool) -> None:
        level = self._diagrams.level[name]
        nested = self._mentions[level]
        if required or not all(self._is_nested(other, guard, level) for other in nested):
            self.stepwise[name] = guard
            return
        count = len(self._diagrams.domains[level])
        weights = [1] * count
        for other in list(nested):
            assert isinstance(other, Factored)
            ways = self.ways.pop(other)
            weights = [weight * (ways if other.mask >> at & 1 else 1) for at, weight in enumerate(weights)]
            for mentioned in self._support(other):
                del self._mentions[mentioned][other]
        self.weights[name] = weights
        self.ways[guard] = self.ways.get(guard, 1) * sum(weights)
        self._left[guard] -= 1

    def _is_nested(self, other: Guard, guard: Guard, level: int) -> bool:
        """Whether a guard selects options of this decision, and only guards collapsed decisions."""
        own = isinstance(other, Factored) and other.parent == guard and other.level == level
        return own and self._left[other] == 0

    def _support(self, guard: Guard) -> frozenset[int]:
        """The levels that occur in a guard, whether it depends on them or not."""
        chain: list[Factored] = []
        while isinstance(guard, Factored) and guard not in self._supports:
            chain.append(guard)
            guard = guard.parent
        if guard not in self._supports:
            assert isinstance(guard, int)
            self._supports[guard] = self._diagrams.support(guard)
        found = self._supports[guard]
        for part in reversed(chain):
            found = self._supports[part] = found | {part.level}
        return found
