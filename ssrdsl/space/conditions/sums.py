"""Diagrams of comparisons of sums: one number of each decision, added up and compared with a bound.

What is decided matters for the rest only through the sum so far, so a sum is carried along instead of a partly decided
expression, and only until its least and its greatest end compare alike (Een and Sorensson, "Translating pseudo-Boolean
constraints into SAT", 2006, make binary diagrams in this way).
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any, NamedTuple, cast

from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.conditions.diagrams import FALSE, TRUE, Diagrams
from ssrdsl.space.expressions import Apply, Decided, LinearForm, Switch
from ssrdsl.space.functions import COMPARISONS, FUNCTIONS

MANY_PARTS = "too many partial results"


class SumComparison(NamedTuple):
    """A sum compared with 0: its constant, and by level the numbers of its decisions' options."""

    relation: str
    constant: Any
    levels: list[int]
    numbers: list[list[Any]]


def comparison_of(diagrams: Diagrams, scalar: Decided) -> SumComparison | None:
    """A scalar as the comparison of a sum; None if it is another one."""
    if not (
        isinstance(scalar, Apply) and scalar.function in COMPARISONS and isinstance(scalar.arguments[0], LinearForm)
    ):
        return None
    total, bound = scalar.arguments
    assert isinstance(total, LinearForm)
    if bound != 0 or not all(isinstance(atom, Switch) and atom.flat for atom, _ in total.terms):
        return None
    terms = sorted((diagrams.level[cast(Switch, atom).decision], cast(Switch, atom), c) for atom, c in total.terms)
    numbers = []
    for level, atom, coefficient in terms:
        branches = dict(atom.branches)
        numbers.append([cast(Any, branches[index]) * coefficient for index in diagrams.domains[level]])
    return SumComparison(scalar.function, total.constant, [level for level, *_ in terms], numbers)


def compile_sum(diagrams: Diagrams, comparison: SumComparison, looks: Budget) -> int:
    """The diagram of a comparison. Raises `TooWide`."""
    relation, constant, levels, numbers = comparison
    holds = FUNCTIONS[relation]
    is_ordered = relation not in {"==", "!="}
    least = [*accumulate([min(values) for values in reversed(numbers)], initial=0)][::-1]
    greatest = [*accumulate([max(values) for values in reversed(numbers)], initial=0)][::-1]
    memo: dict[tuple[int, Any], int] = {}

    def rest(at: int, total: Any) -> int:
        low, high = total + least[at], total + greatest[at]
        if low == high or (holds(low, 0) == holds(high, 0) if is_ordered else low > 0 or high < 0):
            return TRUE if holds(low, 0) else FALSE
        found = memo.get((at, total))
        if found is None:
            looks.spend(1, MANY_PARTS)
            branches = tuple([rest(at + 1, total + value) for value in numbers[at]])
            found = memo[at, total] = diagrams.make(levels[at], branches)
        return found

    return rest(0, constant)
