"""Conditions in factored form: a condition, and then certain options of one more decision.

Guards of nested mixtures have this form. Kept so, those of the options of one mixture can be joined without creating a
diagram of each: most guards of a large graph are never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ssrdsl.space.conditions.diagrams import FALSE, TRUE, Diagrams


class Factored:
    """That `parent` holds and the decision at `level` takes an option at one of the positions in `mask`, as bits.

    Only created by `Factoring`, which returns the same object for equal ones.
    """

    __slots__ = ("depth", "level", "mask", "number", "parent")

    def __init__(self, parent: Guard, level: int, mask: int) -> None:
        self.parent = parent
        self.level = level
        self.mask = mask
        self.depth: int = 1 + _depth(parent)
        self.number: int | None = None


Guard: TypeAlias = int | Factored
"""A diagram by its number, or a factored condition."""


class Factoring:
    """Creates and joins factored conditions over the decisions of some diagrams."""

    def __init__(self, diagrams: Diagrams) -> None:
        self.diagrams = diagrams
        self._full = [(1 << len(domain)) - 1 for domain in diagrams.domains]
        self._made: dict[tuple[Guard, int, int], Factored] = {}
        self._joined: dict[frozenset[Guard], Guard] = {}
        self.parts: dict[int, tuple[Guard, ...]] = {}
        """For every diagram created by joining, the guards that were joined."""

    def both(self, guard: Guard, level: int, mask: int) -> Guard:
        """The conjunction of a guard and the options of a decision in a mask."""
        if mask == self._full[level] or guard == FALSE:
            return guard
        if mask == 0:
            return FALSE
        key = (guard, level, mask)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Factored(guard, level, mask)
        return found

    def number(self, guard: Guard) -> int:
        """The diagram of a guard. Raises `TooWide`."""
        chain: list[Factored] = []
        while isinstance(guard, Factored) and guard.number is None:
            chain.append(guard)
            guard = guard.parent
        number = guard if isinstance(guard, int) else guard.number
        assert number is not None
        for part in reversed(chain):
            number = part.number = self.diagrams.narrow(number, part.level, part.mask)
        return number

    def disjoin(self, guards: Iterable[Guard]) -> Guard:
        """The disjunction of the guards."""
        parts = dict.fromkeys(guards)
        parts.pop(FALSE, None)
        if TRUE in parts:
            return TRUE
        if len(parts) < 2:
            return next(iter(parts), FALSE)
        key = frozenset(parts)
        found = self._joined.get(key)
        if found is None:
            found = self._joined[key] = self._join(parts)
        return found

    def _join(self, parts: dict[Guard, None]) -> Guard:
        """Join options of one mixture, then mixtures of one decision; the rest as diagrams."""
        for simplify in (self._siblings, self._absorbed, self._alike):
            simpler = simplify(parts)
            if simpler.keys() != parts.keys():
                return self.disjoin(simpler)
        number = self.diagrams.disjoin([self.number(part) for part in parts])
        self.parts.setdefault(number, tuple(parts))
        return number

    def _siblings(self, parts: dict[Guard, None]) -> dict[Guard, None]:
        """(p and d in A) or (p and d in B) is (p and d in A or B)."""
        masks: dict[tuple[Guard, int], int] = {}
        for part in parts:
            if isinstance(part, Factored):
                key = (part.parent, part.level)
                masks[key] = masks.get(key, 0) | part.mask
        plain = {part: None for part in parts if not isinstance(part, Factored)}
        return plain | {self.both(parent, level, mask): None for (parent, level), mask in masks.items()}

    def _absorbed(self, parts: dict[Guard, None]) -> dict[Guard, None]:
        """p or (p and q) is p."""
        least = min([_depth(part) for part in parts])
        return {part: None for part in parts if not any(wider in parts for wider in _wider(part, least))}

    def _alike(self, parts: dict[Guard, None]) -> dict[Guard, None]:
        """(p and d in A) or (q and d in A) is (p or q) and d in A."""
        parents: dict[tuple[int, int], list[Guard]] = {}
        for part in parts:
            if isinstance(part, Factored):
                parents.setdefault((part.level, part.mask), []).append(part.parent)
        plain = {part: None for part in parts if not isinstance(part, Factored)}
        return plain | {self.both(self.disjoin(ps), level, mask): None for (level, mask), ps in parents.items()}


def _depth(guard: Guard) -> int:
    return guard.depth if isinstance(guard, Factored) else 0


def _wider(guard: Guard, least: int) -> Iterator[Guard]:
    """The guards that a guard was created from, down to a depth."""
    while isinstance(guard, Factored) and guard.depth > least:
        guard = guard.parent
        yield guard
