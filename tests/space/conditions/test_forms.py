"""Conditions as diagrams: they are equivalent to the scalar, and raise errors if they take too long."""

from __future__ import annotations

import itertools
from functools import reduce

import pytest

from ssrdsl.space import expressions
from ssrdsl.space.conditions import diagrams as module
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.conditions.diagrams import Diagrams
from ssrdsl.space.conditions.forms import diagram_of
from ssrdsl.space.decisions import only
from ssrdsl.space.expressions import ExactScalar, add, apply, multiply

RELATIONS = ("==", "!=", "<", "<=", ">", ">=")
IRREGULAR = (3, 7, 19, 31, 45, 58, 71, 88)


def widths(count: int, values: tuple[int, ...] = IRREGULAR) -> list[ExactScalar]:
    """Decisions d0, d1, ... of these options."""
    return [
        expressions.switch(f"d{at}", [(index, value + at) for index, value in enumerate(values)]) for at in range(count)
    ]


def minus(left: ExactScalar, right: ExactScalar) -> ExactScalar:
    return add(left, multiply(-1, right))


def diagrams_of(count: int, options: int = len(IRREGULAR)) -> Diagrams:
    return Diagrams({f"d{at}": tuple(range(options)) for at in range(count)})


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("bound", [-100, 0, 3, 4, 9, 100])
def test_a_comparison_of_a_sum_is_true_where_it_holds(relation: str, bound: int):
    terms = [multiply(sign, width) for sign, width in zip((1, -2, 3), widths(3, (0, 1, 3)), strict=True)]
    condition = apply(relation, reduce(add, terms), bound)
    diagram = diagram_of(diagrams_of(3, 3), condition)
    for taken in itertools.product(range(3), repeat=3):
        assignment = {f"d{at}": index for at, index in enumerate(taken)}
        assert diagram.restrict(only(assignment)).is_true == expressions.assign(condition, assignment)


def test_a_comparison_of_a_sum_counts_each_partial_sum_once():
    """Eight options of 24 decisions have few sums, but 8 ** 24 combinations."""
    diagrams = diagrams_of(24)
    before = diagrams.part_budget.left
    assert not diagram_of(diagrams, apply("==", reduce(add, widths(24)), 1000)).is_false
    assert before - diagrams.part_budget.left <= 24 * 1000


@pytest.mark.parametrize("kind", ["squares", "differences", "largest"])
def test_a_condition_of_very_many_partial_results_is_given_up(monkeypatch: pytest.MonkeyPatch, kind: str):
    monkeypatch.setattr(module, "MAX_PARTS", 4000)
    ws = widths(24)
    condition = {
        "squares": lambda: apply("<=", reduce(add, [multiply(w, w) for w in ws]), 40000),
        "differences": lambda: apply("<=", reduce(add, [multiply(minus(ws[0], w), minus(ws[1], w)) for w in ws]), 4000),
        "largest": lambda: apply("<=", multiply(reduce(lambda a, b: apply("max", a, b), ws), reduce(add, ws)), 60000),
    }[kind]()
    diagrams = diagrams_of(24)
    with pytest.raises(TooWide, match="decisions relates too many of their options at once"):
        diagram_of(diagrams, condition)
    assert 1500 < diagrams.part_budget.left <= 2000  # what it was allowed is spent, and the rest is left to others
    assert not diagram_of(diagrams, apply("<=", add(ws[0], ws[1]), 50)).is_false


@pytest.mark.parametrize("level", range(3))
@pytest.mark.parametrize("mask", range(8))
def test_a_condition_is_narrowed_to_options_of_a_decision_before_within_and_after_it(level: int, mask: int):
    diagrams = diagrams_of(3, 3)
    ws = widths(3, (0, 1, 3))
    for parts in (ws[:2], ws[1:], ws[::2], ws):
        number = diagram_of(diagrams, apply("<=", reduce(add, parts), 4)).number
        options = diagrams.make(level, tuple([mask >> at & 1 for at in range(3)]))
        assert diagrams.narrow(number, level, mask) == diagrams.conjoin((number, options))


def test_joining_is_given_up_even_where_no_diagram_is_new(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MAX_JOINED", 200)
    ws = widths(12)
    diagrams = diagrams_of(12)
    parts = [
        diagram_of(diagrams, apply("<=", multiply(ws[at], ws[(5 * at + 2) % 12]), 900 + 50 * at)) for at in range(12)
    ]
    with pytest.raises(TooWide, match="too many combinations of conditions"):
        diagrams.conjoin(part.number for part in parts)
