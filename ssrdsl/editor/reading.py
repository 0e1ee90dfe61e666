"""A text as far as it can be read: its tree and its names, without statements with errors."""

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
from ssrdsl.space.binding import Reader
from ssrdsl.space.binding.modules import Module, Modules
from ssrdsl.space.binding.occurrences import Names, Occurrence
from ssrdsl.space.binding.primitives import primitives
from ssrdsl.space.binding.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Tree:
    """A text that could be read, with what its names stand for."""

    source: Source
    module: Module = field(repr=False)

    @property
    def file(self) -> syntax.File:
        """The syntax tree."""
        return self.module.file

    @property
    def names(self) -> Names:
        """The names of the text."""
        return self.module.names

    def nodes(self, offset: int) -> list[syntax.Node]:
        """The nodes around an offset, outermost first, starting with the file."""
        path: list[syntax.Node] = [self.file]
        while inner := [part for part in children(path[-1]) if part.span.start <= offset < part.span.end]:
            path.append(inner[0])
        return path


@dataclass(frozen=True, slots=True)
class Reading:
    """The current text, its syntax errors, and a tree: its own, or that of an earlier text if this is more complete."""

    source: Source
    tree: Tree | None
    mistakes: tuple[Diagnostic, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the tree is that of the whole current text."""
        return self.tree is not None and not self.mistakes

    def occurrence(self, offset: int) -> Occurrence | None:
        """The name at an offset of the current text, with its spans in the text of the tree."""
        return None if self.tree is None else self.tree.names.at(moved(offset, self.source, self.tree.source))

    def nodes(self, offset: int) -> list[syntax.Node]:
        """The nodes of the tree around an offset of the current text, outermost first; empty without a tree."""
        return [] if self.tree is None else self.tree.nodes(moved(offset, self.source, self.tree.source))

    def visible(self, offset: int) -> Mapping[str, Symbol]:
        """The symbols visible at an offset of the current text."""
        if self.tree is None:
            return primitives()
        return self.tree.names.visible(moved(offset, self.source, self.tree.source))

    def present(self, span: Span) -> Span:
        """The span in the current text for a span of the tree's text; spans of other files are unchanged."""
        if self.tree is None or span.source != self.tree.source or span.source == self.source:
            return span
        start = moved(span.start, self.tree.source, self.source)
        end = moved(span.end, self.tree.source, self.source, ending=True)
        return Span(self.source, start, max(start, end))


def read_text(source: Source, read: Reader, before: Reading | None = None) -> Reading:
    """Read a text; `before` is the reading of the previous text. Never raises for errors in the text."""
    try:
        return Reading(source, _tree(source, parse(source), read))
    except DiagnosticError as error:
        rest = read_around(source)
        trees = [None if rest is None else _tree(source, rest, read), before.tree if before else None]
        # Typing breaks some lines temporarily; for these an earlier text may be more complete.
        return Reading(source, max(filter(None, trees), key=_names, default=None), error.diagnostics)


def _tree(source: Source, file: syntax.File, read: Reader) -> Tree:
    return Tree(source, Modules(read).bind(file, source.name))


def _names(tree: Tree) -> int:
    return len(tree.names.occurrences)


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
