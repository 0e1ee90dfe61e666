"""Recovery: parse a file with syntax errors statement by statement, and collect the errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from lark import UnexpectedToken

from ssrdsl.language import syntax
from ssrdsl.language.balance import Balanced, balance
from ssrdsl.language.build import build
from ssrdsl.language.diagnostics import MAX_MISTAKES, Diagnostic, DiagnosticError, Diagnostics
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.lexer import Token, lay_out, read_words
from ssrdsl.language.mistakes import explain
from ssrdsl.language.numbers import read_number
from ssrdsl.language.recovering_parser import RecoveringParser, read_tree
from ssrdsl.language.source import MAX_CHARACTERS, Source


def find_mistakes(source: Source) -> tuple[Diagnostic, ...]:
    """The syntax errors of a source that has some, in the order of the text; no more than `MAX_MISTAKES`."""
    stray = Diagnostics()
    words = read_words(source, stray)
    with suppress(UnexpectedToken):  # only invalid tokens
        build(read_tree(lay_out(words, len(source.text)), source), source, stray)
        return stray.errors[:MAX_MISTAKES]
    balanced = balance(words, source)
    tokens = lay_out(balanced.words, len(source.text))
    # A missing bracket may be inside a string that was not closed.
    strings = {diagnostic.label.span.line for diagnostic in stray.found if diagnostic.code == "E0106"}
    brackets = [
        fault
        for fault in balanced.faults
        if strings.isdisjoint(label.span.line for label in (fault.label, *fault.secondary))
    ]
    reported = {diagnostic.label.span.line for diagnostic in stray.found}
    unexpected = islice(_unexpected(source, tokens, balanced, reported), MAX_MISTAKES)
    every = [*stray.found, *brackets, *_large_numbers(source, tokens), *unexpected]
    return tuple(sorted(every, key=lambda diagnostic: diagnostic.label.span.start)[:MAX_MISTAKES])


def read_around(source: Source) -> syntax.File | None:
    """The tree of a source without statements with errors; None if it is too long or nested too deeply."""
    if len(source.text) > MAX_CHARACTERS:
        return None
    words = balance(read_words(source, Diagnostics()), source).words
    parser = RecoveringParser(source)
    try:
        for _ in parser.read(lay_out(words, len(source.text))):
            pass
        if not parser.at_end:
            return None
        return build(read_tree(parser.kept, source), source, Diagnostics())
    except DiagnosticError:
        return None


def _large_numbers(source: Source, tokens: list[Token]) -> list[Diagnostic]:
    """The diagnostics for numbers that are too large."""
    found = Diagnostics()
    for token in tokens:
        if token.kind == "NUMBER":
            read_number(token.text, token.span(source), found)
    return found.found


def _unexpected(source: Source, tokens: list[Token], balanced: Balanced, reported: set[int]) -> Iterator[Diagnostic]:
    """The diagnostics for tokens that do not fit, unless they follow from others.

    At most one per line, none on the lines `reported`, and none in unmatched brackets.
    """
    parser = RecoveringParser(source)
    try:
        for index in parser.read(tokens):
            context = ErrorContext(source, tokens, index, parser)
            lines = {context.span().line}
            if not lines & reported and not balanced.covers(context.token.start):
                diagnostic = explain(context)
                lines.add(diagnostic.label.span.line)
                if not lines & reported:
                    yield diagnostic
            reported = reported | lines
    except DiagnosticError as error:  # nested too deeply to go on
        yield error.diagnostics[0]
