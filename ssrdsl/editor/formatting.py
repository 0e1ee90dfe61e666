"""Formatting, as changes of a text."""

from __future__ import annotations

from difflib import SequenceMatcher

from ssrdsl.editor.rename import Change
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.format import format_source
from ssrdsl.language.source import Source, Span


def formatting(source: Source) -> tuple[Change, ...]:
    """The line-wise changes that format a text as `ssrdsl fmt` does; none for a text with syntax errors."""
    try:
        styled = format_source(source.text, source.name)
    except DiagnosticError:
        return ()
    before, after = source.text.splitlines(keepends=True), styled.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    return tuple(
        Change(Span(source, starts[first], starts[last]), "".join(after[new_first:new_last]))
        for tag, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    )
