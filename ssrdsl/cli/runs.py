"""Run directories: the command of a run, and the options of a resumed run."""

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
    """The manifest of a run of a command. Raises `UserError` if the directory has none."""
    from ssrdsl.manifest import read_manifest

    manifest = read_manifest(run)
    if manifest.command != command:
        raise UserError(
            f"{run} is a run of `ssrdsl {manifest.command}`", help=f"give the --out directory of `ssrdsl {command}`"
        )
    return manifest


@dataclass(frozen=True, slots=True)
class KeptSpace:
    """The space of a run, from the texts stored in the run; `main` is the path of its file."""

    main: str
    texts: Mapping[str, str]

    def read(self, path: str) -> Source:
        """The source of a path: as stored, or from the disk. Raises `UserError`."""
        from ssrdsl.language.source import Source
        from ssrdsl.space.binding import read_source

        return Source(path, self.texts[path]) if path in self.texts else read_source(path)

    def open(self, overrides: Mapping[str, str]) -> Program:
        """The space. Raises `UserError` and `DiagnosticError`."""
        from ssrdsl.space import open_space

        return open_space(self.main, overrides, read=self.read)


def kept_space(run: Path, manifest: Manifest) -> KeptSpace:
    """The space stored in a search. Raises `UserError` if it was changed after the search started."""
    from ssrdsl.manifest import text_sha256
    from ssrdsl.runs.sources import read_sources

    main, texts = read_sources(run, SPACE_NAME, manifest.settings)
    if manifest.space_sha256 not in (None, text_sha256(texts[main])):
        raise UserError(
            f"{run / SPACE_NAME} is not the file that was searched: its hash differs", help="restore the original file"
        )
    return KeptSpace(main, texts)


def resumed_options(
    ctx: click.Context, out: Path, given: Mapping[str, Any], begun: Mapping[str, Any], free: Collection[str]
) -> dict[str, Any]:
    """The options that the run in `out` was started with; those in `free` from the command line, if given.

    Raises `UserError` if the command line gives another value for one that is not free.
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
    """The options that a resumed run may change. On a CPU another number of threads would change the results."""
    return {*always, *(() if str(device) == "cpu" and run.has_progress else ("threads",))}


def check_epochs(out: Path, epochs: int, begun: int | None) -> None:
    """Raise `UserError` if a resumed run has fewer epochs than it was started with."""
    if begun is not None and epochs < begun:
        raise UserError(
            f"{out} was started with --epochs {begun}, and cannot be resumed with {epochs}",
            help="omit --epochs, or use more",
        )


def lasting_data(name: str) -> str:
    """The recorded name of a data set: with an absolute path, so that a run can be resumed from any directory."""
    from ssrdsl.segmentation.data.registry import CAMVID_VARIABLE

    family, _, argument = name.partition(":")
    if family == "camvid":
        place = argument or os.environ.get(CAMVID_VARIABLE, "")
        return f"camvid:{os.path.abspath(os.path.expanduser(place))}"
    if family != "streets" and (os.path.exists(name) or os.sep in name):
        return os.path.abspath(os.path.expanduser(name))
    return name


def check_recorded_data(out: Path, name: str) -> None:
    """Raise `UserError` if the data of a run are not at the recorded place."""
    from ssrdsl.segmentation.data.registry import check_data_name

    try:
        check_data_name(name)
    except UserError as error:
        raise UserError(
            f"cannot find the data of {out}: {error.message}", help="give their new place with --data"
        ) from error


def _option(ctx: click.Context, name: str) -> str:
    return next(parameter.opts[0] for parameter in ctx.command.params if parameter.name == name)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "nothing"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "its default" if value is None else str(value)
