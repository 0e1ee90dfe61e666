"""Proof of shapes in every architecture: what is found, where, and with which witness."""

from __future__ import annotations

from typing import Any

import pytest

from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.operators.definition import Rule
from ssrdsl.space.conditions.diagrams import Diagram
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.prove import prove, satisfiable, violations
from ssrdsl.space.prove.violations import Judge, ViolationSearch
from ssrdsl.space.ranges import factors
from tests.space.texts import body, findings, program


def only(*lines: str):
    found = findings(*lines)
    assert len(found) == 1, [d.message for d in found]
    return found[0]


def test_a_disagreement_in_one_architecture_of_many_names_it_and_both_shapes():
    found = only(
        "a = x -> conv(8, 3)",
        "s = {1, 2}",
        "c = {8, 12}",
        "b = x -> conv(c, 3)",
        "output add(a, b) -> conv(s, 1)",
    )
    assert found.code == "E0203"
    assert found.message == "shapes differ in some architectures of this space"
    assert (found.label.span.line, found.label.span.column) == (8, 10)
    assert found.label.text == "left is 8 x 12 x 12, right is 12 x 12 x 12"
    assert found.notes == ("when: c = 12",)
    assert found.help is not None


def test_a_disagreement_in_every_architecture_needs_no_witness():
    found = only("output add(x -> conv({8, 16}, 3), x -> conv(8, 3, stride=2))")
    assert found.notes == ()
    assert found.message == "shapes differ"
    assert found.label.text == "left is 8..16 x 12 x 12, right is 8 x 6 x 6"


def test_widths_that_agree_by_one_decision_are_no_error():
    assert findings("c = {8, 16}", "output add(x -> conv(c, 3), x -> conv(c, 1))") == ()
    assert (
        findings("c = {8, 16}", "y = x -> conv(c, 1)", "output concat(y, x -> conv(24 - y.channels, 1)) -> conv(4)")
        == ()
    )


def test_what_disagrees_only_where_it_is_not_alive_is_no_error():
    dead = "choose { conv(c, 1) | pair(c) }"
    block = "block pair(c) of x {\n  add(x -> conv(c, 1), x -> conv(8, 1))\n}\n"
    alive = f"{block}space t() {{\n  input x: 3, 8, 8\n  c = {{8, 16}}\n  output x -> {dead} -> conv(2)\n}}\n"
    (found,) = prove(program("use std\n" + alive).graph).found
    assert found.notes == ("when: choose = pair, c = 16",) or found.notes == ("when: c = 16, choose = pair",)
    excluded = alive.replace("  output", "  require c <= 8\n  output")
    assert prove(program("use std\n" + excluded).graph).found == []


def test_options_of_different_extents_are_reported_at_the_choice_and_nowhere_else():
    found = only("y = x -> choose s in {1, 2, 4} { conv(8, 3, stride=s) }", "output add(y, x -> conv(8)) -> conv(2)")
    assert found.code == "E0206"
    assert (found.label.span.line, found.label.span.column) == (4, 12)
    assert found.label.text == "`1` is 8 x 12 x 12, `2` is 8 x 6 x 6"
    assert found.message == "the options differ in height"


def test_several_places_are_reported_at_once_each_of_them_once():
    found = findings(
        "y = add(x, x -> conv(8))",
        "z = add(x, x -> conv(9))",
        "output concat(y, z) -> conv(2)",
    )
    assert [d.label.span.line for d in found] == [4, 5]


def test_one_finding_for_a_place_that_is_elaborated_many_times():
    text = "use std\nblock f(c) of x {\n  add(x, x -> conv(c))\n}\n" + body(
        "output x -> conv(8) -> chain([f(8), f(4), f(8), f(5)]) -> conv(2)"
    ).replace("use std\n", "")
    (found,) = prove(program(text).graph).found
    assert found.label.span.line == 3


def test_inside_the_prelude_the_users_own_line_is_reported_first():
    found = only("output x -> bottleneck(0)")
    assert found.code == "E0201"
    assert found.label.span.source.name == "test.ssr"
    assert found.label.span.line == 4


@pytest.mark.parametrize(
    ("line", "code", "note"),
    [
        ("output x -> conv({0, 4})", "E0201", "when: conv.channels = 0"),
        ("output x -> conv(3 / 2)", "E0202", None),
        ("c = {4, 5}\n  output x -> conv(c / 2)", "E0202", "when: c = 5"),
        ("output x -> conv(6) -> conv(4, groups=4)", "E0204", None),
        ("output x -> maxpool(2) -> maxpool(2) -> maxpool(2) -> maxpool(2) -> conv(2)", "E0201", None),
        ("c = {8, 16}\n  output x -> conv(40 - 3 * c) -> conv(2)", "E0201", "when: c = 16"),
    ],
)
def test_numbers_that_cannot_be(line, code, note):
    try:
        found = findings(line)
    except DiagnosticError as error:  # refused before, by elaboration
        found = error.diagnostics
    codes = {d.code: d for d in found}
    assert code in codes
    if note is not None:
        assert note in codes[code].notes


