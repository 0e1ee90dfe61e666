"""The text of code on one line: parentheses only where they are needed."""

import pytest

from ssrdsl.emission.code.trees import Raw, Ternary, calls, flat, replacing, symbols, with_symbols
from ssrdsl.emission.instances.instance import LoopVariable
from ssrdsl.operators.construction import Called, Code, Extent, Infix, Leaf, Slice, Subscript
from ssrdsl.space.expressions.algebra import name
from ssrdsl.space.expressions.formulas import evaluate
from ssrdsl.space.expressions.symbols import apply, either, named

X, Y = Raw("x"), Raw("y")
STRIDED = apply("!=", named(2, "stride"), 1)
WIDER = apply(">", named(8, "c"), named(4, "e") * named(2, "in_channels"))
GATED = named(True, "se")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (Infix("*", (Infix("+", (X, Y)), X)), "(x + y) * x"),
        (Infix("+", (Infix("*", (X, Y)), X)), "x * y + x"),
        (Called(".flatten", (Infix("+", (X, Y)), 1)), "(x + y).flatten(1)"),
        (Called("", (X, Y), (("dim", 1),)), "x(y, dim=1)"),
        (Extent(X), "x.shape[2:]"),
        (Subscript(X, (Slice(), Slice(None, None, Leaf(named(2, "stride"))))), "x[:, ::stride]"),
        (Leaf(STRIDED), "stride != 1"),
        (Leaf(WIDER), "c > e * in_channels"),
        (Leaf(apply("and", STRIDED, WIDER)), "stride != 1 and c > e * in_channels"),
        (Leaf(apply("and", STRIDED, apply("or", STRIDED, GATED))), "stride != 1 and (stride != 1 or se)"),
        (Leaf(apply("or", apply("and", STRIDED, GATED), WIDER)), "(stride != 1 and se) or c > e * in_channels"),
        (Leaf(apply("==", named(2, "stride") / 2, named(3, "e") / 3)), "3 * stride == 2 * e"),
        (Infix("*", (Leaf(either(STRIDED, named(8, "c"), 4)), X)), "(c if stride != 1 else 4) * x"),
        (Leaf(2 * either(STRIDED, named(8, "c"), 4) + 1), "2 * (c if stride != 1 else 4) + 1"),
        (Ternary(Called("nn.Identity"), Leaf(STRIDED), X), "nn.Identity() if stride != 1 else x"),
    ],
)  # fmt: skip
def test_text(code: Code, text: str):
    assert flat(code) == text


def test_leaves_of_equal_values_differ_where_they_read_otherwise():
    assert Leaf(named(8, "c")) == Leaf(named(16, "c"))
    assert Leaf(named(8, "c")) != Leaf(8)
    assert Leaf(True) != Leaf(1)
    assert len({Called("f", (Leaf(named(8, "c")),)), Called("f", (Leaf(named(4, "c")),))}) == 1


def test_names_are_found_and_changed_everywhere():
    code = Ternary(Called("f", (Leaf((named(8, "c"), 1)),), (("groups", Leaf(named(8, "c"))),)), Leaf(WIDER), X)
    assert [str(symbol) for symbol in symbols(code)] == ["c", "c", "c > e * in_channels"]
    assert [call.target for call in calls(code)] == ["f"]

    assert (
        flat(with_symbols(code, replacing({"c": name("out")})))
        == "f((out, 1), groups=out) if out > e * in_channels else x"
    )


def test_the_variable_of_a_loop_has_its_own_name():
    loop = LoopVariable(("turn",), "r")
    doubled = 2 * named(3, loop)
    assert str(doubled) == "2 * r"
    assert evaluate(doubled.form, {loop: 5}) == 10
