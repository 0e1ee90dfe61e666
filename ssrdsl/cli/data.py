"""Open the data of a command, print their size, and show warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssrdsl.errors import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssrdsl.segmentation.data.dataset import Dataset
    from ssrdsl.segmentation.data.sizes import Size


def open_data(name: str, splits: Sequence[str], size: Size | None) -> list[Dataset]:
    """Open splits at one size, by default that of the first split; print them and their notes. Raises `UserError`."""
    from ssrdsl.cli.console import show_message, stderr_console
    from ssrdsl.segmentation.data.registry import open_splits

    console = stderr_console()
    with console.status(f"Opening {name}"):
        opened = open_splits(name, splits, size)
    console.print("; ".join(map(_described, opened)), soft_wrap=True)
    for note in dict.fromkeys(note for dataset in opened for note in dataset.notes):
        show_message("warning", note.message, note.help)
    return opened


def _described(dataset: Dataset) -> str:
    """A split in words: `train: 8 images of 32x48, resized to 64x96`."""
    from ssrdsl.segmentation.data.sizes import format_size

    own = dataset.own_sizes or (dataset.size,)
    sizes = format_size(own[0]) + (f" to {format_size(own[-1])}" if len(own) > 1 else "")
    resized = f", resized to {format_size(dataset.size)}" if own != (dataset.size,) else ""
    count = counted(len(dataset), "image")
    return f"{dataset.split}: {count} of {sizes}{resized}"
