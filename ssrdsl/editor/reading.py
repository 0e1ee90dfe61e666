"""A text as far as it can be read: its module, without statements with errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError
from ssrdsl.language.parse import parse
from ssrdsl.language.recovery import read_around
from ssrdsl.language.source import Source, Span
from ssrdsl.language.walk import children
from ssrdsl.space.binding import Module, Modules, Reader
from ssrdsl.space.binding.occurrences import Occurrence
from ssrdsl.space.binding.primitives import primitives
from ssrdsl.space.binding.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Reading:
    """The current text, its syntax errors, and its module, or that of an earlier text if this is more complete."""

    source: Source
    module: Module | None = field(repr=False)
    mistakes: tuple[Diagnostic, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the module is that of the whole current text."""
        return self.module is not None and not self.mistakes

    def occurrence(self, offset: int) -> Occurrence | None:
        """The name at an offset of the current text, with its spans in the text of the module."""
        return None if self.module is None else self.module.names.at(moved(offset, self.source, self.module.source))

    def nodes(self, offset: int) -> list[syntax.Node]:
        """The nodes around an offset of the current text, outermost first; empty without a module."""
        return [] if self.module is None else nodes_at(self.module.file, moved(offset, self.source, self.module.source))

    def visible(self, offset: int) -> Mapping[str, Symbol]:
        """The symbols visible at an offset of the current text."""
        if self.module is None:
            return primitives()
        return self.module.names.visible(moved(offset, self.source, self.module.source))

    def present(self, span: Span) -> Span:
        """The span in the current text for a span of the module's text; spans of other files are unchanged."""
        if self.module is None or span.source != self.module.source or span.source == self.source:
            return span
        start = moved(span.start, self.module.source, self.source)
        end = moved(span.end, self.module.source, self.source, ending=True)
        return Span(self.source, start, max(start, end))


def read_text(source: Source, read: Reader, before: Reading | None = None) -> Reading:
    """Read a text; `before` is the reading of the previous text. Never raises for errors in the text."""
    try:
        return Reading(source, Modules(read).bind(parse(source), source.name))
    except DiagnosticError as error:
        rest = read_around(source)
        modules = [None if rest is None else Modules(read).bind(rest, source.name), before.module if before else None]
        # Typing breaks some lines temporarily; for these an earlier text may be more complete.
        fullest = max(filter(None, modules), key=lambda module: len(module.names.occurrences), default=None)
        return Reading(source, fullest, error.diagnostics)


def nodes_at(file: syntax.File, offset: int) -> list[syntax.Node]:
    """The nodes around an offset, outermost first, starting with the file."""
    path: list[syntax.Node] = [file]
    while inner := [part for part in children(path[-1]) if part.span.start <= offset < part.span.end]:
        path.append(inner[0])
    return path


def moved(offset: int, before: Source, after: Source, *, ending: bool = False) -> int:
    """The offset in another text, which differs from this one in one range.

    An offset at this range stays with the text that begins there, or with `ending` the text that ends there.
    """
    if before is after or before.text == after.text:
        return offset
    head, tail = _common(before.text, after.text)
    if offset < head or (ending and offset == head):
        return offset
    if offset >= len(before.text) - tail:
        return offset + len(after.text) - len(before.text)
    return head


@lru_cache(maxsize=16)
def _common(before: str, after: str) -> tuple[int, int]:
    """The lengths of the common prefix and, after it, the common suffix of two texts."""
    head = _shared(before, after)
    return head, _shared(before[head:][::-1], after[head:][::-1])


def _shared(one: str, other: str) -> int:
    """The length of the longest common prefix of two texts."""
    differing = (index for index, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return next(differing, min(len(one), len(other)))
