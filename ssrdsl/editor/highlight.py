"""Syntax highlighting of `.ssr` texts: a lexer for Pygments, with the tokens of the grammar.

Registered by this package as `ssr` for `pygmentize`, Sphinx and other tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from ssrdsl.editor.tokens import words
from ssrdsl.language.grammar import keywords
from ssrdsl.language.layout import CLOSING, OPENING
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Source
from ssrdsl.space.binding.primitives import primitives

Coloured = tuple[int, Any, str]
"""An index in the text, a token type of Pygments, and the text."""

_BETWEEN = re.compile(r"(?P<comment>#[^\n]*)|(?P<blank>[\s\ufeff]+)|(?P<stray>.)", re.DOTALL)
_KINDS = {"comment": Comment.Single, "blank": Whitespace, "stray": Error}
_DEFINED = {
    "block": Name.Function,
    "space": Name.Class,
    "input": Name.Variable,
    "output": Name.Variable,
    "auxiliary": Name.Variable,
}
_WORDS = {"true": Keyword.Constant, "false": Keyword.Constant, "and": Operator.Word, "or": Operator.Word}
_DECLARING = frozenset(["block", "space", "search", "input", "output", "auxiliary", "tied"])


class SsrLexer(Lexer):  # type: ignore[misc]
    """Colours tokens by the grammar, and names by their neighbours."""

    name = "ssr"
    aliases: ClassVar[list[str]] = ["ssr"]
    filenames: ClassVar[list[str]] = ["*.ssr"]
    mimetypes: ClassVar[list[str]] = ["text/x-ssr"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[Coloured]:
        """All characters of a text with their token types."""
        lead = len(text) - len(text.removeprefix("\ufeff"))
        tokens = words(Source("", text))
        reached = 0
        for token, kind in zip(tokens, _coloured(tokens), strict=True):
            start = token.start + lead
            yield from _between(text, reached, start)
            yield start, kind, token.text
            reached = start + len(token.text)
        yield from _between(text, reached, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Coloured]:
    """The text between tokens: comments, blanks, and invalid characters."""
    for found in _BETWEEN.finditer(text, start, end):
        yield found.start(), _KINDS[str(found.lastgroup)], found[0]


def _coloured(tokens: Sequence[Token]) -> Iterator[Any]:
    """The token types of the tokens of a text."""
    known = primitives()
    opened: list[str] = []
    for index, token in enumerate(tokens):
        previous = tokens[index - 1].kind if index else ""
        following = tokens[index + 1].kind if index + 1 < len(tokens) else ""
        if token.kind in OPENING:
            opened.append(token.kind)
        elif token.kind in CLOSING and opened:
            opened.pop()
        if token.kind != "NAME":
            yield _of_word(token)
        elif previous in _DEFINED:
            yield _DEFINED[previous]
        elif previous == "." or (following == "=" and opened[-1:] == ["("]):
            yield Name.Attribute
        elif token.text in known:
            yield Name.Builtin
        else:
            yield Name.Function if following == "(" else Name


def _of_word(token: Token) -> Any:
    kind = token.kind
    if kind in keywords():
        return Keyword.Declaration if kind in _DECLARING else _WORDS.get(kind, Keyword)
    if kind in ("NUMBER", "STRING"):
        return Number if kind == "NUMBER" else String.Double
    return Punctuation if kind in OPENING or kind in CLOSING or kind in (",", ":", ".") else Operator
