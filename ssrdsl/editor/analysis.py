"""The analysis of a text: what is wrong with it, and what it means as far as that can be told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ssrdsl.editor.meaning import Meaning
from ssrdsl.editor.reading import Reading, Tree, read_text
from ssrdsl.editor.without_space import check_definitions, holds_definitions_only
from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source, Span
from ssrdsl.space.diagrams import TooWide
from ssrdsl.space.elaborate import Reader, elaborate, read_source
from ssrdsl.space.prove import prove
from ssrdsl.space.settings import search_settings


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of a text: its reading, what is wrong with it, and the meaning of it or of an earlier text.

    `architectures` is their number or the reason why it cannot be told, None as long as nobody has counted.
    """

    reading: Reading
    diagnostics: tuple[Diagnostic, ...] = ()
    meaning: Meaning | None = field(default=None, repr=False)
    architectures: int | str | None = None

    @property
    def source(self) -> Source:
        """The present text."""
        return self.reading.source


def analyse(source: Source, read: Reader = read_source, before: Analysis | None = None) -> Analysis:
    """Reads, elaborates and proves a text; `before` is the analysis of what it was.

    Whatever is wrong with the text becomes diagnostics; what it does not say any more is kept from before.
    """
    return study(read_text(source, read, before.reading if before else None), read, before)


def study(reading: Reading, read: Reader, before: Analysis | None = None) -> Analysis:
    """The analysis of a text that has been read."""
    kept = Analysis(reading, reading.mistakes, before.meaning if before else None)
    if not reading.is_whole or reading.tree is None:
        return kept
    if holds_definitions_only(reading.tree.file):
        return replace(kept, diagnostics=tuple(check_definitions(reading.tree, read)))
    try:
        meaning = _elaborated(reading.tree, read)
    except DiagnosticError as error:
        return replace(kept, diagnostics=error.diagnostics)
    except UserError as error:
        return replace(kept, diagnostics=(_about_the_space(reading.tree, error),))
    found = [*_settings(meaning), *prove(meaning.graph).found]
    return Analysis(reading, tuple(found), meaning)


def count(source: Source, read: Reader = read_source) -> int | str:
    """The number of architectures of a text, which may take its time, or the reason why it cannot be told."""
    # Imported here, since only the size needs it.
    from ssrdsl.space.size import architectures

    try:
        return architectures(elaborate(parse(source), source.name, None, read).graph)
    except (TooWide, UserError) as reason:
        return str(reason)
    except DiagnosticError as error:
        return error.diagnostics[0].message


def _elaborated(tree: Tree, read: Reader) -> Meaning:
    return Meaning(tree, elaborate(tree.file, tree.source.name, None, read))


def _settings(meaning: Meaning) -> tuple[Diagnostic, ...]:
    try:
        search_settings(meaning.elaborated.settings)
    except DiagnosticError as error:
        return error.diagnostics
    return ()


def _about_the_space(tree: Tree, error: UserError) -> Diagnostic:
    """A parameter without a value is no mistake of the file, which only cannot be looked into without it."""
    space = next((item for item in tree.file.items if isinstance(item, syntax.Space)), tree.file)
    span = Span(tree.source, space.span.start, space.span.start + len("space"))
    message = f"this space is not checked: {error.message}"
    return Diagnostic("E0706", message, Label(span), help=error.help, severity="warning")
