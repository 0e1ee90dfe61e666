"""Options that several commands have, and checks of their values before torch is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from ssrdsl.errors import UserError

PATH = click.Path(path_type=Path)
MOST_THREADS = 1024
"""More than the cores of any machine; far above this, threads cannot be started."""
DATA = (
    "Data: streets (256 generated scenes), streets:N (N of them), camvid:PATH, or a directory with train/, "
    "trainannot/, val/, valannot/ and classes.txt."
)
"""The help of `--data`."""


def set_option_as(name: str) -> Callable[[Any], Any]:
    """The option `--set` for a command whose parameter has this name."""
    return click.option("--set", name, multiple=True, metavar="NAME=VALUE", help="Set a parameter of the space.")


set_option = set_option_as("settings")
data_option = click.option("--data", metavar="NAME", help=DATA)
run_option = click.option("--out", required=True, type=PATH, metavar="DIR", help="Directory of the run.")
weights_option = click.option("--weights", required=True, type=PATH, metavar="FILE", help="Weights file of MODEL.")
size_option = click.option(
    "--size", metavar="HxW",
    help="Size of the images. [default: the size of the data, or the size that the space requires]",
)  # fmt: skip
device_option = click.option(
    "--device", default="auto", show_default=True, metavar="NAME", help="Device: auto, cpu, cuda or cuda:N."
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    metavar="N",
    help="Number of CPU threads. [default: one per core]",
)
amp_option = click.option("--amp", is_flag=True, help="Use bfloat16 autocast on the GPU.")
seed_option = click.option("--seed", default=0, show_default=True, metavar="SEED", help="Random seed.")


def together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, listed in this order in the help."""

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def read_overrides(texts: Sequence[str]) -> dict[str, str]:
    """The values of `--set` by name; the last value of a name is used. Raises `UserError` if one is not NAME=VALUE."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier() or not value.strip():
            raise UserError(f"invalid option --set {text}: expected NAME=VALUE", "for example `--set classes=11`")
        found[name.strip()] = value.strip()
    return found


def require_data(name: str | None) -> None:
    """Raise `UserError` without `--data`, which only a resumed run may omit."""
    if not name:
        raise UserError("missing option --data", help="add --data streets, --data camvid:PATH or a directory")


def set_threads(number: int | None) -> int:
    """Set the number of threads of torch, by default its own default, and return it.

    It is recorded with a run, since the order of sums changes results.
    """
    import torch

    threads = min(number or torch.get_num_threads(), MOST_THREADS)
    torch.set_num_threads(threads)
    return threads


def check_names(
    device: str, data: str, sizes: Iterable[str | None] = (), files: Iterable[str | Path | None] = ()
) -> None:
    """Raise `UserError` for an invalid device, data set, size or file; None is skipped."""
    from ssrdsl.cli.runs import check_file
    from ssrdsl.segmentation.data.registry import check_data_name
    from ssrdsl.segmentation.data.sizes import parse_size
    from ssrdsl.segmentation.devices import check_device_name

    check_device_name(device)
    check_data_name(data)
    for size in sizes:
        if size:
            parse_size(size)
    for path in files:
        if path:
            check_file(Path(path))
