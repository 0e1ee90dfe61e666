"""Where a name is bound: in this file, in one that it uses, or in the prelude."""

from __future__ import annotations

from ssrdsl.editor.imports import used_file
from ssrdsl.editor.reading import Reading, moved
from ssrdsl.editor.scopes import enclosing
from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.elaborate import Reader


def definition(reading: Reading, offset: int, read: Reader) -> tuple[Span, ...]:
    """Where what stands at an offset is bound, the last bindings as seen from there; empty for what no file binds.

    Of a `use`, the beginning of the file that it names.
    """
    occurrence = reading.occurrence(offset)
    if occurrence is None:
        return _of_use(reading, offset, read)
    if occurrence.binders:
        return tuple(reading.present(binder.span) for binder in occurrence.binders)
    return () if occurrence.symbol.span is None else (reading.present(occurrence.symbol.span),)


def _of_use(reading: Reading, offset: int, read: Reader) -> tuple[Span, ...]:
    if reading.tree is None:
        return ()
    path = enclosing(reading.tree.file, moved(offset, reading.source, reading.tree.source))
    use = path[-1]
    used = used_file(use, reading.source.name, read) if isinstance(use, syntax.Use) else None
    return () if used is None else (Span(used.span.source, 0, 0),)
