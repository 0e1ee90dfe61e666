"""The analysis of a text: its diagnostics, and its meaning as far as it can be determined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ssrdsl.editor.meaning import Meaning
from ssrdsl.editor.reading import Reading
from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space.binding import Reader, read_source
from ssrdsl.space.check import about_parameter, check_elaborated, holds_definitions_only
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.elaborate import check_definitions, elaborate


@dataclass(frozen=True, slots=True)
class Analysis:
    """The analysis of a text: its reading, its diagnostics, and the meaning of it or of an earlier text.

    `architectures` is their number or the reason why it is not known, None before counting.
    """

    reading: Reading
    diagnostics: tuple[Diagnostic, ...] = ()
    meaning: Meaning | None = field(default=None, repr=False)
    architectures: int | str | None = None

    @property
    def source(self) -> Source:
        """The current text."""
        return self.reading.source


def analyse(reading: Reading, read: Reader, before: Analysis | None = None) -> Analysis:
    """Elaborate and prove a text that has been read; `before` is the analysis of the previous text.

    Errors of the text become diagnostics; for broken parts the earlier meaning is kept.
    """
    kept = Analysis(reading, reading.mistakes, before.meaning if before else None)
    module = reading.module
    if not reading.is_whole or module is None:
        return kept
    try:
        if holds_definitions_only(module.file):
            check_definitions(module.file, module.source.name, read)
            return kept
        meaning = Meaning(module, elaborate(module.file, module.source.name, None, read))
    except DiagnosticError as error:
        return replace(kept, diagnostics=error.diagnostics)
    except UserError as error:
        # Not an error of the file: its user can set the parameter.
        return replace(kept, diagnostics=(replace(about_parameter(error, module.file), severity="warning"),))
    return Analysis(reading, check_elaborated(meaning.elaborated), meaning)


def count(source: Source, read: Reader = read_source) -> int | str:
    """The number of architectures of a text, which may take long, or the reason why it is not known."""
    # Imported here, since only the size needs it.
    from ssrdsl.space.size import architectures

    try:
        return architectures(elaborate(parse(source), source.name, None, read).graph)
    except (TooWide, UserError) as reason:
        return str(reason)
    except DiagnosticError as error:
        return error.diagnostics[0].message
