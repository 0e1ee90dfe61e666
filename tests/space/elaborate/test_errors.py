"""Every mistake has a code and a place."""

import pytest

from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.source import Source
from ssrdsl.space import open_source

SPACE = "use std\nspace s {{\n  input image: 3, 32, 64\n  {}\n}}\n"


def diagnostics(text: str):
    with pytest.raises(DiagnosticError) as caught:
        open_source(Source("s.ssr", text))
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("statement", "code", "column", "help"),
    [
        ("output image -> cnv(4)", "E0301", 19, "did you mean `conv`?"),
        ("output image -> conv(4, kernal=3)", "E0402", 27, "did you mean `kernel`?"),
        ("output image -> conv(4, 3, 2)", "E0401", 30, "by name"),
        ("output image -> conv()", "E0403", 19, "conv(channels"),
        ("output image -> 4", "E0404", 19, None),
        ("output 4 -> conv(4)", "E0404", 10, None),
        ("output conv(4)", "E0404", 10, "x -> layer"),
        ("output image + image", "E0406", 10, "add(...)"),
        ("output image -> conv(image)", "E0404", 24, None),
        ("output image -> conv(4, 3, stride={1, 2})", "E0502", 37, "choose"),
        ("output image -> conv({8, 8})", "E0503", 24, None),
        ("output image -> conv({8..4})", "E0503", 24, None),
        ("output image -> conv({4..9 step 2})", "E0503", 25, "ends are included"),
        ("output image -> conv(image.chanels)", "E0302", 24, "did you mean `channels`?"),
        ("output image -> (relu if 1 else relu)", "E0404", 28, None),
        ("output image -> repeat(relu, 1000000)", "E0601", 32, None),
        ("output image -> repeat(relu, -1)", "E0407", 32, None),
        ("output image -> choose { 3 | 4 }", "E0404", 28, None),
        ("output image -> chain([relu, 3])", "E0404", 25, None),
        ("output image -> conv(4, 3, stride=0)", "E0407", 37, None),
        ('output image -> resize(scale=2, mode="bilnear")', "E0407", 40, None),
        ("output image -> conv(10 / 0)", "E0407", 29, "max(1, n)"),
        ("output image -> conv(6 / ({1, 2} - {1, 2}))", "E0407", 28, "max(1, n)"),
        ("output image -> conv(round({1, 2}, {0, 1} + {0, 1}))", "E0407", 24, "max(1, n)"),
        ("require 1 / ({1, 2} - {1, 2}) < 3", "E0407", 15, "max(1, n)"),
        ("output image -> relu if {1, 2} == 1 else image -> relu", "E0504", 27, "choose"),
        ("output image -> conv([4, 8][{1..2}])", "E0407", 31, None),
        ("output image -> conv([4, 8][{0..1} - 1])", "E0407", 31, None),
        ("output image -> conv([4, 8][{0..1} + {0..1}])", "E0407", 31, "every value of the index"),
        ("output image -> [relu, bn][({0..1} + {0..1}) / 2]", "E0407", 30, "every value of the index"),
        ("output image -> conv([[4, 8], [6]][{0..1}][0])", "E0401", 24, "all rows"),
        ("output image -> conv([4, 8][-1])", "E0407", 31, "indices start at 0"),
        ("output image -> conv(sum([4, 8][0..2]))", "E0407", 35, "indices start at 0"),
        ("output image -> conv(len([4, 8][3..]))", "E0407", 35, "indices start at 0"),
        ("output image -> conv(len([4, 8][0..1 step 0]))", "E0407", 35, "must be at least 1"),
        ("output {image, image}", "E0503", 10, "must be different"),
        ("output image -> {relu, relu}", "E0503", 19, "must be different"),
        ("output select(3, [image, image])", "E0407", 17, None),
        ("a, b = image", "E0401", 3, None),
        ("require macs != 3\n  output image", "E0802", 11, "<="),
    ],
)
def test_a_mistake_is_reported_with_its_place(statement: str, code: str, column: int, help: str | None):
    found, *_ = diagnostics(SPACE.format(statement))
    assert (found.code, found.label.span.line, found.label.span.column) == (code, 4, column), found
    if help is not None:
        assert help in (found.help or "")


