"""Go to definition: in this file, in an imported one, or in the prelude."""

from __future__ import annotations

from ssrdsl.editor.names.imports import used_file
from ssrdsl.editor.reading import Reading
from ssrdsl.language import syntax
from ssrdsl.language.source import Span
from ssrdsl.space.elaborate import Reader


def definition(reading: Reading, offset: int, read: Reader) -> tuple[Span, ...]:
    """The bindings of the name at an offset, as visible from there; empty for names that no file binds.

    For a `use`, the beginning of the imported file.
    """
    occurrence = reading.occurrence(offset)
    if occurrence is None:
        return _of_use(reading, offset, read)
    if occurrence.binders:
        return tuple(reading.present(binder.span) for binder in occurrence.binders)
    return () if occurrence.symbol.span is None else (reading.present(occurrence.symbol.span),)


def _of_use(reading: Reading, offset: int, read: Reader) -> tuple[Span, ...]:
    uses = [node for node in reading.nodes(offset) if isinstance(node, syntax.Use)]
    used = used_file(uses[0], reading.source.name, read) if uses else None
    return () if used is None else (Span(used.span.source, 0, 0),)
