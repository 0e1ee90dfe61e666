"""Open a space, or one architecture of it from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ssrdsl.cli.console import show_message
from ssrdsl.space import Program, open_space
from ssrdsl.space.architecture import Architecture, open_recorded, read_architecture

DIGITS = 12


def open_with(
    file: Path, overrides: Mapping[str, str], architecture: Path | None
) -> tuple[Program, Architecture | None]:
    """Open the space of a file; with an architecture file, with the parameters recorded there.

    Warns if the file has changed since then. Raises `UserError` and `DiagnosticError`.
    """
    if architecture is None:
        return open_space(file, overrides), None
    named = read_architecture(architecture)
    program = open_recorded(file, overrides, named)
    if named.sha256 not in ("", program.sha256) and named.space == program.name:
        before, now = named.sha256[:DIGITS], program.sha256[:DIGITS]
        show_message(
            "warning",
            f"{file} has changed since {architecture} was written (sha256 was {before}, is {now})",
            "decisions are matched by name; check the result with `ssrdsl show`",
        )
    return program, named
