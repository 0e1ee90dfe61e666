"""Open a `.ssr` file: its space graph and everything that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space.binding import Reader, read_source
from ssrdsl.space.elaborate import elaborate
from ssrdsl.space.graph import Graph

if TYPE_CHECKING:
    from ssrdsl.space.settings import GivenSetting, SearchSettings


@dataclass(frozen=True, slots=True)
class Program:
    """A space with its graph, its search settings, and its source.

    `settings` are the search settings, `given` those that the text sets.
    """

    graph: Graph
    settings: SearchSettings
    given: tuple[GivenSetting, ...]
    source: Source
    file: syntax.File
    overrides: Mapping[str, str]
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def name(self) -> str:
        """The name of the space."""
        return self.graph.name

    @property
    def sha256(self) -> str:
        """The hash of the text, in hexadecimal digits."""
        return sha256(self.source.text.encode()).hexdigest()


def open_space(path: str | Path, overrides: Mapping[str, str] | None = None, *, read: Reader = read_source) -> Program:
    """The space of a file. `overrides` are texts for its parameters, as `--set` gives them.

    Raises `UserError` if the file cannot be read, `DiagnosticError` if its text has errors.
    """
    return open_source(read(str(path)), overrides, read=read)


def open_source(source: Source, overrides: Mapping[str, str] | None = None, *, read: Reader = read_source) -> Program:
    """The space of a text; `source.name` is the path that `use` is relative to."""
    # Imported here, since checking a file without settings does without pydantic, which takes long to load.
    from ssrdsl.space.settings import search_settings

    file = parse(source)
    elaborated = elaborate(file, source.name, overrides, read)
    return Program(
        graph=elaborated.graph,
        settings=search_settings(elaborated.settings),
        given=elaborated.settings,
        source=source,
        file=file,
        overrides=dict(overrides or {}),
        warnings=elaborated.warnings,
    )
