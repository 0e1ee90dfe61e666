"""Scalars that depend on several decisions: their cases in elaboration."""

from __future__ import annotations

import pytest

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.source import Source
from ssrdsl.space.check import check
from ssrdsl.space.expressions import assign
from ssrdsl.space.size.counting import architectures
from tests.space.texts import body, graph_of

DECISIONS = ("a = {0..2}", "b = {0..2}")


def found(*lines: str) -> list[Diagnostic]:
    return list(check(Source("test.ssr", body(*lines))))


def only(*lines: str) -> Diagnostic:
    (diagnostic,) = found(*lines)
    return diagnostic


@pytest.mark.parametrize(
    "line",
    [
        "output x -> conv(60 / (3 - a - b))",
        "output x -> conv(round(60, 3 - a - b))",
        "output x -> conv(round_to(60, 3 - a - b))",
        "require 60 / (3 - a - b) > 2\n  output x -> conv(a + 1) -> conv(b + 1)",
        "output x -> conv(60 / [4, 8, 12, 0, 16][a + b])",
    ],
)
def test_a_divisor_that_is_zero_in_one_case(line: str):
    diagnostic = only(*DECISIONS, line)
    assert (diagnostic.code, diagnostic.message) == ("E0407", "division by zero in some architectures")
    assert diagnostic.notes == ("when: a = 1, b = 2",)
    assert diagnostic.label.span.line == 6


def test_a_divisor_that_is_zero_in_a_case_that_a_requirement_excludes():
    assert only(*DECISIONS, "require a + b <= 2", "output x -> conv(60 / (3 - a - b))").code == "E0407"


def test_a_divisor_between_numbers_of_both_signs_that_is_never_zero():
    assert found(*DECISIONS, "output x -> conv(10 + 10 / (2 * a + 2 * b - 5))") != []  # not whole, but a number
    assert found("a = {1, 3}", "b = {1, 3}", "output x -> conv(60 / (a - b + 1) + 64)") == []


@pytest.mark.parametrize(
    ("index", "when"), [("a + b", "a = 2, b = 2"), ("a - b + 2", "a = 2, b = 0"), ("a - b", "a = 0, b = 1")]
)
def test_an_index_that_leaves_its_list_in_one_case(index: str, when: str):
    diagnostic = only(*DECISIONS, f"output x -> conv([4, 8, 16, 20][{index}])")
    assert diagnostic.code == "E0407"
    assert diagnostic.notes == (f"when: {when}",)
    assert diagnostic.label.span.column == 35


def test_an_index_that_is_no_whole_number_in_one_case():
    assert only(*DECISIONS, "output x -> conv([4, 8, 16, 20][(a + b) / 2])").notes == ("when: a = 0, b = 1",)


def test_cases_beyond_measure():
    widths = "widths = [{1, n * n * n * n} for n in [2..40]]"
    diagnostic = only(widths, "w = sum(widths) - 7000000", "output x -> conv(8 / (w * w + 1))")
    assert diagnostic.code == "E0605"


def test_the_cases_of_conditions_are_limited(monkeypatch: pytest.MonkeyPatch):
    assigned = 0

    def counted(*arguments):
        nonlocal assigned
        assigned += 1
        return assign(*arguments)

    monkeypatch.setattr("ssrdsl.space.elaborate.cases.assign", counted)
    diagnostics = found(
        "w = sum([{0, n} for n in [1..14]])",
        "y = [x]",
        "for i in [1..3000] {",
        "  y = [y[0] -> conv(8 if w * (w + 1) == 2 * i + 1 else 9)]",  # a product that is even whatever is chosen
        "}",
        "output y[0]",
    )
    assert diagnostics[0].code == "E0504"
    assert assigned < 6_000


def test_a_condition_that_is_false_in_every_case():
    assert found(*DECISIONS, "w = a + b", "output x -> conv(8 if w * (w + 1) == 7 else 9) -> conv(w + 1)") == []


def test_a_condition_on_numbers_beyond_measure():
    wide = "{1000000000, 1000000001}"
    diagnostic = only(f"w = {wide}", f"v = {wide}", "u = {0, 1}", "output x -> conv(8 if w * v * u == 7 else 9)")
    assert (diagnostic.code, diagnostic.label.span.line) == ("E0603", 7)


STRINGS = (
    'a = {"p", "q"}',
    'b = {"p", "q"}',
    "o = {0, 1}",
    "c = [a, b][o]",
    'd = ["p", "q", "r"][sum(o, a == "p")]',
)


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ('c == "p" or a == "q"', 7),
        ('"p" != c', 4),
        ("c == b", 6),
        ('d == "p"', 2),
        ("d == c or d != a", 7),
    ],
)
def test_strings_that_depend_on_several_decisions_are_compared(condition: str, count: int):
    channels = 'sum(8, a == "p", 2 * max(0, b == "p"), 4 * o)'
    graph = graph_of(*STRINGS, f"require {condition}", f"output x -> conv({channels})")
    options = [
        (a, b, o, [a, b][o], ["p", "q", "r"][o + (a == "p")]) for a in ("p", "q") for b in ("p", "q") for o in (0, 1)
    ]
    met = [eval(condition, dict(zip("abocd", values, strict=True))) for values in options]
    assert architectures(graph) == sum(met) == count
