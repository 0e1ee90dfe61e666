"""`ssrdsl new`: a commented space to start from."""

from __future__ import annotations

import re
from pathlib import Path

import click

STARTER = Path(__file__).with_name("starter.ssr")
SUFFIX = ".ssr"


@click.command(short_help="Write a commented space to start from.")
@click.argument("file", type=click.Path(path_type=Path), metavar="NAME.ssr")
def new(file: Path) -> None:
    """Write a small space whose comments explain the language as far as it goes. An existing file stays as it is.

    \b
    ssrdsl new mine.ssr
    """
    from ssrdsl.errors import UserError
    from ssrdsl.files import read_text, write_atomically

    target = file if file.suffix else file.with_suffix(SUFFIX)
    if target.suffix != SUFFIX:
        raise UserError(f"{target} is not called .ssr", f"name it {target.with_suffix(SUFFIX)}")
    if target.exists():
        raise UserError(f"{target} is there already", "name another file, or remove this one")
    text = read_text(STARTER).replace("NAME.ssr", target.name).replace("NAME", _space_name(target.stem))
    write_atomically(target, text)
    click.echo(f"{target} written; now try `ssrdsl compile {target}`")


def _space_name(stem: str) -> str:
    """A name of the language that is as near to a file's as possible."""
    from ssrdsl.language.grammar import keywords

    name = re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_")
    if not name or name[0].isdigit() or name in keywords():
        return f"my_{name}".rstrip("_")
    return name
