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
    """One of the places that bind a name: the node that does it, and the block or space whose body it is in."""

    node: syntax.Node
    span: Span
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name in the text: its symbol, and the last visible binding."""

    span: Span
    symbol: Symbol
    binders: tuple[Binder, ...] = ()
    defines: bool = False


@dataclass(slots=True)
class LexicalScope:
    """A range of the text with its own names.

    `known` has the symbol of every name with its last bindings, `seen` every symbol with the offset from which on it is
    visible.
    """

    span: Span
    outer: LexicalScope | None
    owner: Owner | None = None
    known: dict[str, tuple[Symbol, tuple[Binder, ...]]] = field(default_factory=dict)
    seen: list[tuple[int, Symbol]] = field(default_factory=list)

    def find(self, name: str) -> tuple[Symbol, tuple[Binder, ...]] | None:
        """The meaning of a name here, and its last visible bindings."""
        scope: LexicalScope | None = self
        while scope is not None:
            if name in scope.known:
                return scope.known[name]
            scope = scope.outer
        return None


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a file: their occurrences in the order of the text, and where each can be seen.

    Outer scopes come first. `unknown` are names that nothing binds, `keywords` the arguments by keyword whose
    callee is known only when it is called: `cell(c=16)` for a `cell` out of a list.
    """

    occurrences: tuple[Occurrence, ...]
    scopes: tuple[LexicalScope, ...]
    unknown: tuple[syntax.Name, ...] = ()
    keywords: tuple[syntax.Argument, ...] = ()

    def at(self, offset: int) -> Occurrence | None:
        """The name under the cursor: the one that contains an offset or, failing that, ends at it."""
        place = bisect_right(self.occurrences, offset, key=lambda occurrence: occurrence.span.start) - 1
        if place < 0 or self.occurrences[place].span.end < offset:
            return None
        return self.occurrences[place]

    def inside(self, span: Span) -> Sequence[Occurrence]:
        """The names within a stretch of the file."""
        start, end = (
            bisect_left(self.occurrences, offset, key=lambda occurrence: occurrence.span.start)
            for offset in (span.start, span.end)
        )
        return self.occurrences[start:end]

    def of(self, symbol: Symbol) -> Iterator[Occurrence]:
        """The occurrences of a symbol."""
        return (occurrence for occurrence in self.occurrences if occurrence.symbol == symbol)

    def visible(self, offset: int) -> dict[str, Symbol]:
        """The symbols that can be named at an offset; of two with one name, the inner one."""
        found: dict[str, Symbol] = {}
        for scope in self.scopes:
            if scope.span.start <= offset <= scope.span.end:
                found.update((symbol.name, symbol) for since, symbol in scope.seen if since <= offset)
        return found
