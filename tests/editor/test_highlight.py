import pytest

pytest.importorskip("pygments")

from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String

from ssrdsl.editor.highlight import SsrLexer
from ssrdsl.language.grammar import keywords
from tests.editor.marked import SMALL, SPACES


def test_pygments_finds_the_lexer() -> None:
    assert isinstance(get_lexer_by_name("ssr"), SsrLexer)
    assert isinstance(get_lexer_for_filename("spaces/realtime.ssr"), SsrLexer)


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_the_shipped_spaces_are_coloured_whole(path) -> None:
    text = path.read_text()
    tokens = list(SsrLexer(stripnl=False).get_tokens(text))
    assert "".join(part for _, part in tokens) == text
    assert not [part for kind, part in tokens if kind in Error]
    for kind, part in tokens:
        if part in keywords() and kind not in Name:
            assert kind in Keyword or kind in Operator.Word


@given(text=st.text(alphabet="block f(c) = {}#\"\n😋é\ufeff'3x\0\r", max_size=40))
def test_no_character_of_any_text_is_lost(text: str) -> None:
    found = list(SsrLexer().get_tokens_unprocessed(text))
    assert "".join(part for _, _, part in found) == text
    reached = 0
    for index, _, part in found:
        assert index == reached
        reached += len(part)


def test_names_have_the_colour_of_their_place() -> None:
    kinds: dict[str, list[object]] = {}
    for kind, part in SsrLexer().get_tokens(SMALL + "# é\nx = 'a'\n@"):
        kinds.setdefault(part, []).append(kind)
    assert kinds["narrow"] == [Name.Function, Name.Function, Name.Function]
    assert kinds["small"] == [Name.Class]
    assert kinds["drop"] == [Name.Attribute, Name, Name.Attribute]
    assert kinds["conv"] == [Name.Builtin, Name.Builtin]
    assert kinds["block"] == [Keyword.Declaration]
    assert kinds["depth"] == [Name.Attribute]
    assert kinds["1G"] == [Number]
    assert kinds["'a'"] == [String.Double]
    assert kinds["# é"] == [Comment.Single]
    assert kinds["@"] == [Error]
