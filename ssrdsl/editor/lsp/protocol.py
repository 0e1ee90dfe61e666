"""Convert the results of the editor functions to types of the language server protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import as_file, files

from lsprotocol import types
from pygls.uris import from_fs_path

from ssrdsl.editor.completion import Other, Proposal
from ssrdsl.editor.hover import Hover
from ssrdsl.editor.lsp.positions import Lines
from ssrdsl.editor.outline import Entry
from ssrdsl.editor.rename import Change
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.source import Source, Span
from ssrdsl.space.binding.symbols import SymbolKind

_SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}
_COMPLETIONS = {
    SymbolKind.OPERATOR: types.CompletionItemKind.Class,
    SymbolKind.FUNCTION: types.CompletionItemKind.Function,
    SymbolKind.SPACE: types.CompletionItemKind.Module,
    SymbolKind.BLOCK: types.CompletionItemKind.Class,
    SymbolKind.PARAMETER: types.CompletionItemKind.Property,
    Other.KEYWORD: types.CompletionItemKind.Keyword,
    Other.SETTING: types.CompletionItemKind.Property,
    Other.VALUE: types.CompletionItemKind.Value,
    Other.EXTENT: types.CompletionItemKind.Field,
    Other.LIBRARY: types.CompletionItemKind.Module,
    Other.FILE: types.CompletionItemKind.File,
}
_SYMBOLS = {
    SymbolKind.SPACE: types.SymbolKind.Module,
    SymbolKind.BLOCK: types.SymbolKind.Class,
    SymbolKind.PARAMETER: types.SymbolKind.Property,
    SymbolKind.INPUT: types.SymbolKind.Interface,
    SymbolKind.OUTPUT: types.SymbolKind.Interface,
    SymbolKind.HEAD: types.SymbolKind.Interface,
    None: types.SymbolKind.Namespace,
}


@dataclass(frozen=True, slots=True)
class LocationWriter:
    """Writes places for an editor that counts columns in an encoding; `open_uri` returns the URI of an open file."""

    encoding: str
    open_uri: Callable[[str], str | None]

    def range(self, span: Span, lines: Lines | None = None) -> types.Range:
        """A range of a file; `lines` are those of its text, if already computed."""
        lines = lines or Lines(span.source.text, self.encoding)
        return types.Range(lines.position(span.start), lines.position(span.end))

    def location(self, span: Span) -> types.Location:
        """A range of a file with its URI."""
        return types.Location(self.uri(span.source), self.range(span))

    def uri(self, source: Source) -> str:
        """The URI of a file."""
        if source.name.startswith("<"):
            with as_file(files("ssrdsl.std") / f"{source.name.strip('<>')}.ssr") as path:
                return from_fs_path(str(path)) or source.name
        return self.open_uri(source.name) or from_fs_path(source.name) or source.name

    # Diagnostics

    def diagnostic(self, diagnostic: Diagnostic, source: Source, file: syntax.File | None) -> types.Diagnostic:
        """A diagnostic for the file of a source; one about another file is placed at the `use` of that file."""
        span = _place_in(diagnostic, source, file)
        related = [label for label in (diagnostic.label, *diagnostic.secondary) if label.span != span]
        return types.Diagnostic(
            self.range(span),
            message=_message(diagnostic, span),
            severity=_SEVERITIES.get(diagnostic.severity, types.DiagnosticSeverity.Information),
            code=diagnostic.code,
            source="ssrdsl",
            related_information=[self._related(label, diagnostic) for label in related] or None,
        )

    def _related(self, label: Label, diagnostic: Diagnostic) -> types.DiagnosticRelatedInformation:
        return types.DiagnosticRelatedInformation(self.location(label.span), label.text or diagnostic.message)

    # Hover, completion, symbols and edits

    def hover(self, found: Hover, lines: Lines) -> types.Hover:
        """A hover."""
        content = types.MarkupContent(types.MarkupKind.Markdown, found.text)
        return types.Hover(content, self.range(found.span, lines))

    def completion(self, proposals: Iterable[Proposal], lines: Lines, offset: int) -> types.CompletionList:
        """Proposals, in their order."""
        return types.CompletionList(
            is_incomplete=False,
            items=[self._item(proposal, rank, lines, offset) for rank, proposal in enumerate(proposals)],
        )

    def _item(self, proposal: Proposal, rank: int, lines: Lines, offset: int) -> types.CompletionItem:
        replaced = types.Range(lines.position(proposal.start), lines.position(offset))
        about = types.MarkupContent(types.MarkupKind.Markdown, proposal.about) if proposal.about else None
        return types.CompletionItem(
            label=proposal.name,
            kind=_COMPLETIONS.get(proposal.kind, types.CompletionItemKind.Variable),
            detail=proposal.detail or None,
            documentation=about,
            sort_text=f"{rank:04}",
            filter_text=proposal.name,
            text_edit=types.TextEdit(replaced, proposal.name),
        )

    def symbol(self, entry: Entry, lines: Lines) -> types.DocumentSymbol:
        """An entry of the outline."""
        return types.DocumentSymbol(
            name=entry.name,
            kind=_SYMBOLS.get(entry.kind, types.SymbolKind.Variable),
            range=self.range(entry.span, lines),
            selection_range=self.range(entry.name_span, lines),
            detail=entry.detail or None,
            children=[self.symbol(part, lines) for part in entry.parts],
        )

    def text_edits(self, changes: Iterable[Change], lines: Lines) -> list[types.TextEdit]:
        """Changes of one file."""
        return [types.TextEdit(self.range(change.span, lines), change.text) for change in changes]

    def workspace_edit(self, changes: Iterable[Change]) -> types.WorkspaceEdit:
        """Changes of several files."""
        found: dict[str, list[types.TextEdit]] = {}
        for change in changes:
            edit = types.TextEdit(self.range(change.span), change.text)
            found.setdefault(self.uri(change.span.source), []).append(edit)
        return types.WorkspaceEdit(changes=found)


def _place_in(diagnostic: Diagnostic, source: Source, file: syntax.File | None) -> Span:
    for label in (diagnostic.label, *diagnostic.secondary):
        if label.span.source.name == source.name:
            return label.span
    uses = [item for item in file.items if isinstance(item, syntax.Use) and not item.library] if file else []
    named = [use for use in uses if diagnostic.label.span.source.name.endswith(use.target)]
    return (named or uses)[0].span if uses else Span(source, 0, 0)


def _message(diagnostic: Diagnostic, span: Span) -> str:
    """The text of a diagnostic: message, label, notes and help, one per line."""
    label = diagnostic.label
    place = "" if label.span == span else f" ({label.span.source.name}:{label.span.line}:{label.span.column})"
    lines = [diagnostic.message + place, label.text, *diagnostic.notes]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(line for line in lines if line)
