"""Go to definition: in this file, in an imported one, or in the prelude."""

from __future__ import annotations

from ssrdsl.editor.reading import Reading
from ssrdsl.language.source import Span


def definition(reading: Reading, offset: int) -> tuple[Span, ...]:
    """The bindings of the name at an offset, as visible from there; empty for names that no file binds.

    For a `use`, the beginning of the imported file.
    """
    occurrence = reading.occurrence(offset)
    if occurrence is None:
        return _of_use(reading, offset)
    if occurrence.binders:
        return tuple(reading.present(binder.span) for binder in occurrence.binders)
    return () if occurrence.symbol.span is None else (reading.present(occurrence.symbol.span),)


def _of_use(reading: Reading, offset: int) -> tuple[Span, ...]:
    nodes = reading.nodes(offset)
    uses = () if reading.module is None else reading.module.uses
    found = [used.module.file for used in uses if any(used.use is node for node in nodes)]
    return tuple(Span(file.span.source, 0, 0) for file in found)
