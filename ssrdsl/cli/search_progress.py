"""The progress of a search: a bar with the time left, a line after each epoch, tables at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from ssrdsl.cli.printing import unit_of
from ssrdsl.cli.scores import missing_classes
from ssrdsl.report.searches import LEVELS, RETRAINED
from ssrdsl.space.cost import macs_text
from ssrdsl.space.summary import count_text

if TYPE_CHECKING:
    from ssrdsl.search.outcome import Outcome
    from ssrdsl.search.progress import EpochReport, StepReport
    from ssrdsl.search.search import Searcher
    from ssrdsl.segmentation.data.dataset import Dataset
    from ssrdsl.space import Program

SHOWN_DECISIONS = 60


@contextmanager
def search_display(console: Console, search: Searcher, done: int) -> Iterator[SearchDisplay]:
    """Show a display on the console while the block runs; yields an observer of a search that has done `done` steps."""
    columns = (
        TextColumn("[bold]epoch {task.fields[epoch]}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("at most"),
        TimeRemainingColumn(),
        TextColumn("left  loss {task.fields[loss]}  {task.fields[macs]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("search", total=search.schedule.steps, completed=done, epoch=1, loss="-", macs="")
        yield SearchDisplay(bar, task, _dimensions(search.program))


def _dimensions(program: Program) -> tuple[str, ...]:
    return tuple(dict.fromkeys(decision.dimension.value for decision in program.graph.open_decisions))


class SearchDisplay:
    """The bar and the lines above it."""

    def __init__(self, bar: Progress, task: TaskID, dimensions: tuple[str, ...]) -> None:
        self._bar = bar
        self._task = task
        self._dimensions = dimensions
        self._headed = False

    def step(self, report: StepReport) -> None:
        """Move the bar."""
        macs = "" if report.macs is None else f"{macs_text(report.macs)} expected"
        self._bar.update(
            self._task, completed=report.step, epoch=report.epoch + 1, loss=f"{report.loss:.3f}", macs=macs
        )

    def scored(self, count: int, best: float) -> None:
        """Show the progress of the selection of a network."""
        self._bar.update(self._task, macs=f"selecting: {count} networks scored, best {best:.1%}")

    def epoch(self, report: EpochReport) -> None:
        """Print a line: decisions open and options left per dimension, size, cost, time of a step."""
        if not self._headed:
            self._print(self._heading())
            self._headed = True
        left = report.left
        cells = [f"{report.epoch + 1:>5}", f"{report.loss:>7.3f}"]
        for dimension in self._dimensions:
            count = f"{left.decisions.get(dimension, 0)} ({left.options.get(dimension, 0)})"
            cells.append(f"{count:>{_width(dimension)}}")
        cells += [
            f"{count_text(left.architectures):>13}",
            f"{quantity(left.parameters):>10}",
            f"{quantity(report.macs):>8}",
            f"{report.step_seconds:>7.3f}",
        ]
        self._print("  ".join(cells))

    def _heading(self) -> str:
        dimensions = [f"{dimension:>{_width(dimension)}}" for dimension in self._dimensions]
        return "  ".join(["epoch", "   loss", *dimensions, "architectures", "parameters", "    MACs", "s/step"])

    def _print(self, line: str) -> None:
        self._bar.console.print(Text(line), soft_wrap=True)


def _width(dimension: str) -> int:
    return max(len(dimension), 10)


def quantity(value: float) -> str:
    """`7.8 G`: three digits and a letter."""
    size, letter = unit_of(value)
    return f"{value / size:.3g} {letter}"


def architecture_table(program: Program, outcome: Outcome) -> Table:
    """The options of the network found."""
    title = f"{program.name}: the network found"
    table = Table("decision", "dimension", "option", title=title, title_justify="left")
    decisions = [program.graph.decisions[name] for name in outcome.assignment]
    for decision in decisions[:SHOWN_DECISIONS]:
        index = outcome.assignment[decision.name]
        label = next(option.label for option in decision.options if option.index == index)
        table.add_row(Text(decision.name), decision.dimension.value, Text(label))
    if len(decisions) > SHOWN_DECISIONS:
        table.add_row(f"and {len(decisions) - SHOWN_DECISIONS} more", "", "")
    return table


def costs_line(outcome: Outcome) -> str:
    """The costs of the network found, at the size of the file and at that of the images if they differ."""
    line = f"{outcome.parameters:,} parameters, {macs_text(outcome.macs)} at the size given in the file"
    if outcome.search_macs != outcome.macs:
        line += f", {macs_text(outcome.search_macs)} at {'x'.join(map(str, outcome.size))}"
    return line


def gap_table(outcome: Outcome, scored: Dataset) -> Table:
    """The discretization gap on a split: scores of the supernet after the search and of the network found."""
    missing = missing_classes(scored.histogram())
    title = Text(f"mIoU on {scored.split} at {'x'.join(map(str, outcome.size))}{missing}")
    table = Table("network", Column("mIoU", justify="right"), title=title, title_justify="left")
    for key, name in LEVELS:
        table.add_row(name, f"{getattr(outcome, key):.2%}")
    table.add_row(RETRAINED, "ssrdsl train")
    return table
