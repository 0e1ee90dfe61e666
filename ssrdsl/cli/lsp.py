"""`ssrdsl lsp`: the language server."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout

import click

from ssrdsl.errors import UserError


@click.command(short_help="Start the language server for editors.")
@click.option("--stdio", is_flag=True, help="Accepted, since editors give it: there is no other way.")
def lsp(stdio: bool) -> None:
    """Start the language server, which talks to an editor over standard input and output.

    Editors start it by themselves; `editors/vscode` holds an extension that does.
    """
    try:
        from ssrdsl.editor.lsp.requests import create_server
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        help = "install it: `pip install 'ssrdsl[lsp]'`"
        raise UserError("the language server needs the package pygls", help=help) from error
    # What anything prints by mistake must not reach the editor, and the server closes its channel when it leaves.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with redirect_stdout(sys.stderr):
        create_server().start_io(stdout=channel)
