"""Print the diagnostics of a `.ssr` file to standard error."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ssrdsl.cli.console import stderr_console
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.render import render


def show_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print each diagnostic with its source line, and the number of errors if there are several."""
    console = stderr_console()
    colour = console.is_terminal and not console.no_color and not console.is_dumb_terminal
    blocks = [render(diagnostic, colour=colour) for diagnostic in diagnostics]
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    if errors > 1:
        blocks.append(f"{errors} errors")
    # Without rich, which would wrap the source line and misplace its underline.
    print("\n\n".join(blocks), file=sys.stderr)
