"""The two consoles: results go to standard output, messages and progress to standard error."""

from __future__ import annotations

import os
import sys
from typing import IO

from rich.console import Console
from rich.text import Text

PLAIN_WIDTH = 120
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def stdout_console() -> Console:
    """A console for results: styled on a terminal, plain text of a fixed width in a file or pipe."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """A console for messages, warnings and progress, so that results can be piped on their own."""
    return _console(sys.stderr)


def _console(stream: IO[str]) -> Console:
    """Brackets and colons of a file are no markup."""
    is_error = stream is sys.stderr
    return Console(stderr=is_error, highlight=False, markup=False, emoji=False, width=_width(stream))


def tell(kind: str, message: str, hint: str | None = None) -> None:
    """An `error`, `warning` or `note` on standard error, with a line of help."""
    console = stderr_console()
    console.print(Text.assemble((f"{kind}: ", STYLES[kind]), message), soft_wrap=True)
    if hint is not None:
        console.print(Text.assemble(("help: ", "bold cyan"), hint), soft_wrap=True)


def warn(message: str) -> None:
    """A `warning` on standard error."""
    tell("warning", message)


def _width(stream: IO[str]) -> int | None:
    """None lets rich ask the terminal or COLUMNS; elsewhere a table shall not depend on where it was made."""
    return None if stream.isatty() or "COLUMNS" in os.environ else PLAIN_WIDTH
