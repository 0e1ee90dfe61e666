"""Conditions between their two forms: scalars that are true or false, and diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssrdsl.space import expressions
from ssrdsl.space.conditions.budget import Budget, TooWide
from ssrdsl.space.conditions.diagrams import FALSE, TRUE, Diagram, Diagrams
from ssrdsl.space.conditions.sums import MANY_PARTS, comparison_of, compile_sum
from ssrdsl.space.expressions import Decided, ExactScalar


def diagram_of(diagrams: Diagrams, condition: ExactScalar) -> Diagram:
    """When a scalar is true. Raises `TooWide`."""
    try:
        with diagrams.looks.half() as looks:
            return Diagram(diagrams, _compile(diagrams, condition, {}, looks))
    except (TooWide, RecursionError) as error:
        of = f"a condition over {len(expressions.support(condition))} decisions"
        raise TooWide(f"{of} relates too many of their options at once") from error


def _compile(diagrams: Diagrams, scalar: ExactScalar, memo: dict[Decided, int], looks: Budget) -> int:
    """Branch on the decisions of a condition one after another, outermost first."""
    if not isinstance(scalar, Decided):
        return TRUE if scalar else FALSE
    found = memo.get(scalar)
    if found is None:
        comparison = comparison_of(diagrams, scalar)
        if comparison is not None:
            found = compile_sum(diagrams, comparison, looks)
        else:
            level = min(diagrams.level[name] for name in scalar.support)
            taken = [_taken(diagrams, scalar, level, index, looks) for index in diagrams.domains[level]]
            found = diagrams.make(level, tuple([_compile(diagrams, part, memo, looks) for part in taken]))
        memo[scalar] = found
    return found


def _taken(diagrams: Diagrams, scalar: Decided, level: int, index: int, looks: Budget) -> ExactScalar:
    """The condition for a chosen option. Every part counts as work: wide conditions are slow at each step."""
    parts: dict[Decided, ExactScalar] = {}
    found = expressions.assign(scalar, {diagrams.decisions[level]: index}, parts)
    looks.spend(len(parts), MANY_PARTS)
    return found


def scalar_of(diagram: Diagram) -> ExactScalar:
    """The scalar that is true exactly if a diagram is."""

    def combine(decision: str, branches: Sequence[tuple[int, Any]]) -> ExactScalar:
        values = [(index, bool(value) if isinstance(value, int) else value) for index, value in branches]
        return expressions.switch(decision, values)

    found = diagram.evaluate_with(combine)
    return bool(found) if isinstance(found, int) else found
