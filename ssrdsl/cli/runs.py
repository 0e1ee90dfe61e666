"""Run directories: the command of a run, and the options of a resumed run."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ssrdsl.errors import UserError
from ssrdsl.runs.names import GAP_NAME, MODEL_NAME, NETWORKS_NAME, SPACE_NAME, WEIGHTS_NAME

if TYPE_CHECKING:
    from ssrdsl.language.source import Source
    from ssrdsl.manifest import Manifest
    from ssrdsl.runs.directory import RunDirectory
    from ssrdsl.space import Program


def read_run(run: Path, command: str) -> Manifest:
    """The manifest of a run of a command. Raises `UserError` if the directory has none."""
    from ssrdsl.manifest import read_manifest

    manifest = read_manifest(run, f"`ssrdsl {command}`")
    if manifest.command != command:
        raise UserError(
            f"{run} is a run of `ssrdsl {manifest.command}`", help=f"give the --out directory of `ssrdsl {command}`"
        )
    return manifest


def check_file(path: Path) -> None:
    """Raise `UserError` if a file cannot be read, with the file or command to use instead of the directory of a run."""
    from ssrdsl.files import check_readable
    from ssrdsl.manifest import MANIFEST_NAME, read_manifest
    from ssrdsl.study.journal import PLAN_NAME

    if (path / PLAN_NAME).is_file():
        raise UserError(f"{path} is a study, not a file", help=f"its networks are in {path / NETWORKS_NAME}")
    if (path / MANIFEST_NAME).is_file():
        command = read_manifest(path).command
        if command == "train":
            instead = f"its network is {path / MODEL_NAME}, its weights are {path / WEIGHTS_NAME}"
        elif (path / GAP_NAME).exists():
            instead = f"write its network: ssrdsl emit {shlex.quote(str(path))} --model-py model.py --weights model.pt"
        else:
            instead = f"it has not finished; continue it with: {resume_command(command, path)}"
        raise UserError(f"{path} is a run of `ssrdsl {command}`, not a file", help=instead)
    check_readable(path)


@dataclass(frozen=True, slots=True)
class SpaceTexts:
    """The texts of a space by path; `main` is the path of its file. `parameters` are those recorded in a run."""

    main: str
    texts: dict[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def read(self, path: str) -> Source:
        """The source of a path; a text that is not stored is read from the disk and kept. Raises `UserError`."""
        from ssrdsl.language.source import Source
        from ssrdsl.space.binding import read_source

        if path not in self.texts:
            self.texts[path] = read_source(path).text
        return Source(path, self.texts[path])

    def open(self, overrides: Mapping[str, str] | None = None) -> Program:
        """The space, with some of its parameters replaced. Raises `UserError` and `DiagnosticError`."""
        from ssrdsl.space import open_space

        return open_space(self.main, {**self.parameters, **(overrides or {})}, read=self.read)


def kept_space(run: Path, manifest: Manifest) -> SpaceTexts:
    """The space stored in a search. Raises `UserError` if it was changed after the search started."""
    from ssrdsl.manifest import text_sha256
    from ssrdsl.runs.sources import read_sources

    main, texts = read_sources(run, SPACE_NAME, manifest.settings)
    if manifest.space_sha256 not in (None, text_sha256(texts[main])):
        raise UserError(
            f"{run / SPACE_NAME} is not the file that was searched: its hash differs", help="restore the original file"
        )
    return SpaceTexts(main, texts, {name: str(value) for name, value in recorded(manifest, "set").items()})


def architecture_files(folder: Path) -> list[Path]:
    """The architecture files of a directory, in order. Raises `UserError` if there are none."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise UserError(f"no .json files in {folder}", help="write some with `ssrdsl sample -o DIR`")
    return files


def recorded(manifest: Manifest, name: str) -> dict[str, Any]:
    """The settings of a manifest below a name."""
    held = manifest.settings.get(name)
    return dict(held) if isinstance(held, dict) else {}


def resume_command(command: str, out: Path) -> str:
    """The command line that continues a run."""
    return f"ssrdsl {command} --out {shlex.quote(str(out))} --resume"


def given_options(ctx: click.Context, *without: str) -> dict[str, Any]:
    """The options of a command as plain values, without those of some names."""
    return {name: _plain(value) for name, value in ctx.params.items() if name not in without}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def resumed_options(
    ctx: click.Context, out: Path, given: Mapping[str, Any], begun: Mapping[str, Any], free: Collection[str]
) -> dict[str, Any]:
    """The options that the run in `out` was started with; those in `free` from the command line, if given.

    Raises `UserError` if the command line gives another value for one that is not free.
    """
    named = {name for name in given if _is_named(ctx, name)}
    for name in sorted(named - set(free)):
        if begun.get(name) != given[name]:
            raise UserError(
                f"{out} was started with {_option(ctx, name)} {_written(begun.get(name))}, not {_written(given[name])}",
                help="omit the option, or start a new run in another --out",
            )
    return {**given, **begun, **{name: given[name] for name in named}}


def continued_options(
    ctx: click.Context, run: RunDirectory, given: Mapping[str, Any], begun: Mapping[str, Any], free: Collection[str]
) -> dict[str, Any]:
    """The options of a resumed search or training, of which `--epochs` may only rise.

    Raises `UserError` if there are fewer epochs than before, and as `resumed_options`.
    """
    device = given["device"] if _is_named(ctx, "device") else begun.get("device")
    # On a CPU another number of threads would change the results.
    threads = () if str(device) == "cpu" and run.has_progress else ("threads",)
    options = resumed_options(ctx, run.path, given, begun, {*free, *threads})
    epochs, before = options["epochs"], begun.get("epochs")
    if before is not None and epochs < before:
        raise UserError(
            f"{run.path} was started with --epochs {before}, and cannot be resumed with {epochs}",
            help="omit --epochs, or use more",
        )
    return options


def check_recorded_data(out: Path, name: str) -> None:
    """Raise `UserError` if the data of a run are not at the recorded place."""
    from ssrdsl.segmentation.data.registry import check_data_name

    try:
        check_data_name(name)
    except UserError as error:
        raise UserError(
            f"cannot find the data of {out}: {error.message}", help="give their new place with --data"
        ) from error


def _is_named(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _option(ctx: click.Context, name: str) -> str:
    return next(parameter.opts[0] for parameter in ctx.command.params if parameter.name == name)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "nothing"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "its default" if value is None else str(value)
