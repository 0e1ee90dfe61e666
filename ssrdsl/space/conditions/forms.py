"""Conditions between their two forms: scalars that are true or false, and diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssrdsl.space import expressions
from ssrdsl.space.conditions.diagrams import FALSE, TRUE, Diagram, Diagrams, TooWide
from ssrdsl.space.expressions import Decided, Scalar

MAX_STEPS = 100_000
"""Partly decided forms of one condition that are told apart before it is given up."""


def diagram_of(diagrams: Diagrams, condition: Scalar) -> Diagram:
    """When a scalar is true. Raises `TooWide`."""
    try:
        return Diagram(diagrams, _compile(diagrams, condition, {}))
    except (TooWide, RecursionError) as error:
        text = expressions.describe(condition)[:80]
        raise TooWide(f"the condition {text} relates too many decisions at once") from error


def _compile(diagrams: Diagrams, scalar: Scalar, memo: dict[Decided, int]) -> int:
    """Takes the decisions of a condition one after another, outermost first."""
    if not isinstance(scalar, Decided):
        return TRUE if scalar else FALSE
    found = memo.get(scalar)
    if found is None:
        if len(memo) > MAX_STEPS:
            raise TooWide("too many partial results")
        level = min(diagrams.level[name] for name in scalar.support)
        decision, domain = diagrams.decisions[level], diagrams.domains[level]
        taken = [expressions.assign(scalar, {decision: index}) for index in domain]
        found = memo[scalar] = diagrams.make(level, tuple([_compile(diagrams, part, memo) for part in taken]))
    return found


def scalar_of(diagram: Diagram) -> Scalar:
    """The scalar that is true where a diagram is."""

    def combine(decision: str, branches: Sequence[tuple[int, Any]]) -> Scalar:
        values = [(index, bool(value) if isinstance(value, int) else value) for index, value in branches]
        return expressions.switch(decision, values)

    found = diagram.evaluate_with(combine)
    return bool(found) if isinstance(found, int) else found
