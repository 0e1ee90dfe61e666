import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.editor.reading import moved
from ssrdsl.language.source import Source
from tests.editor.marked import SMALL, put, read


def test_a_broken_text_keeps_the_last_module() -> None:
    broken = SMALL.replace("half = image ->", "half = image -> conv(")
    reading = read(broken, SMALL)
    assert not reading.is_whole
    assert reading.mistakes
    found = reading.occurrence(put(broken, "deep ->"))
    assert found is not None
    assert found.symbol.name == "deep"
    present = reading.present(found.symbol.span)  # type: ignore[arg-type]
    assert present.source.text is broken
    assert present.start == put(broken, "deep =")


def test_a_text_broken_from_the_start_is_read_without_its_broken_statements() -> None:
    reading = read(SMALL.replace("mid = {8, c}", "mid = {8, c} 5"))
    assert not reading.is_whole
    assert reading.module is not None
    assert reading.occurrence(put(reading.source.text, "deep ->")) is not None
    assert [name.name for name in reading.module.names.unknown] == ["mid"]


@pytest.mark.parametrize(
    "line", ["x = half -> narrow(16, ", "x = half -> ", "for i in [1..2] {", "x = choose { half | "]
)
def test_a_text_that_grows_is_read_up_to_where_it_is_written(line: str) -> None:
    before = "use std\n"
    text = SMALL[: SMALL.index("  body =")] + "  " + line
    reading = read(text, before)
    assert {"half", "image", "classes", "narrow", "residual"} <= reading.visible(len(text)).keys()
    found = reading.occurrence(put(text, "half ="))
    assert found is not None
    assert found.span.source is reading.source


def test_the_more_complete_one_of_two_texts_is_read() -> None:
    broken = SMALL.replace("half = image -> maxpool(2)", "half = ")
    reading = read(broken, SMALL)
    assert "half" in reading.visible(put(broken, "deep ="))
    assert reading.module is not None
    assert reading.module.source.text == SMALL


def test_a_text_that_makes_no_sense_has_no_module() -> None:
    reading = read("block }{ )(\n" * 9)
    assert reading.mistakes
    assert reading.occurrence(3) is None


texts = st.text("ab", max_size=6)
edits = st.text("xy", max_size=6)  # other letters than around it, so that there is one place for the edit


@given(head=texts, before=edits, after=edits, tail=texts)
def test_what_is_around_an_edit_moves_with_it(head: str, before: str, after: str, tail: str) -> None:
    one, other = Source("f", head + before + tail), Source("f", head + after + tail)
    for offset in range(len(one.text)):
        there = moved(offset, one, other)
        assert 0 <= there <= len(other.text)
        if offset < len(head) or offset >= len(head + before):
            assert other.text[there : there + 1] in (one.text[offset], "")
    assert moved(len(one.text), one, other) == len(other.text)
    assert moved(0, one, other, ending=True) == 0


def test_an_offset_at_an_edit_stays_with_what_begins_there() -> None:
    one, other = Source("f", "a half"), Source("f", "a new half")
    assert moved(2, one, other) == 6
    assert moved(2, one, other, ending=True) == 2
    assert moved(6, other, one) == 2
