"""The names that a file sees without binding them: operators, functions, the prelude, the files that it uses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from ssrdsl.editor.names.symbols import Kind, Symbol, file_symbols
from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.operators import OPERATORS, Operator, operators
from ssrdsl.space.elaborate import Reader
from ssrdsl.space.elaborate.builtins import BUILTINS
from ssrdsl.space.elaborate.modules import LIBRARIES, library_file


def outside(file: syntax.File, read: Reader, *, around: tuple[str, ...] = ()) -> dict[str, Symbol]:
    """The names that a file sees without binding them. `around` are the files that are being read already.

    A file that is missing, broken or in a circle gives no names: that it is, elaboration reports.
    """
    found = primitives()
    path = file.span.source.name
    for item in file.items:
        if isinstance(item, syntax.Use):
            used = used_file(item, path, read)
            if used is not None and used.span.source.name not in (*around, path):
                found |= exported(used, read, around=(*around, path))
    return found


def exported(file: syntax.File, read: Reader, *, around: tuple[str, ...] = ()) -> dict[str, Symbol]:
    """The names that a file brings in where it is used: its own and those that it sees."""
    return {**outside(file, read, around=around), **file_symbols(file)}


def primitives() -> dict[str, Symbol]:
    """The names of the operators and of the functions of the language."""
    functions = {name: Symbol(name, Kind.FUNCTION) for name in BUILTINS}
    return {name: Symbol(name, Kind.OPERATOR) for name in known_operators()} | functions


def known_operators() -> Mapping[str, type[Operator]]:
    """The operators by name; without those of other packages where one of these is broken."""
    try:
        return operators()
    except UserError:
        return OPERATORS


def used_file(use: syntax.Use, path: str, read: Reader) -> syntax.File | None:
    """The tree of what a `use` in the file at `path` names; None if there is none or where it is broken."""
    if use.library:
        return library_file(use.target) if use.target in LIBRARIES else None
    try:
        return _parsed(read(used_path(use, path)))
    except UserError:
        return None


def used_path(use: syntax.Use, path: str) -> str:
    """The path of a file that is used by the one at `path`."""
    return os.path.join(os.path.dirname(path), use.target)


@lru_cache(maxsize=64)
def _parsed(source: Source) -> syntax.File | None:
    try:
        return parse(source)
    except DiagnosticError:
        return None
