"""The analysis of a text: what is wrong with it, and what it means as far as that can be determined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ssrdsl.editor.meaning import Meaning
from ssrdsl.editor.reading import Reading, Tree
from ssrdsl.errors import UserError
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label, suggest
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space.check import about_parameter, check_elaborated, holds_definitions_only
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.elaborate import Reader, check_definitions, elaborate, read_source
from ssrdsl.space.elaborate.arguments import AUTOMATIC
from ssrdsl.space.elaborate.foreign import FOREIGN


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of a text: its reading, what is wrong with it, and the meaning of it or of an earlier text.

    `architectures` is their number or the reason why it cannot be determined, None as long as nobody has counted.
    """

    reading: Reading
    diagnostics: tuple[Diagnostic, ...] = ()
    meaning: Meaning | None = field(default=None, repr=False)
    architectures: int | str | None = None

    @property
    def source(self) -> Source:
        """The present text."""
        return self.reading.source


def analyse(reading: Reading, read: Reader, before: Analysis | None = None) -> Analysis:
    """Elaborate and proves a text that has been read; `before` is the analysis of what it was.

    Whatever is wrong with the text becomes diagnostics; what it does not say any more is kept from before.
    """
    kept = Analysis(reading, reading.mistakes, before.meaning if before else None)
    if not reading.is_whole or reading.tree is None:
        return kept
    tree = reading.tree
    try:
        if holds_definitions_only(tree.file):
            check_definitions(tree.file, tree.source.name, read)
            return replace(kept, diagnostics=tuple(_unknown_names(tree)))
        meaning = Meaning(tree, elaborate(tree.file, tree.source.name, None, read))
    except DiagnosticError as error:
        return replace(kept, diagnostics=error.diagnostics)
    except UserError as error:
        # No mistake of the file: its user may give the parameter a value.
        return replace(kept, diagnostics=(replace(about_parameter(error, tree.file), severity="warning"),))
    return Analysis(reading, check_elaborated(meaning.elaborated), meaning)


def _unknown_names(tree: Tree) -> Iterator[Diagnostic]:
    """The names that nothing binds, in blocks that are yet to be used."""
    known = tree.names.visible(len(tree.source.text)) if tree.names.unknown else {}
    for name in tree.names.unknown:
        if name.name == AUTOMATIC:
            continue
        help = FOREIGN.get(name.name) or suggest(name.name, known)
        yield Diagnostic("E0301", f"`{name.name}` is unknown", Label(name.span), help=help)


def count(source: Source, read: Reader = read_source) -> int | str:
    """The number of architectures of a text, which may take its time, or the reason why it cannot be determined."""
    # Imported here, since only the size needs it.
    from ssrdsl.space.size import architectures

    try:
        return architectures(elaborate(parse(source), source.name, None, read).graph)
    except (TooWide, UserError) as reason:
        return str(reason)
    except DiagnosticError as error:
        return error.diagnostics[0].message
