"""The progress of a study: one bar over all steps, the running steps, a line for each finished step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import fmean

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from ssrdsl.study.journal import Ended
from ssrdsl.study.plan import Plan, StudyStep


@contextmanager
def study_display(console: Console, plan: Plan, journal: Sequence[Ended], jobs: int) -> Iterator[StudyDisplay]:
    """Show a display on the console while the block runs; yields an observer of a runner."""
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
