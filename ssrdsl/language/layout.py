"""Layout: which newlines end a statement.

A newline ends a statement unless it is inside parentheses or brackets, after an opening brace, or after a word that
cannot end a line. (Newlines before `->`, `|`, `else` and `}` are not tokens; see the grammar.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssrdsl.language.grammar import END
from ssrdsl.language.lexer import Token

NEWLINE = "_NEWLINE"
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}

# A statement continues after a line that ends with one of these.
JOINING = frozenset(
    ["->", "+", "-", "*", "/", "=", "COMPARISON", "|", ",", ":", "..", "and", "or", "if", "else", "in", "step", "with"]
)


def lay_out(words: Iterable[Token], size: int) -> list[Token]:
    """The tokens for the parser: the words of a text of `size` characters, with newlines that separate statements."""
    return [*statements(words), Token(END, "", size, size)]


def statements(words: Iterable[Token]) -> Iterator[Token]:
    """The words without newlines inside statements. Lazy: each word is returned before the next one is read."""
    open_brackets: list[str] = []
    previous = NEWLINE
    for token in words:
        kind = token.kind
        if kind == NEWLINE:
            inside = bool(open_brackets) and open_brackets[-1] != "{"
            if inside or previous in JOINING or previous in (NEWLINE, "{"):
                continue
        elif kind in OPENING:
            open_brackets.append(kind)
        elif kind in CLOSING:
            _close(open_brackets, kind)
        previous = kind
        yield token


def _close(open_brackets: list[str], kind: str) -> None:
    """Close the innermost bracket of a kind and those left open inside it, if there is one."""
    opening = CLOSING[kind]
    if opening in open_brackets:
        while open_brackets.pop() != opening:
            pass
