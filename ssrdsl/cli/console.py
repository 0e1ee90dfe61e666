"""The two consoles: results go to standard output, messages and progress to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from ssrdsl.cli.printing import plain

PLAIN_WIDTH = 120
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


class PlainConsole(Console):
    """A console that shows control characters of files and names as `\ufffd`; brackets and colons are no markup."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of what is printed; the codes of rich itself are kept apart from the text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)


def stdout_console() -> Console:
    """A console for results: styled on a terminal, plain text of a fixed width in a file or pipe."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """A console for messages, warnings and progress, so that results can be piped on their own."""
    return _console(sys.stderr)


def _console(stream: IO[str]) -> Console:
    is_error = stream is sys.stderr
    return PlainConsole(stderr=is_error, highlight=False, markup=False, emoji=False, width=_width(stream))


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
