"""`ssrdsl new`: create a commented example space."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import quote

import click

from ssrdsl.cli.options import PATH

STARTER = Path(__file__).with_name("starter.ssr")
SUFFIX = ".ssr"
COMMAND = re.compile(r"^(#   ssrdsl \S.*?)  +(\S.*)$", re.MULTILINE)
"""A command in the comments of the starter file, and its description."""


@click.command()
@click.argument("file", type=PATH, metavar="NAME.ssr")
def new(file: Path) -> None:
    """Create a small space whose comments explain the language. An existing file is not overwritten.

    \b
    ssrdsl new mine.ssr
    """
    from ssrdsl.cli.printing import echo
    from ssrdsl.errors import UserError
    from ssrdsl.files import read_text, write_atomically

    if file.name in ("", SUFFIX):
        raise UserError(f"{file} has no name before the suffix", f"use a name such as {file.parent / 'mine.ssr'}")
    target = file if file.suffix else file.with_suffix(SUFFIX)
    if target.suffix != SUFFIX:
        raise UserError(f"{target} does not end in .ssr", f"use {target.with_suffix(SUFFIX)}")
    if target.exists():
        raise UserError(f"{target} already exists", "use another name, or remove the file")
    text = read_text(STARTER).replace("NAME.ssr", quote(target.name)).replace("NAME", _space_name(target.stem))
    write_atomically(target, _aligned(text))
    echo(f"{target} written; next: `ssrdsl compile {quote(str(target))}`")


def _aligned(text: str) -> str:
    """The text with the descriptions of its commands aligned, for any length of the name."""
    width = max(len(match[1]) for match in COMMAND.finditer(text))
    return COMMAND.sub(lambda match: f"{match[1]:{width}}      {match[2]}", text)


def _space_name(stem: str) -> str:
    """A valid name of a space made from the name of a file."""
    from ssrdsl.language.grammar import keywords

    name = re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_")
    if not name or name[0].isdigit() or name in keywords():
        return f"my_{name}".rstrip("_")
    return name
