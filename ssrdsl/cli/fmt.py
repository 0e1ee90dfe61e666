"""`ssrdsl fmt`: format .ssr files."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from ssrdsl.cli.paths import STANDARD_INPUT, named_files, read_standard_input
from ssrdsl.errors import UserError
from ssrdsl.files import read_bytes, read_text, write_atomically

if TYPE_CHECKING:
    from ssrdsl.language.diagnostics import Diagnostic


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILES...")
@click.option("--check", is_flag=True, help="Do not write files; exit with status 2 if a file would change.")
@click.option("--diff", is_flag=True, help="Do not write files; print the changes as a diff.")
def fmt(files: tuple[str, ...], check: bool, diff: bool) -> None:
    """Format FILES in place. Comments are kept.

    For a directory, format all .ssr files in it and its subdirectories. `-` formats standard input to standard output.

    \b
    ssrdsl fmt spaces/realtime.ssr
    ssrdsl fmt --check --diff spaces
    """
    from ssrdsl.cli.console import show_message
    from ssrdsl.language.diagnostics import DiagnosticError

    changed = unchanged = 0
    unread = False
    found: list[Diagnostic] = []
    for path in named_files(files):
        try:
            formatted = _format(path)
        except DiagnosticError as error:  # still format the other files
            found += error.diagnostics
            continue
        except UserError as error:
            show_message("error", error.message, error.help)
            unread = True
            continue
        changed, unchanged = changed + formatted.differs, unchanged + (not formatted.differs)
        _output(formatted, check, diff)
    if found:
        raise DiagnosticError(tuple(found))
    if files != (STANDARD_INPUT,):
        _summarize(changed, unchanged, written=not (check or diff))
    if unread or (check and changed):
        raise click.exceptions.Exit(2)


@dataclass(frozen=True, slots=True)
class _Formatted:
    """A file before and after; `differs` is also true if only line endings or a byte order mark change."""

    path: str
    before: str
    after: str
    differs: bool


def _format(path: str) -> _Formatted:
    from ssrdsl.language.format import format_source

    if path == STANDARD_INPUT:
        text = read_standard_input()
        after = format_source(text, "<stdin>")
        return _Formatted("<stdin>", text, after, text != after)
    text = read_text(path)
    after = format_source(text, path)
    return _Formatted(path, text, after, read_bytes(path) != after.encode())


def _output(formatted: _Formatted, check: bool, diff: bool) -> None:
    from ssrdsl.cli.printing import echo, echo_source

    if diff:
        lines = formatted.before.splitlines(keepends=True), formatted.after.splitlines(keepends=True)
        for line in unified_diff(*lines, formatted.path, f"{formatted.path} (formatted)"):
            click.echo(_coloured(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"), nl=False)
    if check or diff:
        if formatted.differs:
            echo(f"would format {formatted.path}", error=True)
    elif formatted.path == "<stdin>":
        echo_source(formatted.after)
    elif formatted.differs:
        write_atomically(formatted.path, formatted.after)
        echo(f"formatted {formatted.path}", error=True)


def _coloured(line: str) -> str:
    """A line of a diff, coloured on a terminal (click removes the colours elsewhere)."""
    from ssrdsl.cli.printing import plain

    colours = {"+": "green", "-": "red", "@": "cyan"}
    if sys.stdout.isatty():
        line = plain(line.expandtabs(4))
    return click.style(line, fg=colours[line[0]]) if line[0] in colours else line


def _summarize(changed: int, unchanged: int, written: bool) -> None:
    verb = "formatted" if written else "would change"
    click.echo(f"{changed} {'file' if changed == 1 else 'files'} {verb}, {unchanged} unchanged", err=True)
