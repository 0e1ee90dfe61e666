"""Small texts and the trees they are read to, with the places of their nodes."""

from fractions import Fraction
from pathlib import Path

import pytest

import ssrdsl
from ssrdsl.language import Source, parse, syntax
from ssrdsl.language.walk import walk
from tests.language.outline import outline

PACKAGE = Path(ssrdsl.__file__).parent
SHIPPED = sorted([*PACKAGE.glob("std/*.ssr"), *PACKAGE.parent.glob("spaces/*.ssr")])

EXPRESSIONS = [
    # numbers, strings, booleans
    ("3", "3"),
    ("0.5", "1/2"),
    ("1e-3", "1/1000"),
    ("1e3", "1000"),
    ("7.8G", "7800000000"),
    ("2k", "2000"),
    ("5ms", "1/200"),
    ("15%", "3/20"),
    ('"bilinear"', '"bilinear"'),
    ('"a # no comment"', '"a # no comment"'),
    ("true", "Boolean(True)"),
    # arithmetic
    ("a + b * c", "Arithmetic(+, a, Arithmetic(*, b, c))"),
    ("(a + b) * c", "Arithmetic(*, Arithmetic(+, a, b), c)"),
    ("a - b - c", "Arithmetic(-, Arithmetic(-, a, b), c)"),
    ("a / b / c", "Arithmetic(/, Arithmetic(/, a, b), c)"),
    ("-a * b", "Arithmetic(*, Negation(a), b)"),
    ("- -a", "Negation(Negation(a))"),
    ("-x.height", "Negation(Attribute(x, height))"),
    # conditions
    ("a == b", "Comparison([a, b], [==])"),
    ("a < b <= c", "Comparison([a, b, c], [<, <=])"),
    ("a or b and c or d", "Junction(or, [a, Junction(and, [b, c]), d])"),
    ("(a or b) and c", "Junction(and, [Junction(or, [a, b]), c])"),
    ("a if b == c else d", "Conditional(a, Comparison([b, c], [==]), d)"),
    ("a if b else c if d else e", "Conditional(a, b, Conditional(c, d, e))"),
    ("x -> f if a else g -> h", "Conditional(Pipe([x, f]), a, Pipe([g, h]))"),
    # layers
    ("x -> f -> g", "Pipe([x, f, g])"),
    ("(x -> f) -> g", "Pipe([Pipe([x, f]), g])"),
    ("(a, b) -> f", "Pipe([Tuple([a, b]), f])"),
    ("conv(c, 3, stride=2)", "Call(conv, [Argument(c), Argument(3), Argument(2, stride)])"),
    ("f()", "Call(f, [])"),
    ("f(a)(b).c[0]", "Index(Attribute(Call(Call(f, [Argument(a)]), [Argument(b)]), c), 0)"),
    ("f(last=i == n)", "Call(f, [Argument(Comparison([i, n], [==]), last)])"),
    ("xs[2..]", "Index(xs, Range(2))"),
    ("xs[1..n - 1]", "Index(xs, Range(1, Arithmetic(-, n, 1)))"),
    ("xs[0..6 step 2]", "Index(xs, Range(0, 6, 2))"),
    # lists and decisions
    ("[]", "List([])"),
    ("[a, 1..4, b -> c]", "List([a, Range(1, 4), Pipe([b, c])])"),
    ("[a, b,]", "List([a, b])"),
    ("[f(n) for n in nodes]", "Comprehension(Call(f, [Argument(n)]), [n], nodes)"),
    ("[a for a, b in xs if a < b]", "Comprehension(a, [a, b], xs, Comparison([a, b], [<]))"),
    ("{16, 24..32 step 8}", "Set([16, Range(24, 32, 8)])"),
    ("{c - 32..c step 4}", "Set([Range(Arithmetic(-, c, 32), c, 4)])"),
    ("choose { f | g -> h | zero }", "ChooseAlternatives([f, Pipe([g, h]), zero])"),
    (
        "choose d in {1, 2}, s in [1, 2] { f(d, s) }",
        (
            "ChooseOver([Domain([d], Set([1, 2])), Domain([s], List([1, 2]))], "
            "Suite([], Call(f, [Argument(d), Argument(s)])))"
        ),
    ),
    ("choose a, b in pairs { f } -> g", "Pipe([ChooseOver([Domain([a, b], pairs)], Suite([], f)), g])"),
]


