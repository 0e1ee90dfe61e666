"""Lines on standard output and standard error, without control characters of files and names."""

from __future__ import annotations

import sys

import click

from ssrdsl.language.width import sanitized, visible


def plain(text: str) -> str:
    """Lines of text without control characters, which might change what a terminal shows."""
    return "\n".join(map(sanitized, text.split("\n")))


def say(text: str, *, error: bool = False) -> None:
    """A line on standard output or standard error."""
    click.echo(plain(text), err=error)


def say_json(text: str) -> None:
    """JSON on standard output. Its texts may have control characters that JSON leaves as they are: written out."""
    click.echo("\n".join(map(visible, text.split("\n"))))


def say_source(text: str) -> None:
    """The text of a file: as it is into a file or pipe, without control characters on a terminal."""
    lines = "\n".join(sanitized(line.expandtabs(4)) for line in text.split("\n"))
    click.echo(lines if sys.stdout.isatty() else text, nl=False)
