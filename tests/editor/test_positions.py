import pytest

pytest.importorskip("pygls")

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import (
    Position,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
)

from ssrdsl.editor.lsp.positions import UTF8, UTF16, UTF32, Lines, units
from ssrdsl.language.source import Source

ENCODINGS = [UTF8, UTF16, UTF32]
texts = st.text(alphabet="ab =\n\r\f\u2028é中😋\t", max_size=40)


@pytest.mark.parametrize(("encoding", "column"), [(UTF8, 7), (UTF16, 4), (UTF32, 3)])
def test_columns_count_units_of_the_encoding(encoding: str, column: int) -> None:
    lines = Lines("x\né😋x=1", encoding)
    assert lines.position(lines.text.index("=")) == Position(1, column)
    assert units("é😋x", encoding) == column


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=texts)
def test_every_offset_comes_back_from_its_position(encoding: str, text: str) -> None:
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":  # there is no position between the two
            assert lines.offset(lines.position(offset)) == offset


@given(text=texts)
def test_only_the_three_ends_of_lines_of_the_protocol_count(text: str) -> None:
    line = Lines(text).position(len(text)).line
    assert line == len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1


def test_positions_beyond_a_line_or_the_text_are_taken_back() -> None:
    lines = Lines("ab\r\nc")
    assert lines.offset(Position(0, 99)) == 2
    assert lines.offset(Position(1, 99)) == 5
    assert lines.offset(Position(9, 0)) == 5


def test_a_column_inside_of_a_character_is_its_start() -> None:
    assert Lines("😋x").offset(Position(0, 1)) == 0


@given(
    text=texts,
    edits=st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.text(alphabet="ab\n😋", max_size=4)), max_size=5
    ),
)
def test_edits_follow_one_another(text: str, edits: list[tuple[int, int, str]]) -> None:
    expected, sent = text, list[TextDocumentContentChangeEvent]()
    for start, end, new in edits:
        lines = Lines(expected)
        first, last = sorted((min(start, len(expected)), min(end, len(expected))))
        places = lines.position(first), lines.position(last)
        first, last = map(lines.offset, places)
        sent.append(TextDocumentContentChangePartial(Range(*places), new))
        expected = expected[:first] + new + expected[last:]
    assert Lines(text).edited(sent) == expected


def test_an_edit_without_a_stretch_replaces_everything() -> None:
    end = Range(Position(0, 3), Position(0, 3))
    edits: list[TextDocumentContentChangeEvent] = [
        TextDocumentContentChangeWholeDocument("new"),
        TextDocumentContentChangePartial(end, "er"),
    ]
    assert Lines("old").edited(edits) == "newer"


def test_a_byte_order_mark_is_no_part_of_the_source() -> None:
    text = "\ufeffspace s { }"
    lines, source = Lines(text), Source("f.ssr", text)
    offset = source.text.index("s {")
    assert lines.position(offset) == Position(0, offset + 1)
    assert lines.offset(lines.position(offset)) == offset
    assert lines.offset(Position(0, 0)) == 0
