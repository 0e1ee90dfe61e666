"""Intervals and sets of values, against enumeration of random scalars."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.space import expressions
from ssrdsl.space.expressions import ExactScalar, apply, switch
from ssrdsl.space.ranges.intervals import UnboundedError, interval, values

DOMAINS = {"a": (0, 1, 2), "b": (0, 1), "c": (0, 1, 2)}
LEAVES = st.one_of(
    st.integers(-4, 9),
    st.sampled_from([Fraction(1, 2), Fraction(-3, 4)]),
    st.tuples(st.sampled_from(sorted(DOMAINS)), st.lists(st.integers(-5, 9), min_size=3, max_size=3)).map(
        lambda drawn: switch(drawn[0], [(index, drawn[1][index]) for index in DOMAINS[drawn[0]]])
    ),
)


def combined(parts: st.SearchStrategy[ExactScalar]) -> st.SearchStrategy[ExactScalar]:
    return st.one_of(
        st.tuples(parts, parts).map(lambda pair: expressions.add(*pair)),
        st.tuples(parts, parts).map(lambda pair: expressions.multiply(*pair)),
        st.tuples(st.sampled_from(["min", "max", "<", "<=", "=="]), parts, parts).map(lambda drawn: apply(*drawn)),
        st.tuples(st.sampled_from(["floor", "ceil", "round"]), parts).map(lambda drawn: apply(*drawn)),
        parts.map(lambda part: apply("round_to", apply("max", part, 1), 4)),
        st.tuples(parts, st.lists(parts, min_size=4, max_size=4)).map(
            lambda drawn: apply("item", apply("max", 0, apply("min", 3, apply("round", drawn[0]))), *drawn[1])
        ),
        st.tuples(parts, parts, parts).map(lambda three: switch("a", list(enumerate(three)))),
    )


SCALARS = st.recursive(LEAVES, combined, max_leaves=6)


def enumerated(scalar: ExactScalar) -> set[Any]:
    names = sorted(DOMAINS)
    return {
        expressions.assign(scalar, dict(zip(names, indices, strict=True)))
        for indices in product(*(DOMAINS[name] for name in names))
    }


@given(SCALARS)
def test_nothing_is_missed_and_what_is_called_exact_is(scalar):
    taken = enumerated(scalar)
    found = interval(scalar)
    assert all(found.least <= value <= found.greatest for value in taken)
    if found.exact:
        assert (found.least, found.greatest) == (min(taken), max(taken))
    few = values(scalar)
    assert few is None or taken <= few


def test_parts_on_one_decision_are_not_called_exact():
    a, b = switch("a", [(0, 1), (1, 2)]), switch("b", [(0, 1), (1, 5)])
    shared = expressions.add(expressions.multiply(a, b), a)
    assert not interval(shared).exact
    assert interval(expressions.add(a, b)) == (2, 7, True)


def test_an_item_of_a_sorted_list_has_exact_ends():
    index = expressions.add(switch("a", [(0, 0), (1, 1), (2, 2)]), switch("b", [(0, 0), (1, 1)]))
    assert interval(apply("item", index, 5, 7, 7, 9, 20)) == (5, 9, True)
    assert interval(apply("item", index, 5, 9, 7, 8, 20)) == (5, 9, False)


def test_a_divisor_that_may_be_zero_has_no_interval():
    a, b = switch("a", [(0, 1), (1, 2)]), switch("b", [(0, -1), (1, 1)])
    with pytest.raises(UnboundedError):
        interval(expressions.divide(a, b))
