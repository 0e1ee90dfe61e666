"""The parser kept between runs: Lark computes it anew far more slowly than it reads it from a file.

The file is a pickle, so it is kept in a folder of the user's own and nowhere else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import lark
from lark import Lark

import ssrdsl
from ssrdsl.errors import UserError
from ssrdsl.files import write_atomically


def stored(grammar: str, build: Callable[[str], Lark]) -> Lark:
    """The parser that `build` computes from a grammar, read from its file if an earlier run has left one.

    Otherwise it is computed, and written for the runs to come where that is possible.
    """
    with suppress(Exception):  # none there, a damaged one, no such folder: whatever it is, the parser is computed
        return _read(_path(grammar))
    parser = build(grammar)
    with suppress(OSError, UserError, RuntimeError):
        _write(parser, _path(grammar))
    return parser


def _read(path: Path) -> Lark:
    with path.open("rb") as file:
        return Lark.load(file)


def _write(parser: Lark, path: Path) -> None:
    content = BytesIO()
    parser.save(content)
    write_atomically(path, content.getvalue())


def _path(grammar: str) -> Path:
    """Where the parser of a grammar is kept, as these versions of Lark, of Python and of this package make it."""
    versions = (lark.__version__, sys.implementation.cache_tag, ssrdsl.__version__)
    key = sha256("\n".join([*versions, grammar]).encode()).hexdigest()
    return _folder() / f"grammar-{key[:16]}.pickle"


def _folder() -> Path:
    """The user's folder for it, made if need be. Raises `OSError`, or `RuntimeError` where the user has no home."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    folder = (named if named.is_absolute() else Path.home() / ".cache") / "ssrdsl"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "geteuid") and folder.stat().st_uid != os.geteuid():
        raise PermissionError(folder)
    return folder
