"""The files of definitions: those that come with the package, and those that are read from a disk."""

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
"""Returns the source of a path; can replace the disk (for an editor's unsaved text)."""


def read_source(path: str) -> Source:
    """The source of a file. Raises `UserError` if it cannot be read."""
    return Source(path, read_text(Path(path)))


@lru_cache(maxsize=64)
def parsed(source: Source) -> syntax.File:
    """The syntax tree of a file that others use. Raises `DiagnosticError`."""
    return parse(source)


@cache
def library_file(name: str) -> syntax.File:
    """The syntax tree of a library that comes with the package."""
    return parse(Source(f"<{name}>", read_text(Path(std.__file__).with_name(f"{name}.ssr"))))
