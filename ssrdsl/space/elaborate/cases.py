"""Case distinction of decided scalars: decisions are assigned one after another until the value is constant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ssrdsl.language.source import Span
from ssrdsl.space import activity
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.elaborate.builder import GraphBuilder
from ssrdsl.space.expressions import Decided, ExactScalar, assign, support
from ssrdsl.space.faults import fail
from ssrdsl.space.ranges.intervals import UnboundedError, interval

DECISIONS_PER_CASE = 10
"""Each case of a scalar counts once more for every ten decisions that the scalar depends on."""


def cases(scalar: ExactScalar, builder: GraphBuilder) -> Iterator[tuple[Any, dict[str, int]]]:
    """The values of a scalar, each with options that lead to it; a value may occur several times.

    Raises `TooWide` if the budget of cases of the space is used up, `ExpressionLimit` for numbers that are too large.
    """
    seen: set[Decided] = set()
    left: list[tuple[ExactScalar, dict[str, int], dict[str, int]]] = [(scalar, {}, {})]
    while left:
        whole, choice, taken = left.pop()
        if choice:
            builder.case_budget.spend(
                1 + len(support(whole)) // DECISIONS_PER_CASE, "too many decisions are involved here"
            )
        part, taken = assign(whole, choice), taken | choice
        value = _value(part)
        if value is not None:
            yield value, taken
        elif isinstance(part, Decided) and part not in seen:
            seen.add(part)
            decision = next(activity.met((part,)))  # the decision itself depends on no other
            options = builder.decisions[decision].options
            left += [(part, {decision: option.index}, taken) for option in reversed(options)]


def _value(scalar: ExactScalar) -> Any:
    """The only value of a scalar; None if it has several, or if its interval does not show that it is constant."""
    if not isinstance(scalar, Decided):
        return scalar
    with suppress(UnboundedError):
        bounds = interval(scalar)
        if bounds.is_constant:
            return bounds.least
    return None


def refuse(condition: ExactScalar, builder: GraphBuilder, span: Span, message: str, help: str | None = None) -> None:
    """Raise an error if a condition holds in some architecture, or if that cannot be excluded."""
    if condition in builder.refuted:
        return
    try:
        found = next((taken for value, taken in cases(condition, builder) if value), None)
    except TooWide as reason:
        fail(
            "E0605",
            f"cannot prove for every architecture: `{message}` never happens",
            span,
            label=str(reason),
            help="involve fewer decisions: bind a shared set to a name",
        )
    if found is not None:
        labels = [f"{name} = {builder.decisions[name].options[index].label}" for name, index in found.items()]
        fail("E0407", message, span, notes=(f"when: {', '.join(labels)}",) if labels else (), help=help)
    builder.refuted.add(condition)
