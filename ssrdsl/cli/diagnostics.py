"""Shows what is wrong with a `.ssr` file on standard error."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ssrdsl.cli.console import stderr_console
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.render import render


def show_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Prints each finding with its source line, in colour on a terminal, and how many errors there were if several."""
    console = stderr_console()
    colour = console.is_terminal and not console.no_color and not console.is_dumb_terminal
    blocks = [render(diagnostic, colour=colour) for diagnostic in diagnostics]
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    if errors > 1:
        blocks.append(f"{errors} errors")
    # Not through rich, which would wrap the source line away from its underline.
    print("\n\n".join(blocks), file=sys.stderr)
