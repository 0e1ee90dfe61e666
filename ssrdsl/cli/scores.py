"""The table of scores per class, and over which classes a mean is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table

from ssrdsl.segmentation.data.sizes import Size, format_size

if TYPE_CHECKING:
    from torch import Tensor

    from ssrdsl.segmentation.confusion import ConfusionMatrix

BAR_WIDTH = 24


def score_table(matrix: ConfusionMatrix, classes: Sequence[str], size: Size | None) -> Table:
    """Share of pixels and intersection over union of each class, with the mean and the pixel accuracy.

    `size` is the size at which labels and predictions were compared; None for that of each label image.
    """
    title = f"{_scores(matrix)}, at {'the sizes of the label images' if size is None else format_size(size)}"
    # As wide as its title, so that the title fits on one line.
    columns = ("class", Column("pixels", justify="right"), Column("IoU", justify="right"), "")
    table = Table(*columns, title=title, title_justify="left", title_style="bold", min_width=len(title))
    shares = matrix.counts.sum(1).double() / matrix.counts.sum().clamp(min=1)
    for name, share, score in zip(classes, shares.tolist(), matrix.iou(), strict=True):
        shown = "absent" if score is None else f"{score:.2%}"
        table.add_row(name, f"{share:.2%}", shown, "█" * round(BAR_WIDTH * (score or 0.0)))
    return table


def _scores(matrix: ConfusionMatrix) -> str:
    miou, accuracy = matrix.mean_iou(), matrix.pixel_accuracy()
    if miou is None or accuracy is None:
        return "no score: there are no labelled pixels"
    return f"mIoU {miou:.2%}{missing_classes(matrix.counts.sum(1))}, pixel accuracy {accuracy:.2%}"


def missing_classes(pixels: Tensor) -> str:
    """` (1 of 2 classes has pixels)` if a class has none; `pixels` is the number of labelled pixels of each class."""
    count = int((pixels > 0).sum())
    return (
        "" if count == len(pixels) else f" ({count} of {len(pixels)} classes {'has' if count == 1 else 'have'} pixels)"
    )
