"""The files of definitions: those shipped with the package, and those read from disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from ssrdsl import std
from ssrdsl.files import read_text
from ssrdsl.language import syntax
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source

LIBRARIES = ("std",)
Reader = Callable[[str], Source]
"""A function from a path to its source, by default from disk; the language server has the text of open files."""


def read_source(path: str) -> Source:
    """Read the source of a file. Raises `UserError` if it cannot be read."""
    return Source(path, read_text(Path(path)))


@lru_cache(maxsize=64)
def parsed(source: Source) -> syntax.File:
    """Parse an imported file. Raises `DiagnosticError`."""
    return parse(source)


@cache
def library_file(name: str) -> syntax.File:
    """Parse a library shipped with the package."""
    return parse(Source(f"<{name}>", read_text(Path(std.__file__).with_name(f"{name}.ssr"))))
