"""The files that a command reads, by name, in directories or on standard input, and those that it may overwrite."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import PARTIAL_PREFIX, text_of

STANDARD_INPUT = "-"
LARGEST_HEAD = 10_000
"""How many characters at the beginning of a file are compared to recognize it."""


def named_files(named: Sequence[str]) -> Iterator[str]:
    """The files by name; for a directory, the .ssr files in it and its subdirectories, in order."""
    for name in named:
        if not name:
            raise UserError("empty file name", "give a file or a directory; `.` is the current directory")
        if name == STANDARD_INPUT or not Path(name).is_dir():
            yield name
            continue
        found = (path for path in Path(name).rglob("*.ssr") if path.is_file())
        below = sorted(str(path) for path in found if not path.name.startswith(PARTIAL_PREFIX))
        if not below:
            raise UserError(f"no .ssr files in {name}", "give a file, or a directory with .ssr files")
        yield from below


def refuse_foreign(target: Path, beginning: str) -> None:
    """Raise `UserError` if a file exists that ssrdsl did not write: its beginning differs.

    Devices and pipes are not read: a pipe that is to be written to may have nothing to read, and never end.
    """
    if not target.is_file():
        return
    with target.open(encoding="utf-8", errors="replace") as file:
        head = file.read(LARGEST_HEAD)
    if not head.startswith(beginning) or not any(mark in head for mark in ("ssrdsl", "ssr-")):
        raise UserError(f"{target} exists and was not written by ssrdsl", "use another name, or remove the file")


def read_standard_input() -> str:
    """The text on standard input. Raises `UserError` if it is not UTF-8 or too large."""
    return text_of(sys.stdin.buffer, "standard input", "check the program that writes to it")
