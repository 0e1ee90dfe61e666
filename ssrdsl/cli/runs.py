"""Run directories: the command that they belong to, and the options of a run that is resumed."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ssrdsl.errors import UserError
from ssrdsl.runs.names import SPACE_NAME

if TYPE_CHECKING:
    from ssrdsl.language.source import Source
    from ssrdsl.manifest import Manifest
    from ssrdsl.runs.directory import RunDirectory
    from ssrdsl.space import Program


def read_run(run: Path, command: str) -> Manifest:
    """The manifest of a run of a command. Raises `UserError` where the directory holds none."""
    from ssrdsl.manifest import read_manifest

    manifest = read_manifest(run)
    if manifest.command != command:
        raise UserError(
            f"{run} is a run of `ssrdsl {manifest.command}`", help=f"name the --out of a `ssrdsl {command}`"
        )
    return manifest


@dataclass(frozen=True, slots=True)
class KeptSpace:
    """The space of a run, from the texts that the run keeps: `main` is the path of its file."""

    main: str
    texts: Mapping[str, str]

    def read(self, path: str) -> Source:
        """The source of a path: as kept, or from the disk. Raises `UserError`."""
        from ssrdsl.language.source import Source
        from ssrdsl.space.binding import read_source

        return Source(path, self.texts[path]) if path in self.texts else read_source(path)

    def open(self, overrides: Mapping[str, str]) -> Program:
        """The space. Raises `UserError` and `DiagnosticError`."""
        from ssrdsl.space import open_space

        return open_space(self.main, overrides, read=self.read)


def kept_space(run: Path, manifest: Manifest) -> KeptSpace:
    """The space that a search keeps. Raises `UserError` where it was changed after the start of the search."""
    from ssrdsl.manifest import text_sha256
    from ssrdsl.runs.sources import read_sources

    main, texts = read_sources(run, SPACE_NAME, manifest.settings)
    if manifest.space_sha256 not in (None, text_sha256(texts[main])):
        raise UserError(
            f"{run / SPACE_NAME} is not the file that was searched: its hash is another one",
            help="restore it from where the search was started",
        )
    return KeptSpace(main, texts)


def resumed_options(
    ctx: click.Context, out: Path, given: Mapping[str, Any], begun: Mapping[str, Any], free: Collection[str]
) -> dict[str, Any]:
    """The options with which the run in `out` was started; those in `free` as the command line gives them anew.

    Raises `UserError` where the command line gives another value for one that is not free.
    """
    named = {name for name in given if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    for name in sorted(named - set(free)):
        if begun.get(name) != given[name]:
            raise UserError(
                f"{out} was started with {_option(ctx, name)} {_written(begun.get(name))}, not {_written(given[name])}",
                help="omit the option, or start a new run in another --out",
            )
    return {**given, **begun, **{name: given[name] for name in named}}


def free_options(run: RunDirectory, device: Any, always: Collection[str]) -> set[str]:
    """The options that a resumed run may change: on a CPU another number of threads would change the bits."""
    return {*always, *(() if str(device) == "cpu" and run.has_progress else ("threads",))}


def check_epochs(out: Path, epochs: int, begun: int | None) -> None:
    """Raises `UserError` where a resumed run is asked for fewer epochs than it was started with."""
    if begun is not None and epochs < begun:
        raise UserError(
            f"{out} was started with --epochs {begun}, and cannot be resumed with {epochs}",
            help="omit --epochs, or name more",
        )


def lasting_data(name: str) -> str:
    """The name of data as it is recorded: with an absolute path, so that a run can be resumed from any directory."""
    from ssrdsl.segmentation.data.registry import CAMVID_VARIABLE

    family, _, argument = name.partition(":")
    if family == "camvid":
        place = argument or os.environ.get(CAMVID_VARIABLE, "")
        return f"camvid:{os.path.abspath(os.path.expanduser(place))}"
    if family != "streets" and (os.path.exists(name) or os.sep in name):
        return os.path.abspath(os.path.expanduser(name))
    return name


def check_recorded_data(out: Path, name: str) -> None:
    """Raises `UserError` where the data of a run are not at the recorded place, and names the option for a new one."""
    from ssrdsl.segmentation.data.registry import check_data_name

    try:
        check_data_name(name)
    except UserError as error:
        raise UserError(
            f"the data of {out} are not found: {error.message}", help="name their new place with --data"
        ) from error


def _option(ctx: click.Context, name: str) -> str:
    return next(parameter.opts[0] for parameter in ctx.command.params if parameter.name == name)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "nothing"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "its default" if value is None else str(value)
