"""`ssrdsl check`: check .ssr files for errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ssrdsl.cli.collection import pause_collection
from ssrdsl.cli.options import read_overrides, set_option
from ssrdsl.cli.paths import STANDARD_INPUT, named_files, read_standard_input
from ssrdsl.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssrdsl.language.diagnostics import Diagnostic
    from ssrdsl.language.source import Source


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILES...")
@set_option
@click.option("--json", "as_objects", is_flag=True, help="Print errors as JSON, one object per line.")
def check(files: tuple[str, ...], settings: tuple[str, ...], as_objects: bool) -> None:
    """Check FILES for errors: parse them, build their spaces, and prove the shapes of every architecture.

    For a directory, check all .ssr files in it and its subdirectories. `-` reads standard input. The exit status is 2
    if there are errors.

    \b
    ssrdsl check spaces/realtime.ssr
    ssrdsl check spaces --json
    """
    paths = list(named_files(files))
    if len(paths) == 1:  # the garbage of many files would fill the memory
        pause_collection()
    from ssrdsl.space.check import check as check_source

    overrides = read_overrides(settings)
    checked, unread = 0, False
    found: list[Diagnostic] = []
    for path in paths:
        try:
            source = _read(path)
        except UserError as error:  # still check the other files
            unread = True
            found += _unread(path, error, as_objects)
            continue
        found += check_source(source, overrides)
        checked += 1
    found = list(dict.fromkeys(found))  # files that use a file repeat its errors
    _report(found, checked, as_objects, unread)
    if unread or any(diagnostic.severity == "error" for diagnostic in found):
        raise click.exceptions.Exit(2)


def _unread(path: str, error: UserError, as_objects: bool) -> Iterator[Diagnostic]:
    """Report a file that cannot be read: as a diagnostic with --json, else as an error message."""
    if as_objects:
        from ssrdsl.language.diagnostics import Diagnostic, Label
        from ssrdsl.language.source import Source, Span

        yield Diagnostic("E0701", error.message, Label(Span(Source(path, ""), 0, 0)), help=error.help)
        return
    from ssrdsl.cli.console import show_message

    show_message("error", error.message, error.help)


def _read(path: str) -> Source:
    from ssrdsl.language.source import Source
    from ssrdsl.space.binding import read_source

    if path != STANDARD_INPUT:
        return read_source(path)
    return Source("<stdin>", read_standard_input())


def _report(found: Sequence[Diagnostic], checked: int, as_objects: bool, unread: bool) -> None:
    if as_objects:
        import json

        from ssrdsl.cli.printing import echo_json
        from ssrdsl.language.render import as_json

        for diagnostic in found:
            echo_json(json.dumps(as_json(diagnostic), ensure_ascii=False))
        return
    if found:  # without errors, rich is not loaded
        from ssrdsl.cli.console import show_diagnostics

        show_diagnostics(found)
    if not unread and not any(diagnostic.severity == "error" for diagnostic in found):
        click.echo(f"{checked} {'file' if checked == 1 else 'files'} checked, no errors")
