"""One mistake for each case, with the code, the line and the column at which it is reported, and words of its help."""

import pytest

from ssrdsl.language import DiagnosticError, Source, parse

CASES = [
    # brackets
    ("block f(c) of x {\n  x\n", "E0103", 2, 3, "add `}`"),
    ("block f = conv(3\nblock g = bn\n", "E0103", 2, 1, "add `)`"),
    ("block f(xs) = add([1, 2)\n", "E0103", 1, 24, "add `]`"),
    ("block f = bn)\n", "E0103", 1, 13, "remove it"),
    ("block f of x {\n  y = f(3\n  z = 2\n  z\n}\n", "E0103", 3, 3, "add `)`"),
    ("block f of x\n  x -> bn\n}\n", "E0113", 1, 12, "add `{`"),
    ("block f of x:\n  x -> bn\n}\n", "E0113", 1, 13, "`{` instead of `:`"),
    ("block f of x\n{\n  x -> bn\n}\n", "E0113", 2, 1, "move `{` to the end"),
    ("block f of x {\n  x\n} y\nspace s {\n  output x\n}\n", "E0101", 3, 3, None),
    ("block f of x\n", "E0113", 1, 12, "block name(parameters) of inputs { ... }"),
    # signs
    ("x = 3 if n = 1 else 2\n", "E0109", 1, 12, "`==`"),
    ("space s {\n  require macs = 3G\n}\n", "E0109", 2, 16, "`==`"),
    ("x: 3\n", "E0109", 1, 2, "name = value"),
    ("block f = conv(3, stride: 2)\n", "E0109", 1, 25, "name=value"),
    ("search {\n  target.macs: 3G\n}\n", "E0109", 2, 14, "name=value"),
    ("x = 2 ** 3\n", "E0109", 1, 7, "multiply"),
    ("x = 7 // 3\n", "E0109", 1, 7, "floor(a / b)"),
    ("x += 1\n", "E0109", 1, 3, "x = x + ..."),
    ("x = y = 3\n", "E0109", 1, 7, "separate statements"),
    ("block f of x {\n  x.y = 3\n  x\n}\n", "E0109", 2, 7, "bind a new name"),
    ("f(c) = conv(c)\n", "E0105", 1, 1, "`block`"),
    # ranges
    ("x = [1...4]\n", "E0109", 1, 7, "`1..5`"),
    ("x = [1:4]\n", "E0109", 1, 7, "`1..5`"),
    ("x = 1..4\n", "E0113", 1, 6, "`{1..5}` for a decision"),
    ("x = xs[..4]\n", "E0104", 1, 8, "[0..2]"),
    ("block f of x {\n  for i in 1..4 { x = x -> bn }\n  x\n}\n", "E0113", 2, 13, "for i in [1..4] { ... }"),
    # lists, sets, choose
    ("x = f(a b)\n", "E0113", 1, 9, "`a, b`"),
    ("x = [1 2]\n", "E0113", 1, 8, "`1, 2`"),
    ("block f(a b) = bn\n", "E0113", 1, 11, "`a, b`"),
    ("x = choose { a, b }\n", "E0109", 1, 15, "choose { f | g }"),
    ("x = choose (a | b)\n", "E0113", 1, 12, "choose { f | g }"),
    ("x = choose a | b\n", "E0113", 1, 14, "choose { f | g }"),
    ("x = choose { a b }\n", "E0113", 1, 16, "`a | b`"),
    ("x = {1 | 2}\n", "E0109", 1, 8, "choose { f | g }"),
    ("x = a | b\n", "E0109", 1, 7, "choose { f | g }"),
    ("x = {}\n", "E0104", 1, 5, "`[]`"),
    ("x = add(f(n) for n in ns)\n", "E0113", 1, 14, "[f(n) for n in nodes]"),
    # words
    ("def f(x):\n", "E0109", 1, 1, "block name(parameters)"),
    ("class Net {\n}\n", "E0109", 1, 1, "block name(parameters)"),
    ("block f of x { return x }\n", "E0109", 1, 16, "omit `return`"),
    ("block step(c) = conv(c)\n", "E0108", 1, 7, "another name"),
    ("block f of x {\n  input = 3\n  x\n}\n", "E0108", 2, 3, "input name: channels"),
    ("x = f(for=3)\n", "E0108", 1, 7, "another name"),
    ("tied relu\n", "E0101", 1, 1, "tied name = value"),
    ("block f of x {\n  if c == 4 { y = x }\n  x\n}\n", "E0105", 2, 3, "a if condition else b"),
    # strings, characters, numbers
    ('use "blocks.ssr\n', "E0106", 1, 5, 'end it with `"`'),
    ("use 'blocks.ssr'\n", "E0106", 1, 5, '"blocks.ssr"'),
    ("x = a @ b\n", "E0102", 1, 7, None),
    ("x = a → b\n", "E0102", 1, 7, "`->`"),
    ("größe = 3\n", "E0102", 1, 1, "ASCII letters"),
    ("x = 3x3\n", "E0107", 1, 5, "(3, 3)"),
    ("x = 2c\n", "E0107", 1, 5, "2 * c"),
    ("x = .5\n", "E0107", 1, 5, "0.5"),
    ("x = f(1.)\n", "E0107", 1, 7, "1.0"),
    ("x = " + "9" * 41 + "\n", "E0111", 1, 5, None),
    ("x = 1e41\n", "E0111", 1, 5, None),
    # values
    ("x =\ny = 3\n", "E0104", 1, 3, "next line"),
    ("x = 3 +\n", "E0104", 1, 7, "`+`"),
    ("x = f(a, , b)\n", "E0104", 1, 8, "`,`"),
    ("x = -> bn\n", "E0104", 1, 3, "`=`"),
    ("-> bn\n", "E0105", 1, 1, "bind it"),
    ("x = a if b\n", "E0104", 1, 7, "a if condition else b"),
    ("x = a, b\n", "E0101", 1, 6, "(a, b)"),
    ("x = 3 y = 4\n", "E0113", 1, 7, "insert a line break"),
    ("x = 3\n  + 4\n", "E0101", 2, 3, "end the line above"),
    ("block f of x {\n  x -> bn\n  y = 3\n}\n", "E0105", 2, 3, "after the last statement"),
    ("block f of x {\n  y == 3\n  x\n}\n", "E0105", 2, 3, "`y = ...`"),
    ("block f of x {\n  y = 3\n}\n", "E0104", 3, 1, "end the body"),
    ("block f of x {\n  for i in [1] { x -> bn }\n  x\n}\n", "E0105", 2, 18, "bind it"),
    # places
    ("output x\n", "E0105", 1, 1, "space name"),
    ("block f of x {\n  output x\n  x\n}\n", "E0105", 2, 3, "ends with its value"),
    ("space s {\n  space t { output 3 }\n}\n", "E0105", 2, 3, "out of the braces"),
    ("space s {\n  x -> bn\n}\n", "E0105", 2, 3, "`output`"),
    ("block (c) = bn\n", "E0113", 1, 1, "block name"),
    ("block f(c) x { x }\n", "E0113", 1, 12, "of x"),
    ("space s of x { output x }\n", "E0101", 1, 9, "input name: channels"),
    ("space s {\n  input x = 3, 4, 5\n}\n", "E0113", 2, 11, "input name: channels"),
    ("block f(xs) = add([g(x) for x of xs])\n", "E0113", 1, 31, "[f(n) for n in nodes]"),
    ("use std, blocks\n", "E0101", 1, 8, "another `use`"),
    # limits
    ("x = " + "(" * 150 + "1" + ")" * 150 + "\n", "E0110", 1, 55, "bind inner parts to names"),
    ("x = " + " + ".join(["1"] * 150) + "\n", "E0110", 1, 5, "sum([...])"),
    ("#" * 200_001, "E0112", 1, 1, "repeat"),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "help"), CASES, ids=[repr(case[0][:40]) for case in CASES])
def test_mistake(text: str, code: str, line: int, column: int, help: str | None) -> None:
    with pytest.raises(DiagnosticError) as raised:
        parse(Source("f.ssr", text))
    assert len(raised.value.diagnostics) == 1
    (diagnostic,) = raised.value.diagnostics
    span = diagnostic.label.span
    assert (diagnostic.code, span.line, span.column) == (code, line, column)
    assert help is None or (diagnostic.help is not None and help in diagnostic.help)


def test_mistakes_of_several_statements_are_reported_together() -> None:
    text = "x = 2 ** 3\nblock f of x {\n  y = a b\n  z = [1 2]\n  z\n}\nblock g(step) = bn\n"
    with pytest.raises(DiagnosticError) as raised:
        parse(Source("f.ssr", text))
    assert [(d.code, d.label.span.line) for d in raised.value.diagnostics] == [
        ("E0109", 1),
        ("E0113", 3),
        ("E0113", 4),
        ("E0108", 7),
    ]


def test_no_more_than_twenty_mistakes_are_reported() -> None:
    with pytest.raises(DiagnosticError) as raised:
        parse(Source("f.ssr", "x = 2 ** 3\n" * 100))
    assert len(raised.value.diagnostics) == 20
