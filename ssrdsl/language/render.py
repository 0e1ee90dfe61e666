"""Rendering of diagnostics: as text with the source line underlined, or as plain data for editors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.source import Source, Span
from ssrdsl.language.width import cells, displayed, sanitized

_LONG_LINE = 160
_BEFORE, _BEHIND = 60, 100
_STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "gutter": "\x1b[1;34m",
    "secondary": "\x1b[1;34m",
    "strong": "\x1b[1m",
    "help": "\x1b[1;36m",
}
_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A range of one line to underline: from the character `start` to before `end`, counted from 0."""

    line: int
    start: int
    end: int
    sign: str
    text: str


def render(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """A diagnostic as several lines of text, without a newline at the end; on request with ANSI colours."""
    return _Renderer(diagnostic, colour).text()


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain data; lines and columns count from 1, `end_column` is the first one after the span."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_place(diagnostic.label),
        "secondary": [_place(label) for label in diagnostic.secondary],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
    }


def _place(label: Label) -> dict[str, Any]:
    span = label.span
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
        "label": label.text,
    }


@dataclass(frozen=True, slots=True)
class _Renderer:
    diagnostic: Diagnostic
    colour: bool

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines())

    def _lines(self) -> Iterator[str]:
        diagnostic = self.diagnostic
        head = self._styled(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity)
        yield head + self._styled(f": {sanitized(diagnostic.message)}", "strong")
        sources = list(dict.fromkeys(label.span.source for label in self._labels()))
        margin = len(str(max(label.span.source.position(label.span.end)[0] for label in self._labels())))
        for number, source in enumerate(sources):
            yield from self._snippet(source, margin, "-->" if number == 0 else ":::")
        notes = list(self._notes())
        if notes:
            yield self._gutter(margin)
        for keyword, text in notes:
            sign = self._styled(" " * (margin + 1) + "=", "gutter")
            yield f"{sign} {self._styled(keyword + ':', 'help')} {sanitized(text)}"

    def _labels(self) -> tuple[Label, ...]:
        return (self.diagnostic.label, *self.diagnostic.secondary)

    def _notes(self) -> Iterator[tuple[str, str]]:
        """Keyword and text of each note and of the help; a note may contain its keyword, as in `when: s = 2`."""
        for note in self.diagnostic.notes:
            own = re.match(r"([a-z]+): (.*)", note, re.DOTALL)
            yield (own[1], own[2]) if own else ("note", note)
        if self.diagnostic.help is not None:
            yield "help", self.diagnostic.help

    def _snippet(self, source: Source, margin: int, arrow: str) -> Iterator[str]:
        labels = [label for label in self._labels() if label.span.source == source]
        line, column = labels[0].span.line, labels[0].span.column
        yield f"{self._styled(' ' * margin + arrow, 'gutter')} {sanitized(source.name)}:{line}:{column}"
        yield self._gutter(margin)
        marks = [mark for label in labels for mark in _marks(label, label is self.diagnostic.label)]
        previous = None
        for number in sorted({mark.line for mark in marks}):
            if previous is not None and number > previous + 1:
                yield self._styled("...", "gutter")
            previous = number
            yield from self._excerpt(source.line(number), [m for m in marks if m.line == number], number, margin)

    def _excerpt(self, text: str, marks: list[_Mark], number: int, margin: int) -> Iterator[str]:
        """A source line and the underlines below it, cut to a window around the first mark if it is very long."""
        long = len(text) > _LONG_LINE
        first = max(0, marks[0].start - _BEFORE) if long else 0
        last = min(len(text), first + _BEFORE + _BEHIND) if long else len(text)
        shown = ("..." if first else "") + displayed(text[first:last]) + ("..." if last < len(text) else "")
        yield self._gutter(margin, number) + f" {shown}"
        for mark in sorted(marks, key=lambda mark: (mark.sign != "^", mark.start)):
            start, end = (min(max(place, first), last) for place in (mark.start, mark.end))
            indent = (3 if first else 0) + cells(text[first:start])
            underline = mark.sign * max(1, cells(text[start:end]))
            style = self.diagnostic.severity if mark.sign == "^" else "secondary"
            label = f" {sanitized(mark.text)}" if mark.text else ""
            yield self._gutter(margin) + " " * (indent + 1) + self._styled(underline + label, style)

    def _gutter(self, margin: int, number: int | None = None) -> str:
        return self._styled(f"{'' if number is None else number:>{margin}} |", "gutter")

    def _styled(self, text: str, style: str) -> str:
        return f"{_STYLES.get(style, '')}{text}{_RESET}" if self.colour else text


def _marks(label: Label, primary: bool) -> Iterable[_Mark]:
    """The ranges underlined by a label: its span, or its first and last line if it has several lines."""
    span, sign = label.span, "^" if primary else "-"
    first, column = span.source.position(span.start)
    last, end = _end(span)
    if first == last:
        return [_Mark(first, column - 1, max(end, column), sign, label.text)]
    opening = span.source.line(first)
    closing = span.source.line(last)
    indent = min(len(closing) - len(closing.lstrip()), end)
    return [_Mark(first, column - 1, len(opening), sign, ""), _Mark(last, indent, end, sign, label.text)]


def _end(span: Span) -> tuple[int, int]:
    """The line of the last character of a span, and how many characters of that line lie before the span's end."""
    line, column = span.source.position(max(span.start, span.end - 1))
    return line, min(column, len(span.source.line(line)))
