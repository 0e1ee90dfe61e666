from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.editor.definition import definition
from ssrdsl.editor.formatting import formatting
from ssrdsl.editor.outline import outline
from ssrdsl.editor.reading import read_text
from ssrdsl.editor.rename import Change, references, rename, renamed_span
from ssrdsl.errors import UserError
from ssrdsl.language.format import format_source
from ssrdsl.language.source import Source
from ssrdsl.space.binding import read_source
from ssrdsl.space.binding.symbols import SymbolKind
from ssrdsl.space.program import open_source
from tests.editor.marked import ROOT, SMALL, put, read


def changed(text: str, changes: tuple[Change, ...]) -> str:
    for span, new in sorted(changes, key=lambda change: -change.span.start):
        text = text[: span.start] + new + text[span.end :]
    return text


def renamed(text: str, words: str, name: str) -> str:
    """A text after renaming the name at some words."""
    return changed(text, rename(read(text), put(text, words), name, (), read_source))


def test_a_parameter_is_renamed_with_the_arguments_that_name_it() -> None:
    assert renamed(SMALL, "drop=0.1", "p") == SMALL.replace("drop=", "p=").replace("2d(drop)", "2d(p)")
    assert renamed(SMALL, "drop=0.2", "p") == renamed(SMALL, "drop)", "p")


def test_a_binding_is_renamed_in_its_scope_alone() -> None:
    text = "block f of x {\n  y = x\n  y -> relu\n}\nblock g of y { y }\n"
    assert renamed(text, "y = x", "z") == text.replace("y = x\n  y ->", "z = x\n  z ->")


def test_blocks_inputs_and_spaces_are_renamed() -> None:
    assert renamed(SMALL, "narrow(c", "slim") == SMALL.replace("narrow(", "slim(")
    assert renamed(SMALL, "image:", "picture") == SMALL.replace("image", "picture")
    assert renamed(SMALL, "small(", "tiny") == SMALL.replace("small(", "tiny(")


@pytest.mark.parametrize(
    ("words", "name", "message"),
    [
        ("mid =", "for", "reserved word"),
        ("mid =", "conv", "is defined by the language"),
        ("mid =", "2x", "is not a valid name"),
        ("mid =", "c", "is already used"),
        ("mid =", "drop", "is already used"),
        ("half =", "narrow", "is already used"),
        ("narrow(c", "residual", None),
        ("conv(mid", "fold", "is defined by the language"),
        ("repeat(", "again", "is defined by the language"),
        ("macs", "cost", "is defined by the language"),
        ("require", "demand", "no name here"),
    ],
)
def test_names_that_would_change_the_meaning_are_refused(words: str, name: str, message: str | None) -> None:
    if message is None:
        assert renamed(SMALL, words, name) == SMALL.replace("narrow(", f"{name}(")
        return
    with pytest.raises(UserError, match=message):
        renamed(SMALL, words, name)


def test_what_belongs_to_the_prelude_is_refused() -> None:
    text = "use std with bn = bn(eps=1e-3)\nblock f = conv_bn(3) -> bn\n"
    for words in ("conv_bn", "bn = bn", "bn\n"):
        with pytest.raises(UserError, match="is defined in the prelude"):
            renamed(text, words, "other")


def test_a_parameter_that_may_be_meant_elsewhere_is_refused() -> None:
    text = "block f(c) = conv(c)\nblock g of x { for h in [f] { x = x -> h(c=3) }\n  x\n}\n"
    with pytest.raises(UserError, match=r"line 2 of small.ssr passes `c`"):
        renamed(text, "c) = conv", "width")


def test_a_broken_text_is_not_renamed() -> None:
    with pytest.raises(UserError, match="has syntax errors"):
        renamed_span(read(SMALL + "(", SMALL), put(SMALL, "mid"))


@settings(max_examples=30)
@given(place=st.integers(0, len(SMALL)))
def test_a_name_can_be_changed_there_and_back(place: int) -> None:
    try:
        span = renamed_span(read(SMALL), place)
    except UserError:
        return
    there = changed(SMALL, rename(read(SMALL), place, "quite_another", (), read_source))
    assert there != SMALL
    assert len(open_source(Source("s.ssr", there)).graph) == len(open_source(Source("s.ssr", SMALL)).graph)
    back = rename(read(there), there.index("quite_another"), span.text, (), read_source)
    assert changed(there, back) == SMALL


# Several files


BLOCKS = "# Twice.\nblock twice(c) = conv(c) -> conv(c)\n"
USER = 'use "blocks.ssr"\nspace s {\n  input x: 3, 8, 8\n  output x -> twice(c=4)\n}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blocks.ssr").write_text(BLOCKS)
    (tmp_path / "user.ssr").write_text(USER)
    (tmp_path / "stranger.ssr").write_text("block twice(c) = relu\n")
    return tmp_path


