"""How the options of a decision are listed in few words, in the spelling of the language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

from ssrdsl.space.decisions import Decision

LONG = 44
"""Characters beyond which only the ends of a list are told."""


def names(decision: Decision) -> tuple[str, ...]:
    """What a decision varies: `("d", "s")` for `quarter.joint[2].(d,s)`, else one name, without an index."""
    last = decision.name.rpartition(".")[2].partition("[")[0]
    return tuple(last[1:-1].split(",")) if last.startswith("(") and last.endswith(")") else (last,)


def listed(decision: Decision) -> str:
    """The options as a set: `{32..64 step 4}`; as a product of sets, `{1, 2, 4} x {1, 2}`, where they are one."""
    labels = [option.label for option in decision.options]
    factors = axes(labels)
    return " x ".join(as_set(factor) for factor in factors)


def axes(labels: Sequence[str]) -> list[list[str]]:
    """The lists whose product labels like `(4,2)` are; the labels themselves where they are no whole product."""
    tuples = [label[1:-1].split(",") for label in labels if label.startswith("(") and label.endswith(")")]
    if len(tuples) == len(labels) and len({len(parts) for parts in tuples}) == 1:
        factors = [list(dict.fromkeys(column)) for column in zip(*tuples, strict=True)]
        if [list(combination) for combination in product(*factors)] == tuples:
            return factors
    return [list(labels)]


def as_set(labels: Sequence[str]) -> str:
    """`{1, 2, 4}`, or `{32..64 step 4}` where that says the same; only the ends of what is too long."""
    return "{" + as_range(labels) + "}"


def as_range(labels: Sequence[str]) -> str:
    """The same without braces."""
    if len(labels) > 2 and all(label.lstrip("-").isdigit() for label in labels):
        numbers = [int(label) for label in labels]
        steps = {later - earlier for earlier, later in pairwise(numbers)}
        if len(steps) == 1 and (step := steps.pop()) > 0:
            return f"{numbers[0]}..{numbers[-1]}" + (f" step {step}" if step > 1 else "")
    text = ", ".join(labels)
    return text if len(text) <= LONG else f"{labels[0]}, ... {len(labels) - 2} more, {labels[-1]}"
