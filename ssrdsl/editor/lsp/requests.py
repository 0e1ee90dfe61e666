"""The handlers of the server: one function per type of message."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from ssrdsl.editor.completion import complete
from ssrdsl.editor.definition import definition
from ssrdsl.editor.formatting import formatting
from ssrdsl.editor.hover import hover, is_about_size
from ssrdsl.editor.lsp.documents import SUFFIX, Document
from ssrdsl.editor.lsp.server import Server
from ssrdsl.editor.outline import outline
from ssrdsl.editor.rename import references, rename, renamed_span
from ssrdsl.errors import UserError
from ssrdsl.space.binding import Reader

_REQUEST_FAILED = -32803


def create_server() -> Server:
    """Create a language server with all handlers."""
    server = Server()
    for method, (handler, options) in _HANDLERS.items():
        server.feature(method, options)(handler)
    return server


# Notifications


def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """A document was opened."""
    item = params.text_document
    encoding = ls.workspace.position_encoding or types.PositionEncodingKind.Utf16
    ls.documents.encoding = types.PositionEncodingKind(encoding).value
    ls.documents.open(item.uri, to_fs_path(item.uri) or item.uri, item.text, item.version)
    ls.schedule(item.uri, delay=0)


def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """A document was edited."""
    uri = params.text_document.uri
    if uri in ls.documents.opened:
        ls.documents.change(uri, params.content_changes, params.text_document.version)
        ls.schedule(uri)


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """A document was closed; its content on the disk is used again."""
    ls.close(params.text_document.uri)
    for uri in list(ls.documents.opened):
        ls.schedule(uri)


def did_change_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Files changed on the disk."""
    for uri in list(ls.documents.opened):
        ls.schedule(uri)


# Requests


async def on_hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """The hover at the cursor."""
    document = ls.documents.opened.get(params.text_document.uri)
    if document is None:
        return None
    read = ls.documents.reader()
    offset, analysis = document.lines.offset(params.position), document.present(read)
    if is_about_size(analysis, offset):
        analysis = await ls.counted(document, read)
    found = hover(analysis, offset)
    return None if found is None else ls.writer.hover(found, document.lines)


def _of_document(handler: Callable[[Server, Document, Any], Any]) -> Callable[[Server, Any], Any]:
    """A handler of requests about an open document; about others there is nothing to answer."""

    @wraps(handler)
    def answer(ls: Server, params: Any) -> Any:
        document = ls.documents.opened.get(params.text_document.uri)
        return None if document is None else handler(ls, document, params)

    return answer


@_of_document
def on_completion(ls: Server, document: Document, params: types.CompletionParams) -> types.CompletionList:
    """Completions at the cursor."""
    read, offset = ls.documents.reader(), document.lines.offset(params.position)
    proposals = complete(document.reading(read), offset, read, lambda: _beside(document.path, read))
    return ls.writer.completion(proposals, document.lines, offset)


def _beside(path: str, read: Reader) -> Iterator[str]:
    """The other files in the directory of a file that can be imported: those without a space."""
    for other in sorted(Path(path).parent.glob(f"*{SUFFIX}")) if os.path.isabs(path) else ():
        with suppress(UserError):
            if str(other) != path and not re.search(r"^\s*space\b", read(str(other)).text, re.MULTILINE):
                yield other.name


@_of_document
def on_definition(ls: Server, document: Document, params: types.DefinitionParams) -> list[types.Location]:
    """The definitions of a name."""
    found = definition(document.reading(ls.documents.reader()), document.lines.offset(params.position))
    return [ls.writer.location(span) for span in found]


@_of_document
def on_references(ls: Server, document: Document, params: types.ReferenceParams) -> list[types.Location]:
    """The references to a name in all files."""
    read, offset = ls.documents.reader(), document.lines.offset(params.position)
    reading = document.reading(read)
    found = references(reading, offset, ls.documents.neighbours(document.path), read)
    if not params.context.include_declaration:
        bound = set(definition(reading, offset))
        found = tuple(span for span in found if span not in bound)
    return [ls.writer.location(span) for span in found]


@_of_document
def on_highlight(
    ls: Server, document: Document, params: types.DocumentHighlightParams
) -> list[types.DocumentHighlight]:
    """The occurrences of a name in this file."""
    read = ls.documents.reader()
    spans = references(document.reading(read), document.lines.offset(params.position), (), read)
    return [types.DocumentHighlight(ls.writer.range(span, document.lines)) for span in spans]


@_of_document
def on_prepare_rename(ls: Server, document: Document, params: types.PrepareRenameParams) -> types.Range:
    """Whether a name can be renamed."""
    reading = document.reading(ls.documents.reader())
    with _refusing():
        return ls.writer.range(renamed_span(reading, document.lines.offset(params.position)), document.lines)


@_of_document
def on_rename(ls: Server, document: Document, params: types.RenameParams) -> types.WorkspaceEdit:
    """Rename a name everywhere."""
    read, others = ls.documents.reader(), ls.documents.neighbours(document.path)
    with _refusing():
        offset = document.lines.offset(params.position)
        return ls.writer.workspace_edit(rename(document.reading(read), offset, params.new_name, others, read))


@_of_document
def on_formatting(ls: Server, document: Document, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    """Format a document."""
    return ls.writer.text_edits(formatting(document.source), document.lines)


@_of_document
def on_symbols(ls: Server, document: Document, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """The outline of a document."""
    entries = outline(document.reading(ls.documents.reader()))
    return [ls.writer.symbol(entry, document.lines) for entry in entries]


@contextmanager
def _refusing() -> Iterator[None]:
    """Answer errors of the user as refusals of the request."""
    try:
        yield
    except UserError as error:
        message = f"{error.message}; {error.help}" if error.help else error.message
        raise JsonRpcException(message, _REQUEST_FAILED) from error


_HANDLERS: dict[str, tuple[Callable[..., Any], Any]] = {
    types.TEXT_DOCUMENT_DID_OPEN: (did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (did_change, None),
    types.TEXT_DOCUMENT_DID_CLOSE: (did_close, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (did_change_files, None),
    types.TEXT_DOCUMENT_HOVER: (on_hover, None),
    types.TEXT_DOCUMENT_COMPLETION: (on_completion, types.CompletionOptions(trigger_characters=[".", "(", '"'])),
    types.TEXT_DOCUMENT_DEFINITION: (on_definition, None),
    types.TEXT_DOCUMENT_REFERENCES: (on_references, None),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: (on_highlight, None),
    types.TEXT_DOCUMENT_PREPARE_RENAME: (on_prepare_rename, None),
    types.TEXT_DOCUMENT_RENAME: (on_rename, types.RenameOptions(prepare_provider=True)),
    types.TEXT_DOCUMENT_FORMATTING: (on_formatting, None),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (on_symbols, None),
}
