"""Convert conditions between two forms: boolean scalars and diagrams.

Comparisons of sums with one term per decision are a special case. The remaining decisions depend on those already made
only through the partial sum, so partial sums are memoised instead of partly decided expressions; a branch ends when the
comparison has the same result for the least and the greatest total (Een and Sorensson, "Translating pseudo-Boolean
constraints into SAT", 2006, construct binary diagrams in this way).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, cast

from ssrdsl.space import expressions
from ssrdsl.space.conditions.budget import Budget, TooWide
from ssrdsl.space.conditions.diagrams import FALSE, TRUE, Diagram, Diagrams
from ssrdsl.space.expressions import Apply, Decided, ExactScalar, LinearForm, Switch
from ssrdsl.space.functions import COMPARISONS, FUNCTIONS

MANY_PARTS = "too many partial results"


def diagram_of(diagrams: Diagrams, condition: ExactScalar) -> Diagram:
    """The diagram of a boolean scalar. Raises `TooWide`."""
    try:
        with diagrams.part_budget.half() as budget:
            return Diagram(diagrams, _compile(diagrams, condition, {}, budget))
    except (TooWide, RecursionError) as error:
        of = f"a condition over {len(expressions.support(condition))} decisions"
        raise TooWide(f"{of} relates too many of their options at once") from error


def _compile(diagrams: Diagrams, scalar: ExactScalar, memo: dict[Decided, int], budget: Budget) -> int:
    """Branch on the decisions of a condition one after another, outermost first."""
    if not isinstance(scalar, Decided):
        return TRUE if scalar else FALSE
    found = memo.get(scalar)
    if found is None:
        summed = _summed(diagrams, scalar)
        if summed is not None:
            found = _compile_sum(diagrams, *summed, budget)
        else:
            level = min(diagrams.level[name] for name in scalar.support)
            taken = [_taken(diagrams, scalar, level, index, budget) for index in diagrams.domains[level]]
            found = diagrams.make(level, tuple([_compile(diagrams, part, memo, budget) for part in taken]))
        memo[scalar] = found
    return found


def _taken(diagrams: Diagrams, scalar: Decided, level: int, index: int, budget: Budget) -> ExactScalar:
    """The condition for a chosen option. Each part counts as work, since wide conditions are slow at each step."""
    parts: dict[Decided, ExactScalar] = {}
    found = expressions.assign(scalar, {diagrams.decisions[level]: index}, parts)
    budget.spend(len(parts), MANY_PARTS)
    return found


def _summed(diagrams: Diagrams, scalar: Decided) -> tuple[str, Any, list[tuple[int, list[Any]]]] | None:
    """A comparison of a sum with 0: the relation, the constant, and for each level the values of the options.

    None for other scalars.
    """
    if not isinstance(scalar, Apply) or scalar.function not in COMPARISONS:
        return None
    total, bound = scalar.arguments
    if not isinstance(total, LinearForm) or bound != 0:
        return None
    terms = []
    for atom, coefficient in total.terms:
        if not isinstance(atom, Switch) or not atom.flat:
            return None
        level, branches = diagrams.level[atom.decision], cast("dict[int, Any]", dict(atom.branches))
        terms.append((level, [branches[index] * coefficient for index in diagrams.domains[level]]))
    return scalar.function, total.constant, sorted(terms)


def _compile_sum(
    diagrams: Diagrams, relation: str, constant: Any, terms: list[tuple[int, list[Any]]], budget: Budget
) -> int:
    """The diagram of a comparison. Raises `TooWide`."""
    holds = FUNCTIONS[relation]
    is_ordered = relation not in {"==", "!="}
    least = [*accumulate([min(numbers) for _, numbers in reversed(terms)], initial=0)][::-1]
    greatest = [*accumulate([max(numbers) for _, numbers in reversed(terms)], initial=0)][::-1]
    memo: dict[tuple[int, Any], int] = {}

    def rest(at: int, total: Any) -> int:
        low, high = total + least[at], total + greatest[at]
        if low == high or (holds(low, 0) == holds(high, 0) if is_ordered else low > 0 or high < 0):
            return TRUE if holds(low, 0) else FALSE
        found = memo.get((at, total))
        if found is None:
            budget.spend(1, MANY_PARTS)
            level, numbers = terms[at]
            branches = tuple([rest(at + 1, total + number) for number in numbers])
            found = memo[at, total] = diagrams.make(level, branches)
        return found

    return rest(0, constant)


def scalar_of(diagram: Diagram) -> ExactScalar:
    """The scalar that is true exactly if a diagram is."""

    def combine(decision: str, branches: Sequence[tuple[int, Any]]) -> ExactScalar:
        values = [(index, bool(value) if isinstance(value, int) else value) for index, value in branches]
        return expressions.switch(decision, values)

    found = diagram.evaluate_with(combine)
    return bool(found) if isinstance(found, int) else found
