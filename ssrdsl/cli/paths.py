"""The files that a command is given: by name, as folders, or on standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import LARGEST_TEXT

STANDARD_INPUT = "-"


def named_files(named: Sequence[str]) -> Iterator[str]:
    """The files that are meant: of folders the .ssr files below them, in order."""
    for name in named:
        if not name:
            raise UserError("a file without a name is among the arguments", "name a file or a folder; `.` is this one")
        if name == STANDARD_INPUT or not Path(name).is_dir():
            yield name
            continue
        below = sorted(str(path) for path in Path(name).rglob("*.ssr") if path.is_file())
        if not below:
            raise UserError(f"there is no .ssr file below {name}", "name a file, or a folder that holds some")
        yield from below


def read_standard_input() -> str:
    """The text on standard input. Raises `UserError` where it is not UTF-8, or does not end."""
    content = sys.stdin.buffer.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise UserError("cannot read standard input: it is larger than any text", "check what writes to it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"cannot read standard input: it is not UTF-8 text (byte {error.start})"
        raise UserError(reason, "save it as UTF-8") from error
