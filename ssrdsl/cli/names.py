"""The device option, and early checks of option values, before torch is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

device_option = click.option(
    "--device", default="auto", show_default=True, metavar="NAME", help="Device: auto, cpu, cuda or cuda:N."
)


def check_names(
    device: str, data: str, sizes: Iterable[str | None] = (), files: Iterable[str | Path | None] = ()
) -> None:
    """Raise `UserError` for an invalid device, data set, size or file; None is skipped."""
    from ssrdsl.files import check_readable
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
            check_readable(path)
