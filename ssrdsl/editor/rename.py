"""References to a name, also in other files, and renaming."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ssrdsl.editor.reading import Reading, Tree, read_text
from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.grammar import keywords, terminals
from ssrdsl.language.source import Source, Span
from ssrdsl.space.binding import Reader
from ssrdsl.space.binding.files import LIBRARIES
from ssrdsl.space.binding.occurrences import Occurrence
from ssrdsl.space.binding.primitives import primitives
from ssrdsl.space.binding.symbols import Symbol, SymbolKind


class Change(NamedTuple):
    """A range of a file, and its replacement."""

    span: Span
    text: str


def references(reading: Reading, offset: int, others: Iterable[Source], read: Reader) -> tuple[Span, ...]:
    """All uses and bindings of the name at an offset, here and in other files."""
    occurrence = reading.occurrence(offset)
    if occurrence is None or reading.tree is None:
        return ()
    found = [reading.present(each.span) for each in reading.tree.names.of(occurrence.symbol)]
    for tree in _other_trees(occurrence.symbol, reading, others, read):
        found += [each.span for each in tree.names.of(occurrence.symbol)]
    return tuple(dict.fromkeys(found))


def renamed_span(reading: Reading, offset: int) -> Span:
    """The span of the name at an offset. Raises `UserError` if it cannot be renamed."""
    return _occurrence(reading, offset).span


def rename(reading: Reading, offset: int, name: str, others: Iterable[Source], read: Reader) -> tuple[Change, ...]:
    """The changes that rename the name at an offset, here and in other files.

    Raises `UserError` if the new name is invalid, or would change the meaning of a text.
    """
    occurrence = _occurrence(reading, offset)
    _check_name(name)
    symbol = occurrence.symbol
    trees = [tree for tree in [reading.tree, *_other_trees(symbol, reading, others, read)] if tree is not None]
    _check_keywords(symbol, trees)
    changes = [Change(each.span, name) for tree in trees for each in tree.names.of(symbol)]
    _check_meaning(trees, changes, symbol, name, read)
    return tuple(changes)


def _occurrence(reading: Reading, offset: int) -> Occurrence:
    if not reading.is_whole:
        raise UserError("the text has syntax errors", help="fix them first")
    occurrence = reading.occurrence(offset)
    if occurrence is None:
        raise UserError("there is no name here to rename")
    symbol = occurrence.symbol
    if symbol.kind in (SymbolKind.OPERATOR, SymbolKind.FUNCTION, SymbolKind.COST):
        raise UserError(f"`{symbol.name}` is defined by the language", help="bind it to a new name")
    libraries = {f"<{library}>" for library in LIBRARIES}
    if isinstance(symbol.node, syntax.Rebinding) or (symbol.span and symbol.span.source.name in libraries):
        raise UserError(f"`{symbol.name}` is defined in the prelude", help="bind it to a new name")
    return occurrence


def _check_name(name: str) -> None:
    if name in keywords():
        raise UserError(f"`{name}` is a reserved word", help="use another name")
    if not re.fullmatch(terminals()["NAME"].pattern.value, name):
        raise UserError(f"`{name}` is not a valid name", help="names consist of ASCII letters, digits and `_`")
    if name in primitives():
        raise UserError(f"`{name}` is defined by the language", help="use another name")


def _check_keywords(symbol: Symbol, trees: Iterable[Tree]) -> None:
    """Raise `UserError` for a keyword argument of an unknown layer, which may be this parameter or not."""
    if symbol.kind is not SymbolKind.PARAMETER:
        return
    for tree in trees:
        for keyword in tree.names.keywords:
            if keyword.name == symbol.name:
                raise UserError(
                    f"line {keyword.name_span.line} of {tree.source.name} passes `{symbol.name}` to an unknown layer",
                    help="pass it by position there, or rename manually",
                )


def _other_trees(symbol: Symbol, reading: Reading, others: Iterable[Source], read: Reader) -> list[Tree]:
    """The trees of the other files that use a symbol."""
    if symbol.span is None:
        return []
    found: list[Tree] = []
    for source in dict.fromkeys(others):
        if source.name != reading.source.name and symbol.name in source.text:
            other = read_text(source, read)
            if other.is_whole and other.tree is not None and any(other.tree.names.of(symbol)):
                found.append(other.tree)
    return found


def _check_meaning(trees: Iterable[Tree], changes: Iterable[Change], symbol: Symbol, name: str, read: Reader) -> None:
    """Raise `UserError` for changes after which a name would refer to another binding."""
    texts = {tree.source.name: _changed(tree.source, changes) for tree in trees}
    for tree in trees:
        after = read_text(texts[tree.source.name], _reader(texts, read))
        if after.tree is None or not after.is_whole or not _alike(tree, after.tree, symbol, name):
            raise UserError(f"`{name}` is already used here", help="use another name")


def _changed(source: Source, changes: Iterable[Change]) -> Source:
    text = source.text
    for span, new in sorted(changes, key=lambda change: -change.span.start):
        if span.source == source:
            text = text[: span.start] + new + text[span.end :]
    return Source(source.name, text)


def _reader(texts: Mapping[str, Source], read: Reader) -> Reader:
    return lambda path: texts[path] if path in texts else read(path)


def _alike(before: Tree, after: Tree, symbol: Symbol, name: str) -> bool:
    """Whether the names of two trees refer to each other in the same way."""
    olds, news = before.names.occurrences, after.names.occurrences
    if len(before.names.unknown) != len(after.names.unknown) or len(olds) != len(news):
        return False
    there: dict[Symbol, Symbol] = {}
    back: dict[Symbol, Symbol] = {}
    for old, new in zip(olds, news, strict=True):
        if new.symbol.name != (name if old.symbol == symbol else old.symbol.name):
            return False
        if there.setdefault(old.symbol, new.symbol) != new.symbol:
            return False
        if back.setdefault(new.symbol, old.symbol) != old.symbol:
            return False
    return True