def read(text: str) -> syntax.File:
    return parse(Source("f.ssr", text))


def value(text: str) -> syntax.Expression:
    (binding,) = read(f"it = {text}\n").items
    assert isinstance(binding, syntax.Binding)
    return binding.value


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_expression(text: str, expected: str) -> None:
    assert outline(value(text)) == expected


FILES = [
    ("use std", "Use(std, True)"),
    ('use "blocks.ssr"', "Use(blocks.ssr, False)"),
    (
        "use std with bn = bn(eps=1e-3), a = b",
        "Use(std, True, [Rebinding(bn, Call(bn, [Argument(1/1000, eps)])), Rebinding(a, b)])",
    ),
    ("a, b = c", "Binding([a, b], c)"),
    ("tied a = b", "Binding([a], b, True)"),
    ("last = i == n", "Binding([last], Comparison([i, n], [==]))"),
    ("block f = g", "Block(f, [], [], Suite([], g))"),
    ("block f(a, b=1) of x, y { x }", "Block(f, [Parameter(a), Parameter(b, 1)], [x, y], Suite([], x))"),
    ("tied block f(a,) = g", "Block(f, [Parameter(a)], [], Suite([], g), True)"),
    ("block f {\n  block g = h\n  g\n}", "Block(f, [], [], Suite([Block(g, [], [], Suite([], h))], g))"),
    (
        "block f of x {\n  for a, b in c { x = a }\n  require n <= 2\n  x\n}",
        (
            "Block(f, [], [x], Suite([For([a, b], c, Suite([Binding([x], a)], None)), "
            "Require(Comparison([n, 2], [<=]))], x))"
        ),
    ),
    (
        "space s(n=3) {\n  input x: 3, n, n + 1\n  output x\n  output y: x\n  auxiliary h: x -> f\n  require n < 9\n}",
        (
            "Space(s, [Parameter(n, 3)], Suite([Input(x, [3, n, Arithmetic(+, n, 1)]), Output(x), Output(x, y), "
            "Output(Pipe([x, f]), h, True), Require(Comparison([n, 9], [<]))], None))"
        ),
    ),
    ("space s {}", "Space(s, [], Suite([], None))"),
    ("search {}", "Search([])"),
    (
        "search { target.macs = 7.8G\n  ssr.input = 30% }",
        "Search([Setting([target, macs], 7800000000), Setting([ssr, input], 3/10)])",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FILES, ids=[text[:30] for text, _ in FILES])
def test_item(text: str, expected: str) -> None:
    (item,) = read(text).items
    assert outline(item) == expected


def test_numbers_keep_their_spelling_and_are_exact() -> None:
    assert value("7.8G") == syntax.Number(7_800_000_000, "7.8G", "G", span=value("1").span)
    assert value("0.1") == syntax.Number(Fraction(1, 10), "0.1", span=value("1").span)
    assert isinstance(value("4.0").value, int)  # type: ignore[attr-defined]


CONTINUED = [
    "x = a -> f -> g\n",
    "x = a\n  -> f\n  -> g\n",
    "x = a ->\n  f ->\n  g\n",
    "x =\n  a -> f\n\n  # a comment between\n\n  -> g\n",
    "x = a -> f  # one\n  -> g  # two\n",
    "\n\nx = a -> f -> g",
    "# only\n\tx\t=\ta -> f -> g\t\n\n",
    "x = a -> f -> g\r\n",
    "x = a\r\n\r\n  -> f\r\n  # comment\r\n  -> g\r\n",
    "\ufeffx = a -> f -> g\n",
    "x = a -> f -> g  # größe\n",
]


@pytest.mark.parametrize("text", CONTINUED, ids=range(len(CONTINUED)))
def test_layout_does_not_matter(text: str) -> None:
    assert read(text) == read(CONTINUED[0])


def test_newlines_count_again_in_braces_inside_parentheses() -> None:
    text = "x = f(\n  choose n in {1, 2} {\n    a = n\n    g(a)\n  },\n  3)\n"
    assert outline(value(text[4:])) == (
        "Call(f, [Argument(ChooseOver([Domain([n], Set([1, 2]))], "
        "Suite([Binding([a], n)], Call(g, [Argument(a)])))), Argument(3)])"
    )


def test_alternatives_and_else_may_begin_lines() -> None:
    assert value("choose {\n    a | b\n  | c\n}") == value("choose { a | b | c }")
    assert value("a if b\n  else c") == value("a if b else c")


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n", "# nothing here\n", "\ufeff", "\r\n\r\n"])
def test_a_file_may_be_empty(text: str) -> None:
    assert read(text).items == ()


def test_spans_begin_and_end_with_their_nodes() -> None:
    text = "block f(c) of x {\n  y = (x -> conv(c, 3)) -> bn(eps=-1)\n  y[1..2]\n}\n"
    spans = {node.span.text for node in walk(read(text))}
    assert spans >= {
        text[:-1],
        "f(c)"[2:3],
        "(x -> conv(c, 3))",
        "conv(c, 3)",
        "eps=-1",
        "-1",
        "y = (x -> conv(c, 3)) -> bn(eps=-1)",
        "y[1..2]",
        "1..2",
    }


def test_every_span_lies_in_that_of_its_parent() -> None:
    text = "space s(n=1) {\n  input x: 3, (n), n\n  output concat([x -> (f)(n) for a in {1..2, 3}] + [x])\n}\n"
    for parent in walk(read(text)):
        for child in walk(parent):
            assert parent.span.start <= child.span.start <= child.span.end <= parent.span.end


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_nodes_are_walked_in_the_order_of_the_text(path: Path) -> None:
    starts = [node.span.start for node in walk(read(path.read_text(encoding="utf-8")))]
    assert starts == sorted(starts)


def test_lines_and_columns_count_from_one() -> None:
    source = Source("f.ssr", "ab\r\n\tcd\n")
    assert [source.position(offset) for offset in (0, 1, 4, 5)] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert (source.line(1), source.line(2), source.line(3)) == ("ab", "\tcd", "")


COMMENTS = """\
# Header of the file.
# Second line.
use std

# Far above.

# What f is.
#   Indented.
block f = bn
block g = bn
# The space.
space s {
  # Inner.
  tied block h = bn
}
"""


def test_comments_describe_the_definition_below_them() -> None:
    tree = read(COMMENTS)
    assert tree.comment == "Header of the file.\nSecond line."
    blocks = {node.name: node.comment for node in walk(tree) if isinstance(node, syntax.Block)}
    assert blocks == {"f": "What f is.\n  Indented.", "g": "", "h": "Inner."}
    assert [item.comment for item in tree.items if isinstance(item, syntax.Space)] == ["The space."]


def test_a_comment_above_the_first_block_is_not_the_header() -> None:
    tree = read("# What f is.\nblock f = bn\n")
    assert tree.comment == ""
    assert [item.comment for item in tree.items if isinstance(item, syntax.Block)] == ["What f is."]


def test_trees_compare_without_their_places_and_comments() -> None:
    assert read("# one\nblock f = bn\n") == read("\n\nblock  f =  bn")


def test_a_hundred_levels_are_read() -> None:
    assert len(list(walk(value("(" * 90 + "a" + ")" * 90)))) == 1
    assert len(list(walk(value(" + ".join(["a"] * 90))))) == 179