def test_sums_of_many_widths_are_proved_without_looking_at_all_of_them():
    widths = [f"c{i} = {{8..64 step 8}}" for i in range(12)]
    tensors = [f"y{i} = x -> conv(c{i})" for i in range(12)]
    names = ", ".join(f"y{i}" for i in range(12))
    total = " + ".join(f"c{i}" for i in range(12))
    assert findings(*widths, *tensors, f"output add(concat({names}), x -> conv({total})) -> conv(2)") == ()
    found = only(*widths, *tensors, f"output add(concat({names}), x -> conv({total} - c3 + c4)) -> conv(2)")
    assert found.code == "E0203"


def test_requirements_that_nothing_meets():
    found = only("c = {8, 16}", "d = {8, 16}", "require c + d > 40", "output x -> conv(c) -> conv(d)")
    assert (found.code, found.label.span.line) == ("E0801", 6)
    both = only("c = {8, 16}", "d = {8, 16}", "require c < d", "require d < 16", "output x -> conv(c) -> conv(d)")
    assert (both.code, both.label.span.line) == ("E0801", 7)
    assert [label.span.line for label in both.secondary] == [6]
    assert findings("c = {8, 16}", "d = {8, 16}", "require c < d", "output x -> conv(c) -> conv(d)") == ()


@pytest.mark.parametrize("unpool", ["unpool(2)", "unpool(4, stride=2)", "unpool((4, 2), stride=(4, 2))"])
def test_positions_go_back_to_where_they_were_found(unpool: str):
    found = only("y, i = x -> maxpool_indices(4)", f"output (y, i) -> {unpool}")
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0203", 5, 20)
    assert "positions refer to a tensor of another" in found.message
    assert "kernel, stride and padding" in (found.help or "")


def test_of_alike_unpoolings_each_is_looked_at():
    pool = "y, i = x -> maxpool_indices(4)"
    other = "a, j = x -> avgpool(2) -> maxpool_indices(2)"  # 3 x 3 as well
    assert findings(pool, "output (y, i) -> unpool(4)") == ()
    found = only(pool, other, "output add((y, i) -> unpool(4), (a, j) -> unpool(4))")
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0203", 6, 45)


def test_positions_may_pass_by_a_choice_but_not_be_chosen():
    pool = "y, i = x -> maxpool_indices(2)"
    through = "block pass(c) of a, b { (a -> conv(c), b) }"
    assert findings(pool, through, "output (y, i) -> repeat(pass(3), {1, 2}) -> unpool(2)") == ()
    found = only("y, i = x -> choose { maxpool_indices(2) | maxpool_indices(2) }", "output (y, i) -> unpool(2)")
    assert (found.code, found.message) == ("E0207", "positions of maxima cannot be combined")
    mixed = only(
        "y, i = choose { x -> maxpool_indices(2) | (x -> maxpool(2), x -> maxpool(2)) }", "output (y, i) -> unpool(2)"
    )
    assert mixed.code == "E0206"


def test_zeros_of_a_vector_have_no_stride():
    assert findings("output x -> linear(4) -> zero") == ()
    assert only("output x -> linear(4) -> zero(stride=2)").code == "E0207"


def test_a_fact_on_many_decisions_is_given_up_soon(monkeypatch: pytest.MonkeyPatch):
    cases = 0
    holds = Judge.holds

    def counted(judge: Judge, rule: Rule) -> bool | None:
        nonlocal cases
        cases += 1
        return holds(judge, rule)

    monkeypatch.setattr(Judge, "holds", counted)
    widths = "widths = [{1, n * n * n * n} for n in [2..40]]"
    found = only(widths, "w = sum(widths) - 7000000", "output x -> conv(w * w + 1)")
    assert found.code == "E0605"
    assert cases < 3_000


def test_filters_for_each_channel_may_be_many():
    lines = ("c, d = split(8, 2)", "y = concat(x -> conv(c), x -> conv({2, 4}))")
    many = "y -> conv(40 * y.channels, groups=y.channels) -> conv(d)"
    assert findings(*lines, f"output add({many}, x -> conv(d))") == ()


