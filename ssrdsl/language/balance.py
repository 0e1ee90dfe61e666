"""Unmatched brackets: reported, and repaired so that the rest of the file can be parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ssrdsl.language.diagnostics import ENOUGH, Diagnostic, Label
from ssrdsl.language.layout import CLOSING, NEWLINE, OPENING
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Source

_BLANK = re.compile(r"[ \t\f\r]*")
_DEFINITIONS = frozenset(["use", "block", "tied", "space", "search"])
_HEADERS = frozenset(["block", "tied", "space", "search", "for"])


@dataclass(slots=True)
class Balanced:
    """Tokens with matching brackets, diagnostics about brackets, and ranges of text that cannot be checked."""

    words: list[Token] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
    doubtful: list[tuple[int, int]] = field(default_factory=list)

    def covers(self, offset: int) -> bool:
        """Whether errors at a place may be consequences of an unmatched bracket."""
        return any(start <= offset <= end for start, end in self.doubtful)


def balance(words: list[Token], source: Source) -> Balanced:
    """The tokens with brackets added or removed until they match; unchanged if they do.

    The indentation determines which bracket is wrong: a closing brace is below the line that it closes, an open
    parenthesis ends before the next line that is not indented further, and a definition at the margin is in no body.
    """
    if _matching(words):
        return Balanced(words)
    balancer = _Balancer(source, words)
    for index, word in enumerate(words):
        balancer.take(index, word)
    balancer.close(0, Token("", "", len(source.text), len(source.text)))
    return balancer.result


def _matching(words: list[Token]) -> bool:
    opened = []
    for word in words:
        if word.kind in OPENING:
            opened.append(word.kind)
        elif word.kind in CLOSING and (not opened or opened.pop() != CLOSING[word.kind]):
            return False
    return not opened


@dataclass(slots=True)
class _Balancer:
    source: Source
    words: list[Token]
    opened: list[Token] = field(default_factory=list)
    result: Balanced = field(default_factory=Balanced)

    def take(self, index: int, word: Token) -> None:
        if word.kind in CLOSING:
            self._take_closing(word)
            return
        if self.opened and word.kind != NEWLINE and self._leads(word):
            self._end_lines(index, word)
        if word.kind in OPENING:
            self.opened.append(word)
        self.result.words.append(word)

    def close(self, keep: int, at: Token) -> None:
        """Close all but the first `keep` open brackets, which should have been closed before `at`."""
        for opening in reversed(self.opened[keep:]):
            self._insert(Token(OPENING[opening.kind], "", at.start, at.start))
            if len(self.result.faults) < ENOUGH:
                self.result.faults.append(self._unclosed(opening, at))
                if opening.kind != "{":
                    self.result.doubtful.append((opening.start, at.start))
        del self.opened[keep:]

    def _end_lines(self, index: int, word: Token) -> None:
        """At the first token of a line: close brackets that cannot extend to it."""
        column = self._column(word)
        if column == 0 and word.kind in _DEFINITIONS:
            self.close(0, word)
            return
        following = self.words[index + 1].kind if index + 1 < len(self.words) else ""
        statement = word.kind in _HEADERS or (word.kind == "NAME" and following == "=")
        if not statement:
            return
        keep = len(self.opened)
        while keep and self.opened[keep - 1].kind != "{" and self._indentation(self.opened[keep - 1]) >= column:
            keep -= 1
        self.close(keep, word)

    def _take_closing(self, word: Token) -> None:
        if word.kind != "}" and self.opened and self.opened[-1].kind == CLOSING[word.kind]:
            self.opened.pop()
            self.result.words.append(word)
            return
        kinds = [opening.kind for opening in self.opened]
        if CLOSING[word.kind] not in kinds:
            self._take_excess(word)
            return
        place = len(kinds) - 1 - kinds[::-1].index(CLOSING[word.kind])
        if word.kind == "}" and self._leads(word):
            place = self._below(place, self._column(word))
        self.close(place + 1, word)
        self.opened.pop()
        self.result.words.append(word)

    def _below(self, place: int, column: int) -> int:
        """The open brace whose line has the indentation of a closing one; if there is none, the innermost."""
        for other in range(place, -1, -1):
            if self.opened[other].kind == "{" and self._indentation(self.opened[other]) == column:
                return other
        return place

    def _take_excess(self, word: Token) -> None:
        header = self._header_without_brace(self._column(word)) if word.kind == "}" and self._leads(word) else None
        if header is None:
            message, help = f"unmatched `{word.text}`", "remove it, or add the opening bracket"
            if len(self.result.faults) < ENOUGH:
                self.result.faults.append(Diagnostic("E0103", message, Label(word.span(self.source)), help=help))
            return
        words = self.result.words
        last = words[header]
        self.result.faults.append(self._no_brace(last, word))
        if last.kind == ":":
            del words[header]
            header -= 1
        words.insert(header + 1, Token("{", "", last.end, last.end))
        words.append(word)

    def _header_without_brace(self, column: int) -> int | None:
        """The index of the last token of the nearest line above that begins a body without a brace."""
        words, last = self.result.words, len(self.result.words) - 1
        for index in range(last, -1, -1):
            word = words[index]
            if word.kind == NEWLINE:
                last = index - 1
            elif word.kind in _HEADERS and self._leads(word) and self._column(word) == column:
                return last if all(other.kind not in ("{", "=") for other in words[index : last + 1]) else None
        return None

    def _unclosed(self, opening: Token, at: Token) -> Diagnostic:
        closing = OPENING[opening.kind]
        if at.kind:
            label = Label(at.span(self.source), f"missing `{closing}` before this")
        else:
            last = next(word for word in reversed(self.words) if word.kind != NEWLINE)
            label = Label(last.span(self.source), f"the file ends without `{closing}`")
        opened = Label(opening.span(self.source), "opened here")
        return Diagnostic("E0103", f"`{opening.text}` is not closed", label, (opened,), help=f"add `{closing}`")

    def _no_brace(self, last: Token, closing: Token) -> Diagnostic:
        closed = Label(closing.span(self.source), "closed here")
        if last.kind == ":":
            label = Label(last.span(self.source))
            return Diagnostic("E0113", "a body must be in braces", label, (closed,), help="write `{` instead of `:`")
        label = Label(last.span(self.source), "missing `{` after this")
        return Diagnostic("E0113", "missing opening brace of a body", label, (closed,), help="add `{`")

    def _insert(self, word: Token) -> None:
        """Add a word after the last one, before the newlines that follow it."""
        words = self.result.words
        place = len(words)
        while place and words[place - 1].kind == NEWLINE:
            place -= 1
        words.insert(place, word)

    def _leads(self, word: Token) -> bool:
        """Whether a word is the first of its line."""
        return self._column(word) == self._indentation(word)

    def _column(self, word: Token) -> int:
        return self.source.position(word.start)[1] - 1

    def _indentation(self, word: Token) -> int:
        """The indentation of the line of a word."""
        blank = _BLANK.match(self.source.text, word.start - self._column(word))
        return len(blank[0]) if blank else 0
