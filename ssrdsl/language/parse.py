"""Parsing: the text of a `.ssr` file to its syntax tree."""

from __future__ import annotations

from ssrdsl.language import syntax
from ssrdsl.language.automaton import Automaton, Unexpected
from ssrdsl.language.build import Builder
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Label
from ssrdsl.language.lexer import tokenize
from ssrdsl.language.source import Source, Span

MAX_CHARACTERS = 1_000_000


def parse(source: Source) -> syntax.File:
    """The syntax tree of a source. Raises `DiagnosticError` with all the syntax errors that were found."""
    found = Diagnostics()
    if len(source.text) > MAX_CHARACTERS:
        raise DiagnosticError((_too_long(source),))
    tokens = tokenize(source, found)
    automaton = Automaton(Builder(source, found))
    try:
        tree = automaton.run(tokens)
    except Unexpected as unexpected:
        token = unexpected.token
        found.add(Diagnostic("E0101", f"unexpected `{token.text}`", Label(Span(source, token.start, token.end))))
    found.raise_errors()
    return tree


def _too_long(source: Source) -> Diagnostic:
    message = f"the file has {len(source.text):,} characters, more than {MAX_CHARACTERS:,}"
    help = "write what repeats as a block, and use it with `for` or `repeat`"
    return Diagnostic("E0112", message, Label(Span(source, 0, 0)), help=help)
