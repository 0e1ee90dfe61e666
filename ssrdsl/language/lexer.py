"""The tokens of a file with mistakes.

Invalid tokens (a stray character, an unterminated string, `3x3`) are reported and replaced by what was probably meant,
so that parsing can continue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import cast

import lark

from ssrdsl.language.diagnostics import ENOUGH, Diagnostic, Diagnostics, Label
from ssrdsl.language.grammar import END, kind_of, lexer, type_of
from ssrdsl.language.layout import NewlineFilter
from ssrdsl.language.source import Source, Span

_STRAY_HELP = {
    "&": "write `and`",
    "!": "negate a comparison instead: `!=`, `<`, `>=`",
    ";": "write every statement on its own line",
    "^": "powers are not supported; multiply, or list the values: `[1, 2, 4, 8]`",
    "%": "remainders are not supported; `floor(a / b)` is the integer part of a quotient",
    "→": "write `->`",
    "×": "write `*`",
    "·": "write `*`",
    "−": "write `-`",
    "–": "write `-`",
    "…": "write a range with two dots: `1..5`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "“": 'write strings in straight double quotes: `"bilinear"`',
    "”": 'write strings in straight double quotes: `"bilinear"`',
    "`": 'write names without quotes, strings in double quotes: `"bilinear"`',
    "\\": "a line that ends in an operator or a comma continues automatically",
    "\u00a0": "replace the no-break space by a plain space",
}


class Token(lark.Token):
    """A token: its kind (its spelling or, for variable spellings, a name), its text and its place."""

    __slots__ = ("end", "kind", "start", "text")

    kind: str
    text: str
    start: int
    end: int

    def __new__(cls, kind: str, text: str, start: int, end: int) -> Token:
        """Create the token with Lark's type for the kind."""
        token = cast(Token, super().__new__(cls, type_of(kind), text, start, end_pos=end))
        token.kind, token.text, token.start, token.end = kind, text, start, end
        return token

    def span(self, source: Source) -> Span:
        """The span of the token in its source."""
        return Span(source, self.start, self.end)


def read_words(source: Source, found: Diagnostics) -> list[Token]:
    """The tokens of a source, including newlines; invalid ones are added to `found`, and repaired or omitted."""
    words: list[Token] = []
    for token in lexer().lex(source.text):
        kind, start, end = kind_of(token), token.start_pos or 0, token.end_pos or 0
        if kind in _REPAIRS:
            diagnostic, kind = _REPAIRS[kind](Span(source, start, end))
            if len(found.found) < ENOUGH:
                found.add(diagnostic)
        if kind:
            words.append(Token(kind, str(token), start, end))
    return words


def lay_out(words: Iterable[Token], size: int) -> list[Token]:
    """The tokens for the parser: the words of a text of `size` characters, with newlines that separate statements."""
    return [*NewlineFilter(kind_of).process(iter(words)), Token(END, "", size, size)]


def _glued(span: Span) -> tuple[Diagnostic, str]:
    text = span.text
    digits = re.match(r"[0-9]+", text)
    rest = text[digits.end() :] if digits else text
    if times := re.fullmatch(r"([0-9]+)x([0-9]+)", text):
        help = f"write `{times[1]} * {times[2]}` for a product, `({times[1]}, {times[2]})` for height and width"
    elif re.fullmatch(r"[0-9]+_[0-9_]+", text):
        help = f"write `{text.replace('_', '')}`"
    elif digits and re.fullmatch(r"[A-Za-z]\w*", rest):
        help = f"write `{digits[0]} * {rest}` for a product; units are k, M, G, T, ms, us, s and %"
    else:
        help = "names begin with a letter, numbers end in a digit or in one of k, M, G, T, ms, us, s and %"
    return Diagnostic("E0107", f"`{text}` is not a valid number or name", Label(span), help=help), "NUMBER"


def _open_string(span: Span) -> tuple[Diagnostic, str]:
    label = Label(span, "opened here")
    return Diagnostic("E0106", "unterminated string", label, help='end it with `"`'), "STRING"


def _quoted(span: Span) -> tuple[Diagnostic, str]:
    help = f'write `"{span.text.strip(chr(39))}"`'
    return Diagnostic("E0106", "strings must be in double quotes", Label(span), help=help), "STRING"


def _stray(span: Span) -> tuple[Diagnostic, str]:
    character = span.text
    shown = character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
    message = f"unexpected character `{shown}`"
    return Diagnostic("E0102", message, Label(span), help=_STRAY_HELP.get(character)), ""


def _foreign_name(span: Span) -> tuple[Diagnostic, str]:
    message = f"`{span.text}` is not a valid name"
    return Diagnostic("E0102", message, Label(span), help="names consist of ASCII letters, digits and `_`"), "NAME"


_REPAIRS: dict[str, Callable[[Span], tuple[Diagnostic, str]]] = {
    "FOREIGN_NAME": _foreign_name,
    "GLUED": _glued,
    "OPEN_STRING": _open_string,
    "QUOTED": _quoted,
    "STRAY": _stray,
}
