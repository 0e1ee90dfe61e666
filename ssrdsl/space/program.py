"""The front door: from a `.ssr` file to its space graph and everything that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space.elaborate import Reader, elaborate, read_source
from ssrdsl.space.graph import Graph
from ssrdsl.space.plain_settings import plainly_valid

if TYPE_CHECKING:
    from ssrdsl.space.settings import Given, SearchSettings


@dataclass(frozen=True, slots=True)
class Program:
    """A space with its graph, the values of its parameters, its search settings, and the text that it comes from.

    `given` are the settings as the text gives them, known to be right.
    """

    name: str
    graph: Graph
    parameters: Mapping[str, Any]
    given: tuple[Given, ...]
    source: Source
    file: syntax.File
    overrides: Mapping[str, str]
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def settings(self) -> SearchSettings:
        """How to search the space."""
        # Imported here, since pydantic takes longer to load than most spaces to elaborate.
        from ssrdsl.space.settings import search_settings

        return search_settings(self.given)

    @property
    def sha256(self) -> str:
        """The hash of the text, in hexadecimal digits."""
        return sha256(self.source.text.encode()).hexdigest()


def open_space(path: str | Path, overrides: Mapping[str, str] | None = None, *, read: Reader = read_source) -> Program:
    """The space of a file. `overrides` are texts for its parameters, as `--set` gives them.

    Raises `UserError` where the file cannot be read, `DiagnosticError` where its text is wrong.
    """
    return open_source(read(str(path)), overrides, read=read)


def open_source(source: Source, overrides: Mapping[str, str] | None = None, *, read: Reader = read_source) -> Program:
    """The space of a text; `source.name` is the path that `use` is relative to."""
    file = parse(source)
    elaborated = elaborate(file, source.name, overrides, read)
    program = Program(
        name=elaborated.space.name,
        graph=elaborated.graph,
        parameters=elaborated.parameters,
        given=tuple(elaborated.settings),
        source=source,
        file=file,
        overrides=dict(overrides or {}),
        warnings=elaborated.warnings,
    )
    if not plainly_valid(program.given):
        _ = program.settings  # raises what is wrong with them
    return program
