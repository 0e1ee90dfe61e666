"""Files without a space, which others use: what can be checked of their definitions alone."""

from __future__ import annotations

from collections.abc import Iterator

from ssrdsl.editor.reading import Tree
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label, suggest
from ssrdsl.space.elaborate import Reader
from ssrdsl.space.elaborate.elaborator import Elaborator
from ssrdsl.space.elaborate.modules import Modules
from ssrdsl.space.elaborate.values import Silence


def holds_definitions_only(file: syntax.File) -> bool:
    """Whether a file is there to be used by others: it has definitions, but neither a space nor a search."""
    kinds = {type(item) for item in file.items}
    return bool(kinds) and kinds <= {syntax.Use, syntax.Block, syntax.Binding}


def check_definitions(tree: Tree, read: Reader) -> Iterator[Diagnostic]:
    """What is wrong with a file of definitions, as far as that shows before they are used."""
    elaborator = Elaborator()
    place = elaborator.builder.root("", syntax.Space("", (), (), span=tree.file.span))
    found: tuple[Diagnostic, ...] = ()
    try:
        Modules(elaborator, place, read).load(tree.file, tree.source.name)
    except DiagnosticError as error:
        found = error.diagnostics
        yield from found
    except Silence:
        pass
    known = tree.names.visible(len(tree.source.text)) if tree.names.unknown else {}
    told = {diagnostic.label.span for diagnostic in found}
    for name in tree.names.unknown:
        if name.span not in told:
            help = suggest(name.name, known)
            yield Diagnostic("E0301", f"`{name.name}` is not known", Label(name.span), help=help)
