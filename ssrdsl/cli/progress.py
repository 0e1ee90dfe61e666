"""The bar of a training: steps, time left, loss and score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from ssrdsl.segmentation.training.loop import Progress


@contextmanager
def training_bar(console: Console) -> Iterator[Callable[[Progress], None]]:
    """A bar on the console while the block runs; yields what a training calls with its progress."""
    columns = (
        TextColumn("[bold]epoch {task.fields[epoch]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("loss {task.fields[loss]}  mIoU {task.fields[miou]}"),
    )
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("training", total=None, epoch=1, loss="-", miou="-")

        def observe(progress: Progress) -> None:
            miou = "-" if progress.miou is None else f"{progress.miou:.1%}"
            bar.update(
                task,
                total=progress.steps,
                completed=progress.step,
                epoch=progress.epoch + 1,
                loss=f"{progress.loss:.3f}",
                miou=miou,
            )

        yield observe
