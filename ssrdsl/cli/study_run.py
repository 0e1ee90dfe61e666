"""Run a study with its progress, and print its figures."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from statistics import fmean

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ssrdsl.cli.console import show_message, stderr_console, stdout_console, warn
from ssrdsl.cli.runs import resume_command
from ssrdsl.cli.shell import INTERRUPTED
from ssrdsl.cli.study_job import FIGURES_NAME, PAGE_NAME, StudyJob
from ssrdsl.errors import counted
from ssrdsl.runs.interrupts import held_back
from ssrdsl.study import tables
from ssrdsl.study.journal import Ended, read_journal
from ssrdsl.study.plan import Plan, StudyStep
from ssrdsl.study.runner import Failure, Runner
from ssrdsl.study.settings import Settings

FAILED = 1
WIDEST = 1000
"""Largest width of a table, in characters."""


def print_plan(plan: Plan, settings: Settings) -> None:
    """Print the plan as a shell script, and the number of commands on standard error."""
    folders = sorted({str(step.done.parent) for step in plan.steps if step.kind == "emit"})
    click.echo(f"mkdir -p {shlex.join(folders)}")
    click.echo(f"export OMP_NUM_THREADS={settings.threads}")
    for line in plan.lines():
        click.echo(line)
    counts = Counter(step.kind for step in plan.steps)
    parts = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    stderr_console().print(f"{counted(len(plan.steps), 'command')}: {parts}", soft_wrap=True)


def run(job: StudyJob, jobs: int | None, lock: int) -> list[Failure]:
    """Run the plan; return the steps that failed. If it is stopped, the figures of the finished steps are written."""
    plan, settings = job.plan, job.settings
    count = jobs or (max(1, (os.cpu_count() or 1) // settings.threads) if settings.device == "cpu" else 1)
    launcher = (sys.executable, "-m", "ssrdsl.cli.child")
    cache = os.environ.get("SSRDSL_STREETS_CACHE") or str((settings.out / ".streets").resolve())
    environment = {"OMP_NUM_THREADS": str(settings.threads), "SSRDSL_STREETS_CACHE": cache}
    console = stderr_console()
    journal = read_journal(settings.out)
    failures: list[Failure] = []
    ran = False
    with suppress(KeyboardInterrupt), held_back() as stop, study_display(console, plan, journal, count) as display:
        ran = Runner(plan, settings.out, launcher, count, display, lock, environment, stop, failures).run()
    if not ran:
        again = resume_command("study", settings.out)
        console.print(f"stopped; finished steps are kept. Continue with: {again}", soft_wrap=True)
        if any(step.kind == "train" and step.is_finished for step in plan.steps):
            job.conclude(failures)
        raise click.exceptions.Exit(INTERRUPTED)
    return failures


def conclude(job: StudyJob, failures: Sequence[Failure]) -> None:
    """Write figures and page, print the figures, and report what failed."""
    figures = job.conclude(failures)
    console = stdout_console()
    for table in map(_rich_table, tables.tables(figures)):
        # A narrow console would cut figures.
        console.width = max(console.width, console.measure(table, options=console.options.update(width=WIDEST)).maximum)
        console.print(table)
        console.print()
    console.print(
        f"figures and page: {job.settings.out / FIGURES_NAME}, {job.settings.out / PAGE_NAME}", soft_wrap=True
    )
    for folder, found, count in job.plan.fewer():
        warn(f"found only {counted(found, 'distinct architecture')} instead of {count} in {folder}")
    for search in figures["searches"]:
        if search["images_held_out"] == 0:
            warn(f"search {search['search']} has selected on the images that weights are trained on: see its log")
    for unscored in figures["unscored"]:
        warn(f"{unscored} has no mean IoU; it is not included in the figures")
    for failure in failures:
        if failure.log is not None:
            show_message("error", f"step {failure.step}: {failure.reason}", f"the full log is {failure.log}")
    skipped = sum(failure.log is None for failure in failures)
    if skipped:
        console.print(
            f"{counted(skipped, 'step')} did not run, since others that they need have failed", soft_wrap=True
        )
    if failures:
        raise click.exceptions.Exit(FAILED)


def _rich_table(content: tables.TextTable) -> Table:
    title = content.title
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, min_width=len(title))
    for number, column in enumerate(content.header):
        table.add_column(Text(column), justify="left" if number == 0 else "right", no_wrap=True)
    for row in content.rows:
        table.add_row(*map(Text, row))
    return table


@contextmanager
def study_display(console: Console, plan: Plan, journal: Sequence[Ended], jobs: int) -> Iterator[StudyDisplay]:
    """Show a display on the console while the block runs; yields an observer of a runner.

    It has one bar over all steps with the running ones, and a line for each finished step above it.
    """
    columns = (
        TextColumn("[bold]steps"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}  {task.fields[running]}"),
    )
    done = [step for step in plan.steps if step.is_finished]
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("study", total=len(plan.steps), completed=len(done), left="", running="")
        yield StudyDisplay(bar, task, plan, journal, jobs, len(done))


class StudyDisplay:
    """The bar and the lines above it."""

    def __init__(self, bar: Progress, task: TaskID, plan: Plan, journal: Sequence[Ended], jobs: int, done: int) -> None:
        self._bar, self._task, self._jobs = bar, task, jobs
        self._groups = {step.name: _group(step) for step in plan.steps}
        self._left = {step.name for step in plan.steps if not step.is_finished}
        self._total, self._count = len(plan.steps), done
        self._running: list[str] = []
        self._seconds: dict[str, list[float]] = {}
        for ended in journal:
            self._learn(ended)

    def started(self, step: StudyStep) -> None:
        """Show the step as running."""
        self._running.append(step.name)
        self._update()

    def ended(self, step: StudyStep, ended: Ended) -> None:
        """Print a line and move the bar."""
        self._learn(ended)
        self._running.remove(step.name)
        self._settle(step, f"{ended.status:<8}  {ended.seconds:>8.1f} s  {step.name}")

    def skipped(self, step: StudyStep, reason: str) -> None:
        """Print a line and move the bar."""
        self._settle(step, f"skipped   {'':>10}  {step.name}: {reason}")

    def _learn(self, ended: Ended) -> None:
        if ended.status == "finished" and ended.step in self._groups:
            self._seconds.setdefault(self._groups[ended.step], []).append(ended.seconds)

    def _settle(self, step: StudyStep, line: str) -> None:
        self._count += 1
        self._left.discard(step.name)
        self._bar.console.print(Text(f"{self._count:>4}/{self._total}  {line}"), soft_wrap=True)
        self._update()

    def _update(self) -> None:
        shown = ", ".join(self._running[:2]) + (" ..." if len(self._running) > 2 else "")
        self._bar.update(self._task, completed=self._count, left=self._estimate(), running=shown)

    def _estimate(self) -> str:
        """The time left, from the mean time of each kind of step, once all remaining kinds have been seen."""
        groups = [self._groups[name] for name in self._left]
        if not groups or any(group not in self._seconds for group in groups):
            return ""
        minutes = sum(fmean(self._seconds[group]) for group in groups) / self._jobs / 60
        return f"about {minutes:.0f} min left" if minutes >= 1 else "less than a minute left"


def _group(step: StudyStep) -> str:
    """A key for steps that take about the same time: their kind, for trainings also the length."""
    if step.kind != "train":
        return step.kind
    folder = step.done.parent
    return "train/candidates" if folder.parent.name == "candidates" else f"train/{folder.name}"
