from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.editor.analysis import Analysis, count
from ssrdsl.editor.completion import complete
from ssrdsl.editor.definition import definition
from ssrdsl.editor.formatting import formatting
from ssrdsl.editor.hover import hover
from ssrdsl.editor.lsp.documents import reader
from ssrdsl.editor.outline import outline
from ssrdsl.editor.rename import references
from ssrdsl.language.source import Source
from ssrdsl.space.binding import read_source
from tests.editor.marked import ROOT, SMALL, analyse


def codes(text: str, before: Analysis | None = None) -> list[tuple[str, int]]:
    """The codes and lines of the diagnostics of a text."""
    found = analyse(Source("small.ssr", text), before=before).diagnostics
    return [(diagnostic.code, diagnostic.label.span.line) for diagnostic in found]


def test_a_sound_space_has_no_diagnostics() -> None:
    analysis = analyse(Source("small.ssr", SMALL))
    assert analysis.diagnostics == ()
    assert analysis.meaning is not None
    assert len(analysis.meaning.graph.decisions) == 5


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("conv(mid, 3)", "conv(mid, 3", [("E0103", 7)]),
        ("maxpool(2)", "maxpol(2)", [("E0301", 11)]),
        ("image -> maxpool(2)", "add(image, image -> maxpool(2))", [("E0203", 11)]),
        ("ssr.depth", "ssr.deph", [("E0705", 18)]),
        ("classes=5", "classes", [("E0706", 9)]),
        ("require macs <= 1G", "require 1 > 2", [("E0801", 15)]),
    ],
)
def test_every_stage_reports(right: str, wrong: str, expected: list[tuple[str, int]]) -> None:
    assert codes(SMALL.replace(right, wrong)) == expected


def test_what_a_text_does_not_say_any_more_is_kept() -> None:
    before = analyse(Source("small.ssr", SMALL))
    after = analyse(Source("small.ssr", SMALL.replace("maxpool(2)", "maxpool(")), before=before)
    assert after.diagnostics
    assert after.meaning is before.meaning


def test_a_file_of_definitions_is_no_error_but_its_unknown_names_are() -> None:
    assert codes("use std\nblock f(c) = conv_bn(c) -> relu\n") == []
    assert codes("block f(c) = conv(c) -> rellu\n") == [("E0301", 1)]
    assert codes("x = conv_nb(3)\nblock f = f\n")[0][0] in ("E0301", "E0303")


def test_a_file_without_anything_in_it_has_no_space() -> None:
    assert codes("") == [("E0703", 1)]


def test_unsaved_texts_of_used_files_count() -> None:
    text = 'use "blocks.ssr"\nspace s {\n  input x: 3, 8, 8\n  output x -> f(4)\n}\n'
    read = reader({"/work/here/blocks.ssr": "block f(c) = conv(c)\n"})
    assert analyse(Source("/work/here/s.ssr", text), read).diagnostics == ()
    broken = analyse(Source("/work/here/s.ssr", text), reader({"/work/here/blocks.ssr": "block f(c = conv(c)\n"}))
    assert broken.diagnostics[0].label.span.source.name == "/work/here/blocks.ssr"


def test_architectures_are_counted_or_the_reason_is_given() -> None:
    assert count(Source("small.ssr", SMALL)) == (2 + 4) * (2 + 1)
    assert count(Source("small.ssr", SMALL.replace("classes=5", "classes"))) == (
        "parameter `classes` of `small` has no value"
    )
    assert "unknown" not in str(count(Source("s.ssr", "space s { }")))


def ask_everything(analysis: Analysis, offset: int) -> None:
    hover(analysis, offset)
    complete(analysis.reading, offset, read_source)
    definition(analysis.reading, offset)
    references(analysis.reading, offset, (), read_source)


SIGNS = "{}()[]|->=.,\"'#\n😋é\0"
MUTATIONS: list[Callable[[str, int, int], str]] = [
    lambda text, a, b: text[:a] + text[b:],
    lambda text, a, b: text[:a] + text[b : b + 9] + text[a:],
    lambda text, a, b: text[:a] + SIGNS[b % len(SIGNS)] + text[a:],
    lambda text, a, b: text[:a],
]
BEFORE = analyse(Source("small.ssr", SMALL))
places = st.integers(0, len(SMALL))


@settings(max_examples=60)
@given(edits=st.lists(st.tuples(st.sampled_from(MUTATIONS), places, places), min_size=1, max_size=4), at=places)
def test_no_text_makes_a_function_raise(edits, at: int) -> None:
    text, before = SMALL, BEFORE
    for mutate, start, end in edits:
        text = mutate(text, min(start, end, len(text)), min(max(start, end), len(text)))
        before = analyse(Source("small.ssr", text), before=before)
    outline(before.reading)
    formatting(before.source)
    for offset in {min(at, len(text)), 0, len(text)}:
        ask_everything(before, offset)


@pytest.mark.parametrize("name", ["realtime", "darts", "ofa_mobilenetv3", "spinenet"])
def test_every_place_of_shipped_spaces_can_be_asked_about(name: str) -> None:
    path = ROOT / "spaces" / f"{name}.ssr"
    analysis = analyse(read_source(str(path)))
    assert analysis.diagnostics == ()
    for offset in range(0, len(analysis.source.text), 29):
        hover(analysis, offset)
        definition(analysis.reading, offset)


def test_library_and_shipped_files_of_definitions_are_sound() -> None:
    for path in [ROOT / "ssrdsl" / "std" / "std.ssr", ROOT / "spaces" / "darts_blocks.ssr"]:
        assert analyse(read_source(str(path))).diagnostics == (), Path(path)
