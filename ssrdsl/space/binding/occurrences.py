"""The names of a file: where they are bound, used and visible."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.binding.symbols import Symbol

Owner = syntax.Block | syntax.Space


@dataclass(frozen=True, slots=True)
class Binder:
    """A place that binds a name: the binding node, and the block or space whose body contains it."""

    node: syntax.Node
    span: Span
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An occurrence of a name: its symbol, and its last visible bindings."""

    span: Span
    symbol: Symbol
    binders: tuple[Binder, ...] = ()
    defines: bool = False


@dataclass(slots=True)
class LexicalScope:
    """A lexical scope.

    `known` has the symbol and the last bindings of each name, `seen` has each symbol with the offset after which it is
    visible.
    """

    span: Span
    outer: LexicalScope | None
    owner: Owner | None = None
    known: dict[str, tuple[Symbol, tuple[Binder, ...]]] = field(default_factory=dict)
    seen: list[tuple[int, Symbol]] = field(default_factory=list)

    def find(self, name: str) -> tuple[Symbol, tuple[Binder, ...]] | None:
        """The symbol of a name and its last visible bindings, in this scope or those around it."""
        scope: LexicalScope | None = self
        while scope is not None:
            if name in scope.known:
                return scope.known[name]
            scope = scope.outer
        return None


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a file: their occurrences in the order of the text, and their scopes.

    Outer scopes come first. `unknown` are unbound names, `keywords` are keyword arguments of callees that are known
    only during evaluation: `cell(c=16)` for a `cell` from a list.
    """

    occurrences: tuple[Occurrence, ...]
    scopes: tuple[LexicalScope, ...]
    unknown: tuple[syntax.Name, ...] = ()
    keywords: tuple[syntax.Argument, ...] = ()

    def at(self, offset: int) -> Occurrence | None:
        """The name at a cursor: the one that contains an offset or, if there is none, ends at it."""
        place = bisect_right(self.occurrences, offset, key=lambda occurrence: occurrence.span.start) - 1
        if place < 0 or self.occurrences[place].span.end < offset:
            return None
        return self.occurrences[place]

    def inside(self, span: Span) -> Sequence[Occurrence]:
        """The occurrences of names in a span."""
        start, end = (
            bisect_left(self.occurrences, offset, key=lambda occurrence: occurrence.span.start)
            for offset in (span.start, span.end)
        )
        return self.occurrences[start:end]

    def of(self, symbol: Symbol) -> Iterator[Occurrence]:
        """The occurrences of a symbol."""
        return (occurrence for occurrence in self.occurrences if occurrence.symbol == symbol)

    def visible(self, offset: int) -> dict[str, Symbol]:
        """The symbols visible at an offset, by name; inner ones hide outer ones."""
        found: dict[str, Symbol] = {}
        for scope in self.scopes:
            if scope.span.start <= offset <= scope.span.end:
                found.update((symbol.name, symbol) for since, symbol in scope.seen if since <= offset)
        return found
