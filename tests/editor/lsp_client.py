"""A language client that starts `ssrdsl lsp` and communicates with it over standard input and output."""

import asyncio
import sys
import threading
from collections import defaultdict
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 60
COMMAND = "from ssrdsl.cli import main; raise SystemExit(main(['lsp', '--stdio']))"
T = TypeVar("T")


class Client:
    """A client of pygls with its loop in a separate thread and calls that wait for their answers."""

    def __init__(self, encodings: list[types.PositionEncodingKind] | None = None) -> None:
        self.published: dict[str, list[types.PublishDiagnosticsParams]] = defaultdict(list)
        self.shown: list[str] = []
        self.arrived = threading.Condition()
        self.versions: dict[str, int] = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.client = LanguageClient("tests", "0")
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._take(params))
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self._show(params))
        self.wait(self.client.start_io(sys.executable, "-c", COMMAND))
        general = types.GeneralClientCapabilities(position_encodings=encodings)
        wanted = types.InitializeParams(types.ClientCapabilities(general=general))
        self.capabilities = self.wait(self.client.initialize_async(wanted)).capabilities
        self.client.initialized(types.InitializedParams())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait(self._leave())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()

    async def _leave(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.client._server
        assert process is not None
        self.status = await asyncio.wait_for(process.wait(), PATIENCE)
        await self.client.stop()

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine in the client's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def _take(self, params: types.PublishDiagnosticsParams) -> None:
        with self.arrived:
            self.published[params.uri].append(params)
            self.arrived.notify_all()

    def _show(self, params: types.ShowMessageParams) -> None:
        self.shown.append(params.message)

    # Documents

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a file, with a text that may differ from that on the disk; returns its URI."""
        uri = path.as_uri()
        self.versions[uri] = 1
        content = path.read_text(encoding="utf-8") if text is None else text
        item = types.TextDocumentItem(uri, "ssr", 1, content)
        self._call(self.client.text_document_did_open, types.DidOpenTextDocumentParams(item))
        return uri

    def edit(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Replace a range of an open file."""
        span = types.Range(types.Position(*start), types.Position(*end))
        self.change(uri, types.TextDocumentContentChangePartial(span, text))

    def replace(self, uri: str, text: str) -> None:
        """Replace the whole text of an open file."""
        self.change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        """Send changes of an open file."""
        self.versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self._call(self.client.text_document_did_change, types.DidChangeTextDocumentParams(document, list(changes)))

    def close(self, uri: str) -> None:
        """Close an open file."""
        document = types.TextDocumentIdentifier(uri)
        self._call(self.client.text_document_did_close, types.DidCloseTextDocumentParams(document))

    def _call(self, function: Any, *arguments: Any) -> None:
        async def call() -> None:
            function(*arguments)

        self.wait(call())

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of the current text of a file, once published."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self._is_told(uri), PATIENCE)
            return list(self.published[uri][-1].diagnostics)

    def _is_told(self, uri: str) -> bool:
        return bool(self.published[uri]) and self.published[uri][-1].version == self.versions[uri]

    # Questions

    def at(self, uri: str, line: int, column: int) -> dict[str, Any]:
        """The parameters of a request about a place."""
        return {"text_document": types.TextDocumentIdentifier(uri), "position": types.Position(line, column)}

    def hover(self, uri: str, line: int, column: int) -> str | None:
        found = self.wait(self.client.text_document_hover_async(types.HoverParams(**self.at(uri, line, column))))
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    def complete(self, uri: str, line: int, column: int) -> list[types.CompletionItem]:
        params = types.CompletionParams(**self.at(uri, line, column))
        found = self.wait(self.client.text_document_completion_async(params))
        assert isinstance(found, types.CompletionList)
        return list(found.items)

    def definition(self, uri: str, line: int, column: int) -> list[types.Location]:
        params = types.DefinitionParams(**self.at(uri, line, column))
        found: Any = self.wait(self.client.text_document_definition_async(params))
        return list(found)

    def references(self, uri: str, line: int, column: int) -> list[types.Location]:
        params = types.ReferenceParams(types.ReferenceContext(True), **self.at(uri, line, column))
        found = self.wait(self.client.text_document_references_async(params))
        return list(found or ())

    def rename(self, uri: str, line: int, column: int, name: str) -> dict[str, list[types.TextEdit]]:
        params = types.RenameParams(new_name=name, **self.at(uri, line, column))
        found = self.wait(self.client.text_document_rename_async(params))
        assert found is not None
        return {file: list(edits) for file, edits in (found.changes or {}).items()}

    def format(self, uri: str) -> list[types.TextEdit]:
        options = types.FormattingOptions(tab_size=2, insert_spaces=True)
        params = types.DocumentFormattingParams(types.TextDocumentIdentifier(uri), options)
        found = self.wait(self.client.text_document_formatting_async(params))
        return list(found or ())

    def symbols(self, uri: str) -> list[Any]:
        params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
        return list(self.wait(self.client.text_document_document_symbol_async(params)) or ())
