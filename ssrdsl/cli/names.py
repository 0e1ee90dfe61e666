"""What options name: told at once where it cannot be, before torch is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def check_names(
    device: str, data: str, sizes: Iterable[str | None] = (), files: Iterable[str | Path | None] = ()
) -> None:
    """Raises `UserError` where a device, data, size or file cannot be meant; what is not given is passed over."""
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
