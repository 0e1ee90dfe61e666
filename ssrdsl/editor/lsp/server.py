"""The language server: the open documents, and the schedule of their analyses.

Requests are answered immediately from the reading of the current text and the last analysis. Analyses run in a separate
thread, shortly after the last keystroke; counting architectures, which may take long, runs in a separate process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from ssrdsl import __version__
from ssrdsl.editor.analysis import Analysis, analyse
from ssrdsl.editor.lsp.counting import counted
from ssrdsl.editor.lsp.documents import Document, Documents
from ssrdsl.editor.lsp.protocol import LocationWriter
from ssrdsl.editor.lsp.worker import Worker
from ssrdsl.editor.meaning import Meaning
from ssrdsl.space.binding import Reader

REST = 0.2
"""Seconds without a keystroke before a text is analysed."""
PATIENCE = 3.0
"""Seconds that a hover waits for the number of architectures."""


class _Protocol(LanguageServerProtocol):
    """The protocol, with texts stored only here: pygls also counts other characters as line ends."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Iterator[Any]:
        """Pass on a change."""
        handler = self.fm.features.get(types.TEXT_DOCUMENT_DID_CHANGE)
        if handler is not None:
            yield handler, (params,), None


class Server(LanguageServer):
    """A language server for `.ssr` files."""

    def __init__(self) -> None:
        super().__init__("ssrdsl", __version__, protocol_cls=_Protocol)
        self.documents = Documents()
        self._worker = Worker()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._counts: dict[int, asyncio.Task[None]] = {}

    @property
    def writer(self) -> LocationWriter:
        """Write places as the editor counts them."""
        return LocationWriter(self.documents.encoding, self.documents.uri_of)

    # Schedule of analyses

    def schedule(self, uri: str, delay: float = REST) -> None:
        """Schedule the analysis of a document, and of those that may import it."""
        read = self.documents.reader()
        self._schedule(uri, delay)
        for other, document in self.documents.opened.items():
            if other != uri and document.uses_files(read):
                self._schedule(other, max(delay, REST))

    def _schedule(self, uri: str, delay: float) -> None:
        if uri in self._timers:
            self._timers.pop(uri).cancel()
        self._timers[uri] = asyncio.get_running_loop().call_later(delay, self._submit, uri)

    def _submit(self, uri: str) -> None:
        self._timers.pop(uri, None)
        document = self.documents.opened.get(uri)
        if document is None:
            return
        loop, read = asyncio.get_running_loop(), self.documents.reader()
        reading, before, version = document.reading(read), document.analysis, document.version

        def task() -> None:
            analysis = analyse(reading, read, before)
            with suppress(RuntimeError):  # the server has stopped in the meantime
                loop.call_soon_threadsafe(self._finish, uri, document, version, analysis)

        self._worker.submit(uri, task)

    def _finish(self, uri: str, document: Document, version: int, analysis: Analysis) -> None:
        """Store an analysis. Diagnostics are published only for the current text; the meaning may be used later."""
        if self.documents.opened.get(uri) is not document:
            return
        document.analysis = analysis
        if version == document.version:
            self.publish(uri, document, analysis)

    def publish(self, uri: str, document: Document, analysis: Analysis) -> None:
        """Send the diagnostics of a document to the editor."""
        module = analysis.reading.module
        found = [
            self.writer.diagnostic(diagnostic, document.source, None if module is None else module.file)
            for diagnostic in analysis.diagnostics
        ]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, document.version))

    def close(self, uri: str) -> None:
        """Remove a document and its diagnostics."""
        if uri in self._timers:
            self._timers.pop(uri).cancel()
        self.documents.close(uri)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    # Size of a space

    async def counted(self, document: Document, read: Reader) -> Analysis:
        """The current analysis of a document, with the number of architectures if it is found in time."""
        analysis = document.analysis
        if analysis is not None and analysis.meaning is not None and analysis.architectures is None:
            meaning = analysis.meaning
            if id(meaning) not in self._counts:
                self._counts[id(meaning)] = asyncio.create_task(self._count(document, meaning))
            await asyncio.wait([self._counts[id(meaning)]], timeout=PATIENCE)
        return document.present(read)

    async def _count(self, document: Document, meaning: Meaning) -> None:
        try:
            number = await counted(meaning.module.source, self.documents.texts())
            analysis = document.analysis
            if analysis is not None and analysis.meaning is meaning:
                document.analysis = replace(analysis, architectures=number)
        finally:
            self._counts.pop(id(meaning), None)
