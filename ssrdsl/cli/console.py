"""The two consoles: results go to standard output, messages and progress to standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from ssrdsl.cli.printing import plain
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.render import render

PLAIN_WIDTH = 120
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


class PlainConsole(Console):
    """A console that shows control characters of files and names as `\ufffd`, and does not interpret markup.

    Lines in a file or pipe do not end with the spaces that fill the cells of a table.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """Print objects with the options of `rich.console.Console.print`."""
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as captured:
            super().print(*objects, **options)
        self.file.write(re.sub(" +$", "", captured.get(), flags=re.MULTILINE))

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of what is printed; control codes of rich itself are kept."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)


def stdout_console() -> Console:
    """A console for results: styled on a terminal, plain text of fixed width in a file or pipe."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """A console for messages, warnings and progress, so that results can be piped on their own."""
    return _console(sys.stderr)


def _console(stream: IO[str]) -> Console:
    is_error = stream is sys.stderr
    return PlainConsole(stderr=is_error, highlight=False, markup=False, emoji=False, width=_width(stream))


def show_message(kind: str, message: str, hint: str | None = None) -> None:
    """Print an `error`, `warning` or `note` to standard error, with a line of help."""
    console = stderr_console()
    console.print(Text.assemble((f"{kind}: ", STYLES[kind]), message), soft_wrap=True)
    if hint is not None:
        console.print(Text.assemble(("help: ", "bold cyan"), hint), soft_wrap=True)


def warn(message: str) -> None:
    """Print a `warning` to standard error."""
    show_message("warning", message)


def show_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print diagnostics to standard error with their source lines, and the number of errors if there are several."""
    if not diagnostics:
        return
    console = stderr_console()
    colour = console.is_terminal and not console.no_color and not console.is_dumb_terminal
    blocks = [render(diagnostic, colour=colour) for diagnostic in diagnostics]
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    if errors > 1:
        blocks.append(f"{errors} errors")
    # Without rich, which would wrap the source line and misplace its underline.
    print("\n\n".join(blocks), file=sys.stderr)


def _width(stream: IO[str]) -> int | None:
    """None: rich uses the terminal or COLUMNS. Elsewhere a table must not depend on the environment."""
    return None if stream.isatty() or "COLUMNS" in os.environ else PLAIN_WIDTH