def test_other_files_that_use_a_name_change_with_it(folder: Path) -> None:
    sources = [read_source(str(path)) for path in sorted(folder.iterdir())]
    for asked, words in (("blocks.ssr", "twice("), ("user.ssr", "twice(")):
        reading = read_text(read_source(str(folder / asked)), read_source)
        changes = rename(reading, put(reading.source.text, words), "double", sources, read_source)
        files = {Path(change.span.source.name).name: change.span.text for change in changes}
        assert files == {"blocks.ssr": "twice", "user.ssr": "twice"}
    reading = read_text(read_source(str(folder / "blocks.ssr")), read_source)
    found = references(reading, put(BLOCKS, "c)"), sources, read_source)
    assert [(Path(span.source.name).name, span.line) for span in found] == [
        ("blocks.ssr", 2), ("blocks.ssr", 2), ("blocks.ssr", 2), ("user.ssr", 4),
    ]  # fmt: skip


def test_a_name_taken_in_another_file_is_refused(folder: Path) -> None:
    (folder / "user.ssr").write_text(USER.replace("space s {", "space s {\n  double = 2"))
    sources = [read_source(str(path)) for path in sorted(folder.iterdir())]
    reading = read_text(read_source(str(folder / "blocks.ssr")), read_source)
    with pytest.raises(UserError, match="is already used"):
        rename(reading, put(BLOCKS, "twice"), "double", sources, read_source)


def test_definitions_are_found_in_other_files_and_in_the_prelude(folder: Path) -> None:
    reading = read_text(read_source(str(folder / "user.ssr")), read_source)
    (span,) = definition(reading, put(USER, "twice("))
    assert (Path(span.source.name).name, span.line, span.text) == ("blocks.ssr", 2, "twice")
    (span,) = definition(reading, put(USER, "c=4"))
    assert (span.line, span.column, span.text) == (2, 13, "c")
    (span,) = definition(reading, put(USER, '"blocks'))
    assert (Path(span.source.name).name, span.start) == ("blocks.ssr", 0)
    small = read("use std\nblock f = conv_bn(3)\n")
    (span,) = definition(small, put(small.source.text, "conv_bn"))
    assert span.source.name == "<std>"
    (span,) = definition(small, put(small.source.text, "std"))
    assert (span.source.name, span.start) == ("<std>", 0)


def test_definitions_of_this_file_are_the_last_ones_before() -> None:
    text = "block f of x {\n  x = x -> relu\n  x\n}\n"
    reading = read(text)
    assert [span.line for span in definition(reading, put(text, "x\n}"))] == [2]
    assert [span.line for span in definition(reading, put(text, "x -> relu"))] == [1]
    assert definition(reading, put(text, "relu")) == ()
    assert definition(reading, put(text, "{")) == ()


# Outline and style


def test_the_outline_has_the_shape_of_the_file() -> None:
    entries = outline(read(SMALL))
    assert [(e.name, e.kind) for e in entries] == [
        ("narrow", SymbolKind.BLOCK),
        ("small", SymbolKind.SPACE),
        ("search", None),
    ]
    assert [part.name for part in entries[0].parts] == ["mid"]
    assert [part.name for part in entries[1].parts] == ["image", "half", "body", "deep"]
    assert [part.name for part in entries[2].parts] == ["ssr.depth"]
    assert entries[1].detail == "space small(classes=5, size=32)"
    for each in (*entries, *(part for entry in entries for part in entry.parts)):
        assert each.span.start <= each.name_span.start <= each.name_span.end <= each.span.end


def test_the_outline_names_results_heads_and_what_loops_bind() -> None:
    text = (
        "space s {\n  input x: 3, 8, 8\n  for i in [1..2] {\n    y = x -> conv(i)\n  }\n"
        "  output main: y\n  auxiliary head: y -> relu\n}\n"
    )
    (space,) = outline(read(text))
    assert [(part.name, part.kind) for part in space.parts] == [
        ("x", SymbolKind.INPUT), ("y", SymbolKind.BINDING), ("main", SymbolKind.OUTPUT), ("head", SymbolKind.HEAD),
    ]  # fmt: skip
    assert [part.name_span.text for part in space.parts] == ["x", "y", "main", "head"]


def test_the_outline_of_a_broken_text_is_that_of_before_moved() -> None:
    broken = "block (\n\n" + SMALL
    names = [(entry.name, entry.name_span.line) for entry in outline(read(broken, SMALL))]
    assert names == [("narrow", 6), ("small", 11), ("search", 20)]


@pytest.mark.parametrize("name", ["realtime", "darts_blocks", "enet"])
def test_formatting_changes_what_differs_only(name: str) -> None:
    text = format_source((ROOT / "spaces" / f"{name}.ssr").read_text())
    spoiled = text.replace(" -> ", "   ->   ", 3)
    changes = formatting(Source("f.ssr", spoiled))
    assert changed(spoiled, changes) == text
    assert sum(len(change.text) for change in changes) < len(text) / 2
    assert formatting(Source("f.ssr", text)) == ()


def test_a_broken_text_is_not_formatted() -> None:
    assert formatting(Source("f.ssr", "block f( {")) == ()
