"""References to a name, also in other files, and renaming."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ssrdsl.editor.reading import Reading, read_text
from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.grammar import keywords, terminals
from ssrdsl.language.source import Source, Span
from ssrdsl.space.binding import Module, Reader
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
    if occurrence is None or reading.module is None:
        return ()
    found = [reading.present(each.span) for each in reading.module.names.of(occurrence.symbol)]
    for module in _other_modules(occurrence.symbol, reading, others, read):
        found += [each.span for each in module.names.of(occurrence.symbol)]
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
    modules = [
        module for module in [reading.module, *_other_modules(symbol, reading, others, read)] if module is not None
    ]
    _check_keywords(symbol, modules)
    changes = [Change(each.span, name) for module in modules for each in module.names.of(symbol)]
    _check_meaning(modules, changes, symbol, name, read)
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


def _check_keywords(symbol: Symbol, modules: Iterable[Module]) -> None:
    """Raise `UserError` for a keyword argument of an unknown layer, which may be this parameter or not."""
    if symbol.kind is not SymbolKind.PARAMETER:
        return
    for module in modules:
        for keyword in module.names.keywords:
            if keyword.name == symbol.name:
                raise UserError(
                    f"line {keyword.name_span.line} of {module.source.name} passes `{symbol.name}` to an unknown layer",
                    help="pass it by position there, or rename manually",
                )


def _other_modules(symbol: Symbol, reading: Reading, others: Iterable[Source], read: Reader) -> list[Module]:
    """The modules of the other files that use a symbol."""
    if symbol.span is None:
        return []
    found: list[Module] = []
    for source in dict.fromkeys(others):
        if source.name != reading.source.name and symbol.name in source.text:
            other = read_text(source, read)
            if other.is_whole and other.module is not None and any(other.module.names.of(symbol)):
                found.append(other.module)
    return found


def _check_meaning(
    modules: Iterable[Module], changes: Iterable[Change], symbol: Symbol, name: str, read: Reader
) -> None:
    """Raise `UserError` for changes after which a name would refer to another binding."""
    texts = {module.source.name: _changed(module.source, changes) for module in modules}
    for module in modules:
        after = read_text(texts[module.source.name], _reader(texts, read))
        if after.module is None or not after.is_whole or not _alike(module, after.module, symbol, name):
            raise UserError(f"`{name}` is already used here", help="use another name")


def _changed(source: Source, changes: Iterable[Change]) -> Source:
    text = source.text
    for span, new in sorted(changes, key=lambda change: -change.span.start):
        if span.source == source:
            text = text[: span.start] + new + text[span.end :]
    return Source(source.name, text)


def _reader(texts: Mapping[str, Source], read: Reader) -> Reader:
    return lambda path: texts[path] if path in texts else read(path)


def _alike(before: Module, after: Module, symbol: Symbol, name: str) -> bool:
    """Whether the names of two modules refer to each other in the same way."""
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
