"""Multi-valued decision diagrams: conditions over decisions, shared and canonical.

A diagram tests decisions in one fixed order and ends in true or false (Kam, Villa, Brayton and Sangiovanni-Vincentelli,
"Multi-valued decision diagrams", 1998). Equal conditions are one diagram, so comparing two is comparing two numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ssrdsl.space.conditions.budget import Budget, TooWide

FALSE: Final = 0
TRUE: Final = 1
LIMIT: Final = 3_000_000
"""Limit on the branches of all diagrams of one `Diagrams`."""
MAX_JOINED = 1_200_000
"""Limit on the diagrams and combinations of branches that operations of one `Diagrams` visit."""
MAX_PARTS = 250_000
"""Limit on the visits to parts of conditions when they are converted to diagrams of one `Diagrams`."""

MANY_COMBINATIONS = "too many combinations of conditions have to be considered"


class Diagrams:
    """The diagrams over some decisions in a fixed order; each is identified by a number.

    `domains` are the option indices of every decision, outermost decision first.
    """

    def __init__(self, domains: Mapping[str, tuple[int, ...]], limit: int = LIMIT) -> None:
        self.decisions = list(domains)
        self.domains = list(domains.values())
        self.level = {decision: level for level, decision in enumerate(self.decisions)}
        beyond = 1 << 60
        self.levels = [beyond, beyond]
        """For every diagram, the level of the decision that it tests first; constants have the largest level."""
        self.branches: list[tuple[int, ...]] = [(), ()]
        """For every diagram, its successors for each option of the tested decision."""
        self._unique: dict[tuple[int, tuple[int, ...]], int] = {}
        self._combined: dict[tuple[int, frozenset[int]], int] = {}
        self._narrowed: dict[tuple[int, int], dict[int, int]] = {}
        self._branches = Budget(limit)
        self._joins = Budget(MAX_JOINED)
        self.part_budget = Budget(MAX_PARTS)
        """The limit for parts of conditions."""

    def make(self, level: int, branches: tuple[int, ...]) -> int:
        """The diagram that tests a decision and continues with one of the branches. Raises `TooWide`."""
        first = branches[0]
        if branches.count(first) == len(branches):
            return first
        key = (level, branches)
        found = self._unique.get(key)
        if found is None:
            self._branches.spend(len(branches), "too many combinations of decisions have to be distinguished")
            found = self._unique[key] = len(self.levels)
            self.levels.append(level)
            self.branches.append(branches)
        return found

    def disjoin(self, diagrams: Iterable[int]) -> int:
        """The disjunction."""
        return _bounded(self._combine, diagrams, FALSE, TRUE)

    def conjoin(self, diagrams: Iterable[int]) -> int:
        """The conjunction."""
        return _bounded(self._combine, diagrams, TRUE, FALSE)

    def narrow(self, diagram: int, level: int, mask: int) -> int:
        """The conjunction with options of one decision: those at the positions in `mask`, as bits.

        The same as `conjoin` with the diagram of these options, in less time.
        """
        known = self._narrowed.setdefault((level, mask), {FALSE: FALSE})
        chosen = [bool(mask >> at & 1) for at in range(len(self.domains[level]))]
        return _bounded(self._narrow, diagram, level, chosen, known)

    def _narrow(self, diagram: int, level: int, chosen: list[bool], known: dict[int, int]) -> int:
        found = known.get(diagram)
        if found is None:
            self._joins.spend(1, MANY_COMBINATIONS)
            first, branches = self.levels[diagram], self.branches[diagram]
            if first < level:
                found = self.make(first, tuple([self._narrow(branch, level, chosen, known) for branch in branches]))
            else:
                after = branches if first == level else (diagram,) * len(chosen)
                rest = [branch if is_in else FALSE for branch, is_in in zip(after, chosen, strict=True)]
                found = self.make(level, tuple(rest))
            known[diagram] = found
        return found

    def _combine(self, diagrams: Iterable[int], neutral: int, absorbing: int) -> int:
        parts = set(diagrams)
        if absorbing in parts:
            return absorbing
        parts.discard(neutral)
        if len(parts) < 2:
            return parts.pop() if parts else neutral
        key = (neutral, frozenset(parts))
        found = self._combined.get(key)
        if found is None:
            level = min([self.levels[part] for part in parts])
            rest = [part for part in parts if self.levels[part] != level]
            rows = [self.branches[part] for part in parts if self.levels[part] == level]
            columns = list(zip(*rows, strict=True))
            known = {
                column: absorbing if absorbing in column else self._combine((*column, *rest), neutral, absorbing)
                for column in dict.fromkeys(columns)
            }
            self._joins.spend(len(known) + len(parts), MANY_COMBINATIONS)
            found = self._combined[key] = self.make(level, tuple([known[column] for column in columns]))
        return found

    def fold(self, diagram: int, combine: Callable[[int, tuple[Any, ...]], Any], memo: MutableMapping[int, Any]) -> Any:
        """The value of a diagram: `combine` gets the level of a test and the values of its branches.

        `memo` has the values of the constants, and may be shared between diagrams.
        """
        if diagram not in memo:
            for part in self.below(diagram):
                if part not in memo:
                    memo[part] = combine(self.levels[part], tuple([memo[branch] for branch in self.branches[part]]))
        return memo[diagram]

    def support(self, diagram: int) -> frozenset[int]:
        """The levels of the decisions that a diagram tests."""
        return frozenset([self.levels[part] for part in self.below(diagram)])

    def negate(self, diagram: int) -> int:
        """The negation."""
        return int(self.fold(diagram, self.make, {FALSE: TRUE, TRUE: FALSE}))

    def below(self, diagram: int) -> list[int]:
        """The diagram and its successors without constants, in reverse topological order."""
        seen = {FALSE, TRUE}
        reached = {diagram} - seen
        while reached:
            seen |= reached
            reached = set[int]().union(*[self.branches[part] for part in reached]) - seen
        return sorted(seen)[2:]  # a diagram is made after its branches, so its number is larger


def _bounded(operation: Callable[..., int], *arguments: Any) -> int:
    """The result of a recursive operation. Raises `TooWide` in place of `RecursionError`."""
    try:
        return operation(*arguments)
    except RecursionError as error:
        raise TooWide("too many decisions depend on each other") from error


@dataclass(frozen=True, slots=True)
class Diagram:
    """A condition over decisions. Equal conditions of one `Diagrams` are equal, and hash alike."""

    diagrams: Diagrams = field(repr=False)
    number: int

    @property
    def is_true(self) -> bool:
        """Whether it holds in every case."""
        return self.number == TRUE

    @property
    def is_false(self) -> bool:
        """Whether it holds in no case."""
        return self.number == FALSE

    def __and__(self, other: Diagram) -> Diagram:
        return Diagram(self.diagrams, self.diagrams.conjoin((self.number, other.number)))

    @property
    def support(self) -> frozenset[str]:
        """The names of the decisions that it depends on."""
        return frozenset([self.diagrams.decisions[level] for level in self.diagrams.support(self.number)])

    @property
    def size(self) -> int:
        """The number of its branches."""
        return sum([len(self.diagrams.branches[part]) for part in self.diagrams.below(self.number)])

    def restrict(self, survivors: Mapping[str, Collection[int]]) -> Diagram:
        """The condition with only the options of these indices in the named decisions."""
        diagrams = self.diagrams
        kept = {
            level: [at for at, index in enumerate(diagrams.domains[level]) if index in indices]
            for name, indices in survivors.items()
            if (level := diagrams.level.get(name)) is not None
        }

        def change(level: int, branches: tuple[int, ...]) -> int:
            if (
                positions := kept.get(level)
            ) is not None:  # the options that are gone behave like the first of the others
                first = branches[positions[0]]
                branches = tuple([branch if at in positions else first for at, branch in enumerate(branches)])
            return diagrams.make(level, branches)

        return self._changed(change)

    def exists(self, decisions: Collection[str]) -> Diagram:
        """The condition under which the named decisions can be chosen so that this one holds."""
        diagrams = self.diagrams
        levels = {diagrams.level[name] for name in decisions if name in diagrams.level}

        def change(level: int, branches: tuple[int, ...]) -> int:
            return diagrams.disjoin(branches) if level in levels else diagrams.make(level, branches)

        return self._changed(change)

    def _changed(self, change: Callable[[int, tuple[int, ...]], int]) -> Diagram:
        return Diagram(self.diagrams, self.diagrams.fold(self.number, change, {FALSE: FALSE, TRUE: TRUE}))

    def an_assignment(self) -> dict[str, int] | None:
        """Options of the relevant decisions for which it holds; None if it never holds."""
        if self.is_false:
            return None
        found, part, diagrams = {}, self.number, self.diagrams
        while part != TRUE:  # every diagram but FALSE leads to TRUE
            level = diagrams.levels[part]
            position = next(at for at, branch in enumerate(diagrams.branches[part]) if branch != FALSE)
            found[diagrams.decisions[level]] = diagrams.domains[level][position]
            part = diagrams.branches[part][position]
        return found

    def evaluate_with(
        self,
        combine: Callable[[str, Sequence[tuple[int, Any]]], Any],
        memo: MutableMapping[int, Any] | None = None,
    ) -> Any:
        """Fold the diagram from its leaves, the ints 0 and 1.

        `combine` gets a decision and, for each of its option indices, the value of the successor. `memo` may be shared
        between diagrams of one `Diagrams`.
        """
        memo = {} if memo is None else memo
        memo.update({FALSE: 0, TRUE: 1})
        diagrams = self.diagrams

        def change(level: int, values: tuple[Any, ...]) -> Any:
            return combine(diagrams.decisions[level], list(zip(diagrams.domains[level], values, strict=True)))

        return diagrams.fold(self.number, change, memo)
