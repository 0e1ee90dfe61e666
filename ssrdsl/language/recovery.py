"""Recovery: parse a file with syntax errors statement by statement, and collect the errors."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssrdsl.language import syntax
from ssrdsl.language.balance import Balanced, balance
from ssrdsl.language.build import build
from ssrdsl.language.diagnostics import MAX_MISTAKES, Diagnostic, DiagnosticError, Diagnostics
from ssrdsl.language.error_context import ErrorContext
from ssrdsl.language.layout import lay_out
from ssrdsl.language.lexer import Token, read_words
from ssrdsl.language.mistakes import explain
from ssrdsl.language.numbers import read_number
from ssrdsl.language.recovering_parser import RecoveringParser, read_tree
from ssrdsl.language.source import MAX_CHARACTERS, Source, Span


def find_mistakes(source: Source) -> tuple[Diagnostic, ...]:
    """The syntax errors of a source that has some, in the order of the text; no more than `MAX_MISTAKES`."""
    stray = Diagnostics()
    words = read_words(source, stray)
    return _Recovery(source, stray, balance(words, source)).mistakes()


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


@dataclass(slots=True)
class _Recovery:
    source: Source
    stray: Diagnostics
    balanced: Balanced
    tokens: list[Token] = field(init=False)
    told: set[int] = field(init=False)
    strings: set[int] = field(init=False)
    found: Diagnostics = field(default_factory=Diagnostics)

    def __post_init__(self) -> None:
        self.tokens = lay_out(self.balanced.words, len(self.source.text))
        self.told = {diagnostic.label.span.line for diagnostic in self.stray.found}
        self.strings = {diagnostic.label.span.line for diagnostic in self.stray.found if diagnostic.code == "E0106"}

    def mistakes(self) -> tuple[Diagnostic, ...]:
        self._run()
        brackets = [fault for fault in self.balanced.faults if not self._follows_from_string(fault)]
        every = [*self.stray.found, *brackets, *self._numbers(), *self.found.found]
        return tuple(sorted(every, key=lambda diagnostic: diagnostic.label.span.start)[:MAX_MISTAKES])

    def _follows_from_string(self, fault: Diagnostic) -> bool:
        """Whether the missing bracket may be inside a string that was not closed."""
        return not self.strings.isdisjoint(label.span.line for label in (fault.label, *fault.secondary))

    def _numbers(self) -> list[Diagnostic]:
        """The diagnostics for numbers that are too large."""
        found = Diagnostics()
        for token in self.tokens:
            if token.kind == "NUMBER":
                read_number(token.text, Span(self.source, token.start, token.end), found)
        return found.found

    def _run(self) -> None:
        parser = RecoveringParser(self.source)
        try:
            for index in parser.read(self.tokens):
                self._tell(ErrorContext(self.source, self.tokens, index, parser))
                if len(self.found.found) >= MAX_MISTAKES:
                    return
        except DiagnosticError as error:  # nested too deeply to go on
            self.found.add(error.diagnostics[0])

    def _tell(self, context: ErrorContext) -> None:
        """Report an error, unless it follows from a reported one: one per line, none in unmatched brackets."""
        lines = {context.span().line}
        if not lines & self.told and not self.balanced.covers(context.token.start):
            diagnostic = explain(context)
            lines.add(diagnostic.label.span.line)
            if not lines & self.told:
                self.found.add(diagnostic)
        self.told |= lines