@pytest.mark.parametrize(
    "layers",
    [
        "conv({3, 6}, 3, groups=3)",
        "conv(6) -> conv({6, 12}, 3, groups=6)",
        "conv(c) -> conv(12, 3, groups=c)",
        "conv(c) -> conv(c * c, 3, groups=c)",
        "conv(c) -> deconv({12, 24}, 2, groups=c)",
    ],
)
def test_filters_do_not_change_their_group(layers: str):
    found = only("c = {6, 12}", f"output x -> {layers} -> conv(c)")
    assert (found.code, found.label.span.line) == ("E0502", 5)
    assert "fixed multiple of its groups" in found.message


def test_a_fixed_number_of_filters_for_each_channel_may_be_decided():
    lines = ("c, d = split(8, 2)", "y = concat(x -> conv(c), x -> conv({2, 4}))")
    assert findings("c = {6, 12}", "output x -> conv(c) -> conv(2 * c, 3, groups=c)") == ()
    assert findings(*lines, "output add(y -> conv(3 * y.channels, groups=y.channels) -> conv(d), x -> conv(d))") == ()


def test_a_place_that_fails_often_is_worded_once(monkeypatch: pytest.MonkeyPatch):
    worded = 0
    shortened = ViolationSearch.shortened

    def counted(*arguments):
        nonlocal worded
        worded += 1
        return shortened(*arguments)

    monkeypatch.setattr(ViolationSearch, "shortened", counted)
    found = only(
        "ys = [x]",
        "for i in permutation([1, 2, 3, 5]) {",
        "  ys = ys + [x -> resize((12 / i, 8)) -> resize(x)]",
        "}",
        "output select({1..4}, ys)",
    )
    assert (found.code, found.notes) == ("E0202", ("when: permutation[0] = 3, select = 1",))
    assert worded == 2  # the facts that fail at the first of four


def test_what_narrowing_wide_guards_takes_is_counted(monkeypatch: pytest.MonkeyPatch):
    walked = 0
    restrict = Diagram.restrict

    def counted(guard: Diagram, survivors):
        nonlocal walked
        walked += sum(len(guard.diagrams.branches[part]) for part in guard.diagrams.below(guard.number))
        return restrict(guard, survivors)

    monkeypatch.setattr(Diagram, "restrict", counted)
    monkeypatch.setattr(violations, "MAX_STEPS_IN_ALL", 100)
    found = only(
        "sides = [1, 2, 3, 5]",
        "ys = [x, x -> bn]",
        "for i in [j + {-1..0} for j in permutation([1, 1, 1, 1, 2, 2, 2, 2, 2, 3])] {",
        "  ys = ys + [select(2, [y -> resize((12 / sides[i], 12)) -> resize(x) for y in ys]) -> choose { relu | bn }]",
        "}",
        "output add([y -> global_pool for y in ys[7..]])",
    )
    assert found.code == "E0202"
    assert walked < 130_000


def test_what_all_requirements_together_may_take_is_bounded(monkeypatch: pytest.MonkeyPatch):
    """Those that are too wide share the entries that one alone might take, and leave some to those after them."""
    monkeypatch.setattr(satisfiable, "MAX_ENTRIES", 20_000)
    spent = []

    class Counted(factors.Problem):
        def combine(self, function: Any, tables: list[factors.Table]) -> factors.Table:
            table = super().combine(function, tables)
            spent.append(table.array.size)
            return table

    monkeypatch.setattr(factors, "Problem", Counted)
    ws = "ws = [" + ", ".join("{3, 7, 19, 31, 45, 58, 71, 88}" for _ in range(12)) + "]"
    wide = [f"require ws[{i}] * ws[{i + 1}] * ws[{i + 2}] <= {300 + i}" for i in range(9)]
    lines = (*wide, "require ws[0] <= 45", "h = x", "for w in ws { h = h -> conv(w, 1) }", "output h")
    found = findings(ws, *lines)
    assert {(d.code, d.severity) for d in found} == {("E0801", "warning")}
    assert "cannot determine whether this requirement can be met" in {d.message for d in found}
    assert sum(spent) <= 20_000
    assert 0 < len(found) < len(wide) + 1


def test_requirements_are_looked_at_together_once_where_they_can_be_met(monkeypatch: pytest.MonkeyPatch):
    asked = []

    class Counted(factors.Problem):
        def require(self, condition: ExactScalar) -> None:
            asked.append(condition)
            super().require(condition)

    monkeypatch.setattr(factors, "Problem", Counted)
    ws = "ws = [" + ", ".join("{1..4}" for _ in range(12)) + "]"
    ordered = [f"require ws[{i}] <= ws[{i + 1}]" for i in range(11)]
    assert not findings(ws, *ordered, "h = x", "for w in ws { h = h -> conv(w, 1) }", "output h")
    assert len(asked) == 2 * 11
