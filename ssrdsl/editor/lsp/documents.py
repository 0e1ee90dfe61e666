"""The files open in an editor, with their texts there, and the files on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lsprotocol import types

from ssrdsl.editor.analysis import Analysis
from ssrdsl.editor.lsp.positions import UTF16, Lines
from ssrdsl.editor.reading import Reading, read_text
from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.source import Source
from ssrdsl.space.binding import Reader, read_source

SUFFIX = ".ssr"


def reader(texts: Mapping[str, str]) -> Reader:
    """A reader of files with their texts in the editor if they are open there, else from the disk."""

    def read(path: str) -> Source:
        path = os.path.normpath(path)
        return Source(path, texts[path]) if path in texts else read_source(path)

    return read


@dataclass(slots=True)
class Document:
    """An open file: its text, the reading of that text, and the last analysis, which may be of an earlier one."""

    path: str
    lines: Lines
    version: int
    analysis: Analysis | None = None
    source: Source = field(init=False)
    _reading: Reading | None = None
    _is_read: bool = False

    def __post_init__(self) -> None:
        self.source = Source(self.path, self.lines.text)

    def change(self, lines: Lines, version: int) -> None:
        """Replace the text."""
        self.lines, self.version = lines, version
        self.source = Source(self.path, lines.text)
        self._is_read = False

    def reading(self, read: Reader) -> Reading:
        """The reading of the text."""
        if self._reading is None or not self._is_read:
            self._reading = read_text(self.source, read, self._reading)
            self._is_read = True
        return self._reading

    def present(self, read: Reader) -> Analysis:
        """The last analysis, with the reading of the current text."""
        reading = self.reading(read)
        return Analysis(reading) if self.analysis is None else replace(self.analysis, reading=reading)

    def uses_files(self, read: Reader) -> bool:
        """Whether the text uses other files, which may have changed; if so, it is read again."""
        module = self.reading(read).module
        uses = module is not None and any(isinstance(i, syntax.Use) and not i.library for i in module.file.items)
        self._is_read = not uses
        return uses


@dataclass(slots=True)
class Documents:
    """All open files by URI; the editor counts columns in `encoding`."""

    encoding: str = UTF16
    opened: dict[str, Document] = field(default_factory=dict)

    def open(self, uri: str, path: str, text: str, version: int) -> Document:
        """Add a file opened in the editor."""
        document = Document(os.path.normpath(path), Lines(text, self.encoding), version)
        self.opened[uri] = document
        return document

    def change(self, uri: str, edits: Iterable[types.TextDocumentContentChangeEvent], version: int) -> None:
        """Apply the edits of an open file."""
        document = self.opened[uri]
        document.change(Lines(document.lines.edited(edits), self.encoding), version)

    def close(self, uri: str) -> None:
        """Remove a file that is no longer open."""
        self.opened.pop(uri, None)

    def texts(self) -> dict[str, str]:
        """The current texts of the open files by path."""
        return {document.path: document.lines.text for document in self.opened.values()}

    def reader(self) -> Reader:
        """A reader of files with their current texts in the editor."""
        return reader(self.texts())

    def uri_of(self, path: str) -> str | None:
        """The URI of a path if it is open."""
        return next((uri for uri, document in self.opened.items() if document.path == path), None)

    def neighbours(self, path: str) -> Iterator[Source]:
        """The files that may import the one at a path or be imported by it: those in its directory, and open ones."""
        read = self.reader()
        beside = sorted(Path(path).parent.glob(f"*{SUFFIX}")) if os.path.isabs(path) else []
        for name in dict.fromkeys([*self.texts(), *map(str, beside)]):
            try:
                yield read(name)
            except UserError:
                continue