def test_several_mistakes_are_reported_at_once_and_their_followers_are_not():
    text = SPACE.format("a = image -> cnv(4)\n  b = a -> relu\n  c = b -> bnn\n  d = image -> rellu\n  output c")
    assert [(found.code, found.label.span.line) for found in diagnostics(text)] == [("E0301", 4), ("E0301", 7)]


def test_a_decision_that_nothing_uses_is_reported():
    (found,) = diagnostics(SPACE.format("c = {4, 8}\n  output image -> relu"))
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0501", 4, 7)


def test_an_input_that_no_output_depends_on_is_reported():
    text = SPACE.format("input depth: 1, 8, 8\n  output image -> resize(depth)")
    (found,) = open_source(Source("s.ssr", text)).warnings
    assert (found.code, found.severity, found.label.span.text) == ("E0501", "warning", "input depth: 1, 8, 8")


def test_tied_uses_agree_in_the_number_of_options():
    header = "tied block cell(cs) = choose c in cs { conv(c) }\n"
    text = header + SPACE.format("output image -> cell([4, 8]) -> cell([4, 8, 12])")
    (found,) = diagnostics(text)
    assert found.code == "E0505"
    assert found.secondary


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E0703"),
        ("use std\n", "E0703"),
        ("space a { input x: 1, 2, 3\n output x }\nspace b { input x: 1, 2, 3\n output x }\n", "E0704"),
        ("space a { input x: 1, 2, 3 }\n", "E0703"),
        ("use stdd\nspace a { input x: 1, 2, 3\n output x }\n", "E0701"),
        ('use "missing.ssr"\nspace a { input x: 1, 2, 3\n output x }\n', "E0701"),
        ("use std with bm = bn\nspace a { input x: 1, 2, 3\n output x }\n", "E0301"),
        ("block f = relu\nblock f = relu\nspace a { input x: 1, 2, 3\n output x }\n", "E0304"),
        ("space a { input x: 1, 2, 3\n output x }\nsearch { shrink.belov = 0.1 }\n", "E0705"),
        ("space a { input x: 1, 2, 3\n output x }\nsearch { shrink.below = 3 }\n", "E0705"),
    ],
)
def test_mistakes_of_whole_files(text: str, code: str):
    assert diagnostics(text)[0].code == code


def test_files_that_use_each_other_in_a_circle(tmp_path):
    (tmp_path / "a.ssr").write_text('use "b.ssr"\nblock f = relu\n')
    (tmp_path / "b.ssr").write_text('use "a.ssr"\nblock g = relu\n')
    text = 'use "a.ssr"\nspace s { input x: 1, 2, 3\n output x -> f }\n'
    with pytest.raises(DiagnosticError) as caught:
        open_source(Source(str(tmp_path / "s.ssr"), text))
    (found,) = caught.value.diagnostics
    assert found.code == "E0702"
    assert "a.ssr -> b.ssr -> a.ssr" in found.notes[0]


def test_a_block_that_uses_itself_is_refused():
    (found,) = diagnostics("block f = conv(4) -> f\n" + SPACE.format("output image -> f"))
    assert found.code == "E0303"


def test_a_mistake_inside_the_prelude_is_reported_where_the_prelude_is_applied():
    (found, *_) = diagnostics(SPACE.format("output image -> repeat(basic({16, 32}), 2)"))
    assert (found.code, found.label.span.text) == ("E0504", "basic({16, 32})")
    inside, turn = found.secondary
    assert (inside.span.source.name, inside.text) == ("<std>", "inside this block")
    assert (turn.span.text, turn.text) == ("2", "in iteration 2 of this repeat")


def test_a_mistake_in_a_layer_given_to_the_prelude_is_reported_in_that_layer():
    (found,) = diagnostics(SPACE.format("output image -> residual(conv(4, 3, stride={1, 2}))"))
    assert (found.code, found.label.span.text, found.secondary) == ("E0502", "{1, 2}", ())
