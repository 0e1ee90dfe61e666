"""Rendering of diagnostics: gutters, underlines, several places, wide characters, colours."""

from ssrdsl.language import Diagnostic, Label, Source, Span
from ssrdsl.language.render import as_json, render

TEXT = "block f(c) of x {\n  add(a, b)\n\n\n  y -> bn\n}\n"
SOURCE = Source("spaces/my.ssr", TEXT)


def span(words: str, source: Source = SOURCE) -> Span:
    start = source.text.index(words)
    return Span(source, start, start + len(words))


def test_as_in_the_design() -> None:
    source = Source("spaces/my.ssr", "\n" * 13 + "  add(a, b)\n")
    diagnostic = Diagnostic(
        "E0203",
        "shapes differ in some architectures of this space",
        Label(span("add(a, b)", source), "left is 64 x 128 x 256, right is 64 x 64 x 128"),
        notes=("when: stage2.s = 2",),
        help="write `b -> resize(a)` to bring the right side to the left one's size",
    )
    assert render(diagnostic) == (
        "error[E0203]: shapes differ in some architectures of this space\n"
        "  --> spaces/my.ssr:14:3\n"
        "   |\n"
        "14 |   add(a, b)\n"
        "   |   ^^^^^^^^^ left is 64 x 128 x 256, right is 64 x 64 x 128\n"
        "   |\n"
        "   = when: stage2.s = 2\n"
        "   = help: write `b -> resize(a)` to bring the right side to the left one's size"
    )


def test_secondary_places_and_plain_notes() -> None:
    secondary = (Label(span("f(c)"), "of this block"), Label(span("a,"), "here"))
    diagnostic = Diagnostic("E0301", "m", Label(span("y -> bn")), secondary, ("plain",), severity="warning")
    assert render(diagnostic) == (
        "warning[E0301]: m\n"
        " --> spaces/my.ssr:5:3\n"
        "  |\n"
        "1 | block f(c) of x {\n"
        "  |       ---- of this block\n"
        "2 |   add(a, b)\n"
        "  |       -- here\n"
        "...\n"
        "5 |   y -> bn\n"
        "  |   ^^^^^^^\n"
        "  |\n"
        "  = note: plain"
    )


def test_a_span_of_several_lines_shows_its_first_and_its_last() -> None:
    whole = Span(SOURCE, TEXT.index("{"), TEXT.rindex("}") + 1)
    assert render(Diagnostic("E0104", "m", Label(whole, "the body"))) == (
        "error[E0104]: m\n"
        " --> spaces/my.ssr:1:17\n"
        "  |\n"
        "1 | block f(c) of x {\n"
        "  |                 ^\n"
        "...\n"
        "6 | }\n"
        "  | ^ the body"
    )


def test_another_file_has_a_snippet_of_its_own() -> None:
    other = Source("blocks.ssr", "block g = bn\n")
    diagnostic = Diagnostic("E0304", "m", Label(span("add")), (Label(span("g", other), "there"),))
    assert render(diagnostic).split("\n")[5:] == [
        " ::: blocks.ssr:1:7",
        "  |",
        "1 | block g = bn",
        "  |       - there",
    ]


def test_tabs_wide_characters_and_marks_are_measured() -> None:
    source = Source("f", '\tx = "漢字e\u0301" y\n')
    lines = render(Diagnostic("E0101", "m", Label(span("y", source)))).split("\n")
    assert lines[3] == '1 |     x = "漢字e\u0301" y'
    assert lines[4] == "  |" + " " * 17 + "^"


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = Source("f\x1b", "x = \x1b[31m \u202e y\n")
    shown = render(Diagnostic("E0102", "the \x07 bell", Label(span("\x1b", source), "\x00")))
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_an_empty_span_at_the_end_has_a_caret() -> None:
    source = Source("f", "x =")
    assert render(Diagnostic("E0104", "m", Label(Span(source, 3, 3)))).split("\n")[3:] == ["1 | x =", "  |    ^"]
    empty = Source("f", "")
    assert render(Diagnostic("E0703", "m", Label(Span(empty, 0, 0)))).split("\n")[3:] == ["1 |", "  | ^"]


def test_long_lines_are_cut_around_the_place() -> None:
    source = Source("f", "a " * 500 + "here " + "b " * 500)
    line, underline = render(Diagnostic("E0101", "m", Label(span("here", source)))).split("\n")[3:]
    assert len(line) < 180
    assert line[underline.index("^") :].startswith("here")
    assert line.startswith("1 | ...")
    assert line.endswith("...")


def test_colours_are_added_and_nothing_else() -> None:
    diagnostic = Diagnostic("E0101", "m", Label(span("add"), "t"), (Label(span("y"), "s"),), help="h")
    coloured = render(diagnostic, colour=True)
    assert "\x1b[1;31merror[E0101]\x1b[0m" in coloured
    plain = coloured
    for code in ("0", "1", "1;31", "1;34", "1;36"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == render(diagnostic)


def test_as_plain_data() -> None:
    secondary = (Label(Span(SOURCE, TEXT.index("{"), len(TEXT) - 1), "body"),)
    assert as_json(Diagnostic("E0101", "m", Label(span("add"), "t"), secondary, ("n",), "h")) == {
        "code": "E0101",
        "severity": "error",
        "message": "m",
        "file": "spaces/my.ssr",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 6,
        "label": "t",
        "secondary": [
            {"file": "spaces/my.ssr", "line": 1, "column": 17, "end_line": 6, "end_column": 2, "label": "body"}
        ],
        "notes": ["n"],
        "help": "h",
    }
