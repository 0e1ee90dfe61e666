"""Symbols compute with values and remember how they were written."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.operators.construction import scalar_text
from ssrdsl.space.expressions import apply
from ssrdsl.space.expressions.formulas import evaluate
from ssrdsl.space.expressions.formulas import replaced as with_names
from ssrdsl.space.expressions.formulas import text as text_of
from ssrdsl.space.expressions.symbols import SymbolicValue, named

C, X, E = named(64, "c"), named(16, "in_channels"), named(4, "e")


@pytest.mark.parametrize(
    ("symbol", "text", "value"),
    [
        (C - X, "c - in_channels", 48),
        (C - X + X, "c", 64),
        (X - C, "in_channels - c", -48),
        (-C + X, "in_channels - c", -48),
        (4 * C, "4 * c", 256),
        (C / 4, "c // 4", 16),
        (3 * C / 4, "3 * c // 4", 48),
        ((C + X) / 8, "(c + in_channels) // 8", 10),
        (C / 4 * 4, "c", 64),
        (X * E, "e * in_channels", 64),
        (E * X + 1, "e * in_channels + 1", 65),
        (2 * (C + X), "2 * c + 2 * in_channels", 160),
        (C // 3, "c // 3", 21),
        (2 * (C // 3), "2 * (c // 3)", 42),
        (C // X, "c // in_channels", 4),
        (math.floor(C / 5), "c // 5", 12),
        (apply("max", 1, X // 4), "max(1, in_channels // 4)", 4),
        (apply("round_to", E * X / 4, 8), "round_to(e * in_channels / 4, 8)", 16),
    ],
)
def test_arithmetic_is_written_as_an_engineer_would(symbol: SymbolicValue, text: str, value: int):
    assert (str(symbol), symbol.value) == (text, value)


def test_what_cancels_out_is_a_plain_number():
    assert C - C == 0
    assert not isinstance(C - C, SymbolicValue)
    assert not isinstance(C + 10 - C, SymbolicValue)


def test_comparisons_are_those_of_the_values():
    assert C == 64
    assert C > X
    assert C % X == 0
    assert bool(named(0, "s")) is False
    assert named(3, "k") in (1, 3)


def test_what_operators_of_other_packages_may_do_works_too():
    assert abs(-X) == 16
    assert str(X**2) == "in_channels * in_channels"
    assert (math.floor(C / 5), math.ceil(C / 5), round(C / 5)) == (12, 13, 13)


def test_the_same_form_in_another_order_is_the_same():
    assert (X * E).form == (E * X).form
    assert str(C + X) == "c + in_channels"


@given(c=st.integers(1, 999), x=st.integers(1, 999), a=st.integers(-9, 9), b=st.integers(-9, 9), d=st.integers(1, 9))
def test_forms_and_their_texts_have_the_value_that_was_computed(c: int, x: int, a: int, b: int, d: int):
    one, other = named(c, "c"), named(x, "x")
    symbol = (a * one + b * other - d) * one
    if isinstance(symbol, SymbolicValue):
        assert symbol.value == (a * c + b * x - d) * c == evaluate(symbol.form, {"c": c, "x": x})
        assert eval(str(symbol), {"c": c, "x": x}) == symbol.value
    below = one // d
    assert eval(scalar_text(below), {"c": c}) == c // d


def test_sums_of_names_are_multiplied_out():
    assert str((C + X) * E - E * X) == "e * c"
    assert str((C + 1) * (X + 1)) == "c * in_channels + c + in_channels + 1"


def test_names_are_replaced_by_what_they_mean():
    form = (E * X + 2).form
    assert text_of(with_names(form, lambda name: 16 if name is X.form else name)) == "16 * e + 2"
    assert text_of(with_names(form, lambda name: C.form if name is E.form else name)) == "c * in_channels + 2"


@pytest.mark.parametrize(
    ("scalar", "text"),
    [
        (Fraction(3, 100), "0.03"),
        (Fraction(1, 1000), "1e-3"),
        (1e-5, "1e-5"),
        (0.01, "0.01"),
        (Fraction(4), "4"),
        (True, "True"),
        ("bilinear", '"bilinear"'),
        ((C, 1), "(c, 1)"),
        ((3,), "(3,)"),
    ],
)
def test_scalars_are_written_as_python(scalar: object, text: str):
    assert scalar_text(scalar) == text
