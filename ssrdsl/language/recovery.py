"""Recovery: reads a file that does not parse to its end, statement by statement, and collects its mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssrdsl.language.automaton import Automaton
from ssrdsl.language.balance import Balanced, balance
from ssrdsl.language.build import Builder
from ssrdsl.language.diagnostics import MAX_MISTAKES, Diagnostic, DiagnosticError, Diagnostics
from ssrdsl.language.layout import CLOSING, NEWLINE, OPENING, lay_out
from ssrdsl.language.lexer import Token, read_words
from ssrdsl.language.mistakes import explain
from ssrdsl.language.situation import Situation
from ssrdsl.language.source import Source
from ssrdsl.language.tables import END

_STATEMENTS = ("_statement", "_space_statement", "setting", "_item")
_BROKEN = "BROKEN"


def find_mistakes(source: Source) -> tuple[Diagnostic, ...]:
    """The syntax errors of a source that has some, in the order of the text; no more than `MAX_MISTAKES`."""
    stray = Diagnostics()
    words = read_words(source, stray)
    return _Reader(source, stray, balance(words, source)).mistakes()


@dataclass(slots=True)
class _Reader:
    source: Source
    stray: Diagnostics
    balanced: Balanced
    tokens: list[Token] = field(init=False)
    told: set[int] = field(init=False)
    strings: set[int] = field(init=False)
    found: Diagnostics = field(default_factory=Diagnostics)
    read: Diagnostics = field(default_factory=Diagnostics)

    def __post_init__(self) -> None:
        self.tokens = lay_out(self.balanced.words, len(self.source.text))
        self.told = {diagnostic.label.span.line for diagnostic in self.stray.found}
        self.strings = {diagnostic.label.span.line for diagnostic in self.stray.found if diagnostic.code == "E0106"}

    def mistakes(self) -> tuple[Diagnostic, ...]:
        automaton = Automaton(Builder(self.source, self.read))
        try:
            self._run(automaton)
        except DiagnosticError as error:  # nested too deeply to go on
            self.found.add(error.diagnostics[0])
        # Whether a body has a value cannot be said where statements were passed over: numbers alone are reported.
        numbers = [diagnostic for diagnostic in self.read.found if diagnostic.code == "E0111"]
        brackets = [fault for fault in self.balanced.faults if not self._follows_from_string(fault)]
        every = [*self.stray.found, *brackets, *numbers, *self.found.found]
        return tuple(sorted(every, key=lambda diagnostic: diagnostic.label.span.start)[:MAX_MISTAKES])

    def _follows_from_string(self, fault: Diagnostic) -> bool:
        """Whether the missing bracket may stand inside a string that was not closed."""
        return not self.strings.isdisjoint(label.span.line for label in (fault.label, *fault.secondary))

    def _run(self, automaton: Automaton) -> None:
        index, stuck = 0, -1
        while index < len(self.tokens) and len(self.found.found) < MAX_MISTAKES:
            # Asked first, since a token that does not fit may lead to reductions that hide what would have.
            if automaton.accepts(self.tokens[index].kind):
                automaton.feed(self.tokens[index])
                index += 1
            else:
                self._tell(Situation(self.source, self.tokens, index, automaton))
                index = self._pass_over(automaton, index) if index != stuck else index + 1
                stuck = index

    def _tell(self, situation: Situation) -> None:
        """Explains a mistake, unless it follows from one that was told: one for a line, none in a broken bracket."""
        lines = {situation.span().line}
        if not lines & self.told and not self.balanced.covers(situation.token.start):
            diagnostic = explain(situation)
            lines.add(diagnostic.label.span.line)
            if not lines & self.told:
                self.found.add(diagnostic)
        self.told |= lines

    def _pass_over(self, automaton: Automaton, index: int) -> int:
        """Gives up the statement around a token, and returns the index of the token behind that statement."""
        before = automaton.abandon(_STATEMENTS, Token(_BROKEN, "", self.tokens[index].start, self.tokens[index].start))
        start = index
        while start > 0 and self.tokens[start - 1] is not before:
            start -= 1
        depth = 0
        for place in range(start, len(self.tokens)):
            kind = self.tokens[place].kind
            if place >= index and (kind == END or (depth == 0 and (kind in CLOSING or self._ends(place)))):
                return place
            depth += (kind in OPENING) - (kind in CLOSING)
        return len(self.tokens)

    def _ends(self, place: int) -> bool:
        """Whether a statement ends here; a brace at the start of the next line belongs to the header before it."""
        return self.tokens[place].kind == NEWLINE and self.tokens[place + 1].kind != "{"
