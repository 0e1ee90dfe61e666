"""Words: the text of a file cut into tokens, with layout resolved.

The terminals come from the grammar. What is no word of the language (a stray character, an open string, `3x3`) is
reported and replaced by what was probably meant, so that parsing can go on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ssrdsl.language.diagnostics import Diagnostic, Diagnostics, Label
from ssrdsl.language.source import Source, Span
from ssrdsl.language.tables import END, load_tables

NEWLINE = "_NEWLINE"
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())

# A line that ends in one of these goes on.
_JOINING = frozenset(
    ["->", "+", "-", "*", "/", "=", "COMPARISON", "|", ",", ":", "..", "and", "or", "if", "else", "in", "step", "with"]
)
_FAULTS = (
    ("GLUED", r"[0-9][0-9A-Za-z_]*"),
    ("OPEN_STRING", r'"[^"\r\n]*'),
    ("QUOTED", r"'[^'\r\n]*'?"),
    ("STRAY", r"."),
)
_STRAY_HELP = {
    "&": "write `and`",
    "!": "a condition is turned round by its comparison: `!=`, `<`, `>=`",
    ";": "write every statement on a line of its own",
    "^": "there is no power; multiply, or list the values: `[1, 2, 4, 8]`",
    "%": "there is no remainder; `floor(a / b)` gives the whole part of a ratio",
    "→": "write the arrow as `->`",
    "×": "write `*`",
    "·": "write `*`",
    "−": "write the sign as `-`",
    "–": "write the sign as `-`",
    "…": "write a range with two points: `1..5`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "“": 'write a string between straight quotes: `"bilinear"`',
    "”": 'write a string between straight quotes: `"bilinear"`',
    "`": 'names stand bare, strings between straight quotes: `"bilinear"`',
    "\\": "a line that ends in an operator or a comma goes on by itself",
    "\u00a0": "this is a no-break space; write a plain one",
}


class Token(NamedTuple):
    """A word: its kind (its spelling or, for words of many spellings, a name), its text and its place."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Words:
    """The pattern of all terminals, one group for each, and what the groups are called."""

    pattern: re.Pattern[str]
    kinds: tuple[str, ...]
    ignored: frozenset[str]


@cache
def _words() -> _Words:
    tables = load_tables()
    named = [(name, pattern) for name, pattern in tables.terminals if name.isupper() or name.startswith("_")]
    spelled = sorted((entry for entry in tables.terminals if entry not in named), key=lambda entry: -len(entry[0]))
    entries = [*named, *spelled, *_FAULTS]
    pattern = "|".join(f"({pattern})" for _, pattern in entries)
    return _Words(re.compile(pattern, re.DOTALL), ("", *(name for name, _ in entries)), frozenset(tables.ignored))


def tokenize(source: Source, found: Diagnostics) -> list[Token]:
    """The tokens of a source, closed by one of kind `END`; what is no word is added to `found`."""
    tokens = list(_with_layout(_repaired(_raw_tokens(source), source, found)))
    size = len(source.text)
    return [*tokens, Token(END, "", size, size)]


def _raw_tokens(source: Source) -> Iterator[Token]:
    words = _words()
    kinds, ignored = words.kinds, words.ignored
    for match in words.pattern.finditer(source.text):
        kind = kinds[match.lastindex or 0]
        if kind not in ignored:
            yield Token(kind, match[0], match.start(), match.end())


def _with_layout(tokens: Iterator[Token]) -> Iterator[Token]:
    """Takes out the newlines that end no statement: inside parentheses and brackets, or where the line goes on."""
    open_brackets: list[str] = []
    previous = NEWLINE
    for token in tokens:
        kind = token.kind
        if kind == NEWLINE:
            inside = bool(open_brackets) and open_brackets[-1] != "{"
            if inside or previous in _JOINING or previous in (NEWLINE, "{"):
                continue
        elif kind in OPENING:
            open_brackets.append(kind)
        elif kind in CLOSING:
            _close(open_brackets, kind)
        previous = kind
        yield token


def _close(open_brackets: list[str], kind: str) -> None:
    """Closes the innermost bracket of a kind and those left open inside it; without one, nothing."""
    opening = next(bracket for bracket, closing in OPENING.items() if closing == kind)
    if opening in open_brackets:
        while open_brackets.pop() != opening:
            pass


def _repaired(tokens: Iterator[Token], source: Source, found: Diagnostics) -> Iterator[Token]:
    """Reports what is no word of the language, and puts in its place what was probably meant."""
    for token in tokens:
        if token.kind not in _REPAIRS:
            yield token
            continue
        diagnostic, kind = _REPAIRS[token.kind](token, Span(source, token.start, token.end))
        found.add(diagnostic)
        if kind:
            yield token._replace(kind=kind)


def _glued(token: Token, span: Span) -> tuple[Diagnostic, str]:
    text = token.text
    digits = re.match(r"[0-9]+", text)
    rest = text[digits.end() :] if digits else text
    if times := re.fullmatch(r"([0-9]+)x([0-9]+)", text):
        help = f"write `{times[1]} * {times[2]}` for a product, `({times[1]}, {times[2]})` for two sides"
    elif re.fullmatch(r"[0-9]+_[0-9_]+", text):
        help = f"write `{text.replace('_', '')}`"
    elif digits and re.fullmatch(r"[A-Za-z]\w*", rest):
        help = f"write `{digits[0]} * {rest}` for a product; units are k, M, G, T, ms, us, s and %"
    else:
        help = "names begin with a letter, numbers end in a digit or in one of k, M, G, T, ms, us, s and %"
    return Diagnostic("E0107", f"`{text}` is neither a number nor a name", Label(span), help=help), "NUMBER"


def _open_string(token: Token, span: Span) -> tuple[Diagnostic, str]:
    label = Label(span, "opened here")
    return Diagnostic("E0106", "a string is not closed on its line", label, help='end it with `"`'), "STRING"


def _quoted(token: Token, span: Span) -> tuple[Diagnostic, str]:
    help = f'write `"{token.text.strip(chr(39))}"`'
    return Diagnostic("E0106", "strings stand between double quotes", Label(span), help=help), "STRING"


def _stray(token: Token, span: Span) -> tuple[Diagnostic, str]:
    character = token.text
    shown = character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
    message = f"the character `{shown}` has no meaning here"
    return Diagnostic("E0102", message, Label(span), help=_STRAY_HELP.get(character)), ""


_REPAIRS: dict[str, Callable[[Token, Span], tuple[Diagnostic, str]]] = {
    "GLUED": _glued,
    "OPEN_STRING": _open_string,
    "QUOTED": _quoted,
    "STRAY": _stray,
}
