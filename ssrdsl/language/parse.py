"""Parsing: the text of a `.ssr` file to its syntax tree."""

from __future__ import annotations

from typing import cast

from lark import UnexpectedToken

from ssrdsl.language import syntax
from ssrdsl.language.build import build
from ssrdsl.language.diagnostics import MAX_MISTAKES, Diagnostic, DiagnosticError, Diagnostics, Label
from ssrdsl.language.grammar import Branch, TooDeep, grammar
from ssrdsl.language.source import MAX_CHARACTERS, Source, Span


def parse(source: Source) -> syntax.File:
    """The syntax tree of a source. Raises `DiagnosticError` with all the syntax errors that were found."""
    if len(source.text) > MAX_CHARACTERS:
        raise DiagnosticError((_too_long(source),))
    try:
        tree = cast(Branch, grammar().parse(source.text))
    except TooDeep as error:
        raise DiagnosticError((error.diagnostic(source),)) from None
    except UnexpectedToken:
        from ssrdsl.language.recovery import find_mistakes  # most files have none

        raise DiagnosticError(find_mistakes(source)) from None
    found = Diagnostics()
    file = build(tree, source, found)
    if found.errors:
        raise DiagnosticError(found.errors[:MAX_MISTAKES])
    return file


def _too_long(source: Source) -> Diagnostic:
    message = f"the file has {len(source.text):,} characters, more than {MAX_CHARACTERS:,}"
    help = "write repeated parts as a block, and use it with `for` or `repeat`"
    return Diagnostic("E0112", message, Label(Span(source, 0, 0)), help=help)
