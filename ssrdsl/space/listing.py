"""Short texts of the options of a decision, in the syntax of the language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

from ssrdsl.space.decisions import Decision

LONG = 44
"""Length beyond which only the ends of a list are shown."""


def names(decision: Decision) -> tuple[str, ...]:
    """The variables of a decision: `("d", "s")` for `quarter.joint[2].(d,s)`, else one name, without an index."""
    last = decision.name.rpartition(".")[2].partition("[")[0]
    return tuple(last[1:-1].split(",")) if last.startswith("(") and last.endswith(")") else (last,)


def listed(decision: Decision) -> str:
    """The options as a set: `{32..64 step 4}`; or as a product of sets, `{1, 2, 4} x {1, 2}`."""
    return " x ".join(map(as_set, axes([option.label for option in decision.options])))


def axes(labels: Sequence[str]) -> list[list[str]]:
    """The lists whose product are labels like `(4,2)`; the labels themselves if they are not a full product."""
    tuples = [label[1:-1].split(",") for label in labels if label.startswith("(") and label.endswith(")")]
    if len(tuples) == len(labels) and len({len(parts) for parts in tuples}) == 1:
        factors = [list(dict.fromkeys(column)) for column in zip(*tuples, strict=True)]
        if [list(combination) for combination in product(*factors)] == tuples:
            return factors
    return [list(labels)]


def as_set(labels: Sequence[str]) -> str:
    """`{1, 2, 4}`, or the equivalent `{32..64 step 4}`; only the ends if it is too long."""
    return "{" + as_range(labels) + "}"


def as_range(labels: Sequence[str]) -> str:
    """As `as_set`, without braces."""
    if len(labels) > 2 and all(label.lstrip("-").isdigit() for label in labels):
        numbers = [int(label) for label in labels]
        steps = {later - earlier for earlier, later in pairwise(numbers)}
        if len(steps) == 1 and (step := steps.pop()) > 0:
            return f"{numbers[0]}..{numbers[-1]}" + (f" step {step}" if step > 1 else "")
    text = ", ".join(labels)
    return text if len(text) <= LONG else f"{labels[0]}, ... {len(labels) - 2} more, {labels[-1]}"
