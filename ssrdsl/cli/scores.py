"""The table of scores per class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from ssrdsl.segmentation.confusion import ConfusionMatrix

BAR_WIDTH = 24


def score_table(matrix: ConfusionMatrix, classes: Sequence[str]) -> Table:
    """Share of pixels and intersection over union of each class, with the mean and the pixel accuracy."""
    table = Table(
        title=f"mIoU {matrix.mean_iou():.2%}, pixel accuracy {matrix.pixel_accuracy():.2%}",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("class")
    table.add_column("pixels", justify="right")
    table.add_column("IoU", justify="right")
    table.add_column("")
    shares = matrix.counts.sum(1).double() / matrix.counts.sum().clamp(min=1)
    for name, share, score in zip(classes, shares.tolist(), matrix.iou(), strict=True):
        shown = "absent" if score is None else f"{score:.2%}"
        table.add_row(name, f"{share:.2%}", shown, "█" * round(BAR_WIDTH * (score or 0.0)))
    return table
