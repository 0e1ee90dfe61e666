"""The meaning of a place of the text in the network: values, decisions and tensors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ssrdsl.editor.meaning import Meaning
from ssrdsl.editor.reading import moved, nodes_at
from ssrdsl.editor.words.wording import (
    applied_lines,
    decision_lines,
    extent_lines,
    items,
    layer_text,
    value_lines,
    value_text,
)
from ssrdsl.language import syntax
from ssrdsl.language.lexer import Token
from ssrdsl.language.source import Source
from ssrdsl.space.binding.occurrences import Occurrence
from ssrdsl.space.binding.symbols import SymbolKind
from ssrdsl.space.expressions import support
from ssrdsl.space.listing import listed

_LAYERS = frozenset(
    [
        SymbolKind.OPERATOR,
        SymbolKind.FUNCTION,
        SymbolKind.BLOCK,
        SymbolKind.BINDING,
        SymbolKind.PARAMETER,
        SymbolKind.VARIABLE,
    ]
)


@dataclass(frozen=True, slots=True)
class LocatedToken:
    """A token in the elaborated text: the nodes around it, outermost first, and its name."""

    meaning: Meaning
    path: list[syntax.Node]
    occurrence: Occurrence | None
    text: str

    def of_name(self) -> Iterator[str]:
        """The values of a name, their decisions, and the tensors at its place."""
        if self.occurrence is None or self.occurrence.symbol.name != self.text:
            return
        meaning = self.meaning
        found = [value for binder in self.occurrence.binders for value in meaning.values(self.text, binder)]
        decisions = list(meaning.decisions_of(support(*(value for _, value in found))))
        written = [*map(listed, decisions), *self._written()]
        if lines := value_lines([each for each in found if value_text(each.value, meaning) not in written], meaning):
            yield items(lines)
        if decisions:
            yield items(decision_lines(decisions))
        if self.occurrence.symbol.kind in _LAYERS and not self.occurrence.defines:
            yield from self._tensors()

    def _written(self) -> Iterator[str]:
        """The layers that the text of a binding shows by itself."""
        for binder in self.occurrence.binders if self.occurrence else ():
            if isinstance(binder.node, syntax.Binding):
                yield layer_text(binder.node.value)

    def _tensors(self) -> Iterator[str]:
        """The inputs and results of the layer under the cursor."""
        span = self.path[-1].span
        for node in reversed(self.path[:-1]):
            if not (isinstance(node, syntax.Call) and node.function.span == span):
                break
            span = node.span
        if lines := applied_lines(self.meaning.applications(span), self.meaning):
            yield "here: " + (lines[0] if len(lines) == 1 else "\n" + items(lines))

    def of_others(self) -> Iterator[str]:
        """The description of an expression that is not a name: an extent, a set, a `choose`."""
        for node in reversed(self.path):
            match node:
                case syntax.Attribute(value=syntax.Name(name=name), name=extent) if extent == self.text:
                    used = self.meaning.module.names.at(node.value.span.start)
                    binders = () if used is None else used.binders
                    found = [value for binder in binders for value in self.meaning.values(name, binder)]
                    if lines := extent_lines(found, extent, self.meaning):
                        yield items(lines)
                    return
                case syntax.Set() | syntax.ChooseOver() | syntax.ChooseAlternatives():
                    if lines := decision_lines(self.meaning.decisions(node.span)):
                        yield items(lines)
                        return
                case syntax.Suite():
                    return


def place_of(token: Token, source: Source, meaning: Meaning) -> LocatedToken | None:
    """The place of a token of a source in the elaborated text; None if it is not there."""
    module, there = meaning.module, meaning.module.source
    offset = moved(token.start, source, there)
    if there.text[offset : offset + len(token.text)] != token.text:
        return None
    return LocatedToken(meaning, nodes_at(module.file, offset), module.names.at(offset), token.text)
