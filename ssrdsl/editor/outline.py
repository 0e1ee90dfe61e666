"""The outline of a file: its spaces, blocks and bindings, and their contents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ssrdsl.editor.reading import Reading
from ssrdsl.editor.words.signatures import header
from ssrdsl.editor.words.wording import shortened
from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.binding.symbols import SymbolKind


class Entry(NamedTuple):
    """An entry of the outline: `span` is its range, `name_span` that of its name; `kind` None is the search block."""

    name: str
    kind: SymbolKind | None
    detail: str
    span: Span
    name_span: Span
    parts: tuple[Entry, ...] = ()


def outline(reading: Reading) -> tuple[Entry, ...]:
    """The outline of a text, or of the last one that could be read, moved to current positions."""
    if reading.module is None:
        return ()
    return tuple(_present(entry, reading) for item in reading.module.file.items for entry in _of_item(item))


def _present(entry: Entry, reading: Reading) -> Entry:
    parts = tuple(_present(part, reading) for part in entry.parts)
    return entry._replace(span=reading.present(entry.span), name_span=reading.present(entry.name_span), parts=parts)


def _of_item(item: syntax.Item) -> Iterator[Entry]:
    match item:
        case syntax.Space(body=body):
            yield _entry(item, item.name, SymbolKind.SPACE, header(item), tuple(_of_statements(body.statements)))
        case syntax.Search(settings=settings):
            parts = tuple(_of_setting(setting) for setting in settings)
            word = Span(item.span.source, item.span.start, item.span.start + len("search"))
            yield Entry("search", None, "", item.span, word, parts)
        case syntax.Block() | syntax.Binding():
            yield from _of_statements([item])


def _of_setting(setting: syntax.Setting) -> Entry:
    name = ".".join(setting.path)
    return Entry(name, SymbolKind.PARAMETER, shortened(setting.value.span.text), setting.span, setting.span)


def _of_statements(statements: Iterable[syntax.Statement]) -> Iterator[Entry]:
    for statement in statements:
        match statement:
            case syntax.Block():
                parts = tuple(_of_statements(statement.body.statements))
                yield _entry(statement, statement.name, SymbolKind.BLOCK, header(statement), parts)
            case syntax.Binding(names=names, value=value):
                for bound in names:
                    yield Entry(bound.name, SymbolKind.BINDING, shortened(value.span.text), statement.span, bound.span)
            case syntax.For(body=body):
                yield from _of_statements(body.statements)
            case syntax.Input(name=name):
                yield _entry(statement, name, SymbolKind.INPUT, "input")
            case syntax.Output(name=str() as name, auxiliary=True):
                yield _entry(statement, name, SymbolKind.HEAD, "auxiliary")
            case syntax.Output(name=str() as name):
                yield _entry(statement, name, SymbolKind.OUTPUT, "output")


def _entry(node: syntax.NamedNode, name: str, kind: SymbolKind, detail: str, parts: tuple[Entry, ...] = ()) -> Entry:
    return Entry(name, kind, detail, node.span, node.name_span, parts)
