"""Lines on standard output and standard error, without control characters of files and names."""

from __future__ import annotations

import sys

import click

from ssrdsl.language.width import sanitized, visible


def plain(text: str) -> str:
    """Lines of text without control characters, which could change what a terminal shows."""
    return "\n".join(map(sanitized, text.split("\n")))


def unit_of(value: float) -> tuple[int, str]:
    """The unit of a large number: `(10**9, "G")`, for a small one `(1, "")`."""
    units = ((10**9, "G"), (10**6, "M"), (10**3, "k"))
    return next((unit for unit in units if value >= unit[0]), (1, ""))


def echo(text: str, *, error: bool = False) -> None:
    """Print a line to standard output or standard error."""
    click.echo(plain(text), err=error)


def echo_json(text: str) -> None:
    """Print JSON to standard output, with control characters in its strings escaped."""
    click.echo("\n".join(map(visible, text.split("\n"))))


def echo_source(text: str) -> None:
    """Print the text of a file: unchanged to a file or pipe, without control characters to a terminal."""
    lines = "\n".join(sanitized(line.expandtabs(4)) for line in text.split("\n"))
    click.echo(lines if sys.stdout.isatty() else text, nl=False)
