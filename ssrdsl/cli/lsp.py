"""`ssrdsl lsp`: the language server."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout

import click

from ssrdsl.errors import UserError


@click.command()
@click.option("--stdio", is_flag=True, help="Use standard input and output. This is the default.")
def lsp(stdio: bool) -> None:
    """Start the language server. It communicates with an editor over standard input and output.

    Editors start it themselves. An extension for VS Code is in `editors/vscode`.
    """
    try:
        from ssrdsl.editor.lsp.requests import create_server
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        help = "install it with `pip install 'ssrdsl[lsp]'`"
        raise UserError("the language server needs the package pygls", help=help) from error
    # Output of other code must not reach the editor. The server closes its channel when it ends.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with redirect_stdout(sys.stderr):
        create_server().start_io(stdout=channel)
