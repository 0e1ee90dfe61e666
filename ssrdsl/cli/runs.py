"""Directories of runs: the command that they are of, and the options of one that goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ssrdsl.errors import UserError

if TYPE_CHECKING:
    from ssrdsl.manifest import Manifest


def read_run(run: Path, command: str) -> Manifest:
    """The manifest of a run of a command. Raises `UserError` where the directory holds none."""
    from ssrdsl.manifest import read_manifest

    manifest = read_manifest(run)
    if manifest.command != command:
        raise UserError(
            f"{run} is a run of `ssrdsl {manifest.command}`", help=f"name the --out of a `ssrdsl {command}`"
        )
    return manifest


def resumed_options(
    ctx: click.Context, out: Path, given: Mapping[str, Any], begun: Mapping[str, Any], free: Collection[str]
) -> dict[str, Any]:
    """The options with which the run in `out` was begun; those in `free` as the command line gives them anew.

    Raises `UserError` where the command line gives another one otherwise than it was.
    """
    named = {name for name in given if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    for name in sorted(named - set(free)):
        if begun.get(name) != given[name]:
            option = next(parameter.opts[0] for parameter in ctx.command.params if parameter.name == name)
            raise UserError(
                f"{out} was begun with {option} {_written(begun.get(name))}, not {_written(given[name])}",
                help="leave the option away, or start a new run in another --out",
            )
    return {**given, **begun, **{name: given[name] for name in named}}


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "nothing"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "its default" if value is None else str(value)
