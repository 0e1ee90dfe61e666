"""Mistakes of kind and of name: what stands where something else is wanted, what has a name that is taken."""

import pytest

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError
from ssrdsl.language.source import Source
from ssrdsl.space import Program, open_source


def opened(*lines: str) -> Program:
    """A space with these lines, on from line 4."""
    inside = "\n".join(f"  {line}" for line in lines)
    return open_source(Source("s.ssr", f"use std\nspace s {{\n  input image: 3, 32, 64\n{inside}\n}}\n"))


def mistake(*lines: str) -> Diagnostic:
    with pytest.raises(DiagnosticError) as caught:
        opened(*lines)
    (found,) = caught.value.diagnostics
    return found


def place(found: Diagnostic) -> tuple[str, int, int]:
    return found.code, found.label.span.line, found.label.span.column


@pytest.mark.parametrize(
    ("line", "column", "help"),
    [
        ("require macs", 11, "require macs <= 10G"),
        ("require macs + 1 <= 3k", 11, "write a bound such as"),
        ("require macs <= 3G or parameters < 3", 11, "write a bound such as"),
        ("require macs <= macs", 11, "1G <= macs <= 10G"),
        ("require 1 < 2 < macs", 11, "1G <= macs <= 10G"),
        ("require macs < 2 * parameters", 22, "require parameters <= 10G"),
    ],
)
def test_a_cost_is_bounded_by_a_number_alone(line: str, column: int, help: str):
    found = mistake(line, "output image")
    assert place(found) == ("E0802", 4, column)
    assert help in (found.help or "")


def test_a_cost_that_is_bounded_shares_its_name_with_nothing():
    assert place(mistake("macs = 3", "require macs <= 5", "output image")) == ("E0802", 5, 11)


@pytest.mark.parametrize("condition", ["c", "c or c == 1", "c == 1 and c", "[c, 1][0]"])
def test_a_decided_number_is_no_condition(condition: str):
    found = mistake("c = {1, 2}", f"require {condition}", "output image -> conv(c)")
    assert (found.code, found.label.span.line) == ("E0404", 5)


def test_a_decided_truth_is_a_condition():
    graph = opened("c = {1, 2}", "d = [c == 1, c == 2][0]", "require d or c == 2", "output image -> conv(c)").graph
    assert list(graph.decisions) == ["c"]


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        ("conv({true, false})", 24),
        ('conv({"a", "b"})', 24),
        ('linear({"a", 2})', 26),
        ("conv(4, {true, 1})", 27),
        ('conv(4, 3, dilation={1, "a"})', 39),
        ('resize(({5, "a"}, 3))', 27),
        ('conv(2 * ["a", "b"][{0, 1}])', 28),
        ('conv({"a", "b"} + 1)', 24),
        ('conv(max({"a", "b"}, 2))', 28),
        ('repeat(relu, {"a", "b"})', 32),
    ],
)
def test_texts_and_truths_are_no_numbers(expression: str, column: int):
    assert place(mistake(f"output image -> {expression}")) == ("E0404", 4, column)


def test_texts_are_not_ordered():
    assert mistake('c = {"a", "b"}', "require c < 3", "output image").code == "E0404"


def test_channels_of_an_input_are_not_decided():
    found = mistake("input other: {1, 3}, 8, 8", "output other")
    assert place(found) == ("E0502", 4, 16)
    assert "height and width" in (found.help or "")


@pytest.mark.parametrize(
    ("expression", "code"), [("image.foo -> relu", "E0302"), ("3 -> relu", "E0404"), ("(2 + 2) -> conv(4)", "E0404")]
)
def test_a_value_that_is_not_a_tensor_is_reported_at_its_place(expression: str, code: str):
    found = mistake(f"output {expression}")
    assert found.code == code
    assert found.label.span.column in {10, 11}
    assert "layer" not in found.message


def test_options_are_tensors_or_layers_alike():
    found = mistake("output choose { image -> conv(4) | conv(4, 3) }")
    assert place(found) == ("E0404", 4, 10)
    assert "apply every option" in (found.help or "")


def test_a_choice_does_not_run_over_what_is_decided():
    found = mistake("c = {1, 2}", "output image -> choose d in c { conv(d * c) }")
    assert place(found) == ("E0404", 5, 31)
    assert "write the set itself" in (found.help or "")


@pytest.mark.parametrize(
    ("lines", "line", "column"),
    [
        (("block f(c, c) = conv(c)", "output image -> f(1, 2)"), 4, 14),
        (("block f(c) of a, a { a -> conv(c) }", "output (image, image) -> f(1)"), 4, 20),
        (("block f(a) of a { a -> relu }", "output image -> f(1)"), 4, 17),
        (("block f = relu", "block f = bn", "output image -> f"), 5, 9),
        (("for a, a in [(1, 2)] { image = image -> conv(a) }", "output image"), 4, 10),
        (("a, a = (image, image)", "output a"), 4, 6),
        (("output concat([image -> conv(a) for a, a in [(1, 2)]])",), 4, 42),
        (("output choose k in {1, 3}, k in {3, 5} { image -> conv(4, k) }",), 4, 30),
        (("input image: 3, 8, 8", "output image"), 4, 3),
        (("output a: image", "output a: image"), 5, 3),
        (("output a: image", "auxiliary a: image -> relu"), 5, 3),
    ],
)
def test_a_name_has_one_meaning(lines: tuple[str, ...], line: int, column: int):
    found = mistake(*lines)
    assert place(found) == ("E0304", line, column)
    assert found.secondary[0].text == "first defined here"


def test_what_nobody_asks_for_may_be_called_the_same():
    assert list(opened("a, _, _ = split(6, 3)", "output image -> conv(a)").graph.decisions) == ["(a,_,_)"]


def test_what_follows_from_an_unknown_name_is_not_reported():
    assert mistake("a, b = choose { (image, image) | image }", "output concat(a, b)").code == "E0401"
    lines = ("a, b = image -> cnv(4)", "c = (a -> relu, b) -> unpool(2)", "d = [a, c] -> relu", "output d -> relu")
    assert mistake(*lines).code == "E0301"


def test_a_layer_over_tensors_that_are_not_known_is_no_second_mistake():
    found = mistake("ys = [image -> conv(nope)]", "output add([y -> relu for y in ys])")
    assert place(found) == ("E0301", 4, 23)


def test_a_tensor_may_be_matched_to_itself():
    assert len(opened("output add(match(image, image), image -> conv(3))").graph) == len(
        opened("output add(image, image -> conv(3))").graph
    )


@pytest.mark.parametrize(
    ("call", "line"), [("mbconv(8, expand={1, 2})", 52), ("squeeze_excite(conv(3))", 47), ("upsample({1, 2})", 21)]
)
def test_a_mistake_that_shows_inside_of_the_prelude_is_reported_where_it_is_used(call: str, line: int):
    found = mistake(f"output image -> {call}")
    assert (found.label.span.source.name, found.label.span.line, found.label.span.column) == ("s.ssr", 4, 19)
    assert [(part.span.source.name, part.span.line) for part in found.secondary] == [("<std>", line)]
    assert found.help


def test_every_error_has_a_help_line():
    """Read from the source: no call of `fail`, which reports all mistakes of meaning, is without a `help`."""
    import ast
    from pathlib import Path

    import ssrdsl.space.elaborate as package

    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fail":
                assert "help" in {keyword.arg for keyword in node.keywords}, f"{path.name}:{node.lineno}"
