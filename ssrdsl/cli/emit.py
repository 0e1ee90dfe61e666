"""`ssrdsl emit`: write one network of a space as a plain PyTorch file."""

from __future__ import annotations

from pathlib import Path

import click

from ssrdsl.cli.collection import pause_collection
from ssrdsl.cli.options import PATH, read_overrides, set_option
from ssrdsl.cli.windows import cost_options, read_windows
from ssrdsl.errors import UserError


@click.command()
@click.argument("source", type=PATH, metavar="RUN_OR_FILE")
@click.option("--model-py", required=True, type=PATH, metavar="FILE", help="Output file.")
@click.option("--weights", type=PATH, metavar="FILE", help="Also write the weights of a run to FILE.")
@click.option("--sample", type=int, metavar="SEED", help="Emit a random architecture, sampled with this seed.")
@click.option(
    "--by", type=click.Choice(["decisions", "architectures"]),
    help="Sample uniformly over the options of every decision, or over all architectures. [default: decisions]",
)  # fmt: skip
@cost_options
@click.option("--architecture", type=PATH, metavar="FILE", help="Emit this architecture.")
@set_option
@click.option("--force", is_flag=True, help="Overwrite any existing file.")
def emit(
    source: Path,
    model_py: Path,
    weights: Path | None,
    sample: int | None,
    by: str | None,
    macs: str | None,
    parameters: str | None,
    within: str | None,
    architecture: Path | None,
    settings: tuple[str, ...],
    force: bool,
) -> None:
    """Write the network that a search found, or one network of a space, as a Python file that only needs PyTorch.

    RUN_OR_FILE is the --out directory of a search, or a .ssr file. If a .ssr file has decisions, select the network
    with --sample, or with --architecture and a file written by `ssrdsl sample -o` or a search; the parameters recorded
    in that file are then used. --by, --macs, --parameters and --within are for --sample. To time the network, run the
    written file with Python. An existing file is overwritten only if this command wrote it and it has not been edited
    since; --force overwrites any file.

    \b
    ssrdsl emit runs/streets --model-py model.py --weights model.pt
    ssrdsl emit spaces/realtime.ssr --sample 7 --model-py model.py
    ssrdsl emit spaces/erfnet.ssr --set classes=11 --model-py model.py
    """
    pause_collection()
    from ssrdsl.cli.emit_job import check_own_weights, check_replaceable, network_of_file, network_of_run, write

    overrides = read_overrides(settings)
    if not force:
        check_replaceable(model_py)
        if weights is not None and source.is_dir():
            check_own_weights(weights)
    if by is not None and sample is None:
        raise UserError("--by needs --sample", help="add --sample SEED")
    windows = read_windows(macs, parameters, within)
    if windows and sample is None:
        raise UserError(f"--{next(iter(windows))} needs --sample", help="add --sample SEED")
    if source.is_dir():
        _refuse(sample is not None, "--sample", "a .ssr file", source)
        _refuse(architecture is not None, "--architecture", "a .ssr file", source)
        chosen = network_of_run(source, overrides)
    else:
        _refuse(weights is not None, "--weights", "the run of a search", source)
        chosen = network_of_file(source, overrides, sample, by or "decisions", architecture, windows)
    write(chosen, model_py, weights, source)


def _refuse(given: bool, option: str, help: str, source: Path) -> None:
    if given:
        raise UserError(f"{option} cannot be used with {source}", help=f"use it with {help}")
