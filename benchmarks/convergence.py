"""Search a small space on generated street images with several numbers of steps, and report whether searches converge.

    python benchmarks/convergence.py [--steps 300 1000 3000] [--seeds 3] [--search KEY=VALUE ...] [--out FILE.json]

The target is 600 k MACs, unless --search sets one. The table also shows when decisions are made, the scores, and the
costs of the networks found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from ssrdsl.search.goal import targets
from ssrdsl.search.loop import Options
from ssrdsl.search.progress import EpochReport, StepReport
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.search import Searcher
from ssrdsl.segmentation.data.registry import open_dataset
from ssrdsl.segmentation.task import SegmentationTask
from ssrdsl.space import open_space
from ssrdsl.space.architecture import describe
from ssrdsl.space.setting_overrides import read_settings, with_settings

SPACE = Path(__file__).with_suffix(".ssr")
BATCH = 8
TARGET = "target.macs=600K"


@dataclass(slots=True)
class Course:
    """The results of one search. Decision times are fractions of all steps; scores are mIoU on validation images."""

    steps: int
    seed: int
    first_decision: float | None = None
    last_decision: float | None = None
    undecided: int = 0
    supernet: float = 0.0
    discretized: float = 0.0
    recalibrated: float = 0.0
    macs: int = 0
    parameters: int = 0
    missed: float = 0.0
    """The largest relative difference from a target."""
    architecture: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    step_seconds: list[float] = field(default_factory=list)
    supernet_parameters: list[int] = field(default_factory=list)

    def step(self, report: StepReport) -> None:
        """Do nothing."""

    def epoch(self, report: EpochReport) -> None:
        """Record when decisions are made, the seconds per step, and the number of parameters."""
        share = report.step / self.steps
        if report.dropped.decided:
            self.first_decision = self.first_decision or share
            self.last_decision = share
        self.step_seconds.append(round(report.step_seconds, 4))
        self.supernet_parameters.append(report.left.parameters)


def search(steps: int, seed: int, settings: dict[str, str]) -> Course:
    """Run one search; `settings` replace settings of the search block."""
    # The number of images is chosen so that a short search has about 24 epochs.
    count = max(64, min(256, BATCH * steps // 24))
    train_set, val_set = (open_dataset(f"streets:{count}", split, (32, 64)) for split in ("train", "val"))
    task = SegmentationTask(train_set, val_set, BATCH, seed, torch.device("cpu"))
    program = with_settings(open_space(SPACE), settings)
    epochs = max(1, steps // task.steps_per_epoch)
    course = Course(epochs * task.steps_per_epoch, seed)
    job = Searcher(program, program.graph, task, Options(epochs), seed)
    with tempfile.TemporaryDirectory() as folder:
        run = SearchDirectory(Path(folder) / "run")
        with run.opened(resume=False):
            outcome = job.conclude(run, job.run(run, job.begin(), (course,)), {})
    course.undecided, course.macs, course.parameters = outcome.undecided, outcome.macs, outcome.parameters
    found = {"macs": outcome.macs, "parameters": outcome.parameters}
    wanted = targets(program.settings.target)
    course.missed = max((abs(found[cost] / value - 1) for cost, value in wanted.items()), default=0.0)
    course.supernet, course.discretized = outcome.supernet, outcome.discretized
    course.architecture = dict(describe(program, outcome.assignment).decisions)
    course.recalibrated, course.seconds = outcome.recalibrated, round(outcome.seconds, 1)
    return course


def table(courses: list[Course]) -> str:
    """The searches as a table in Markdown, one line per number of steps."""
    lines = [
        "| steps | seeds | converged | decisions made after | gap (a) - (b) | mIoU (b) | MACs | off target | step |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for steps in sorted({course.steps for course in courses}):
        group = [course for course in courses if course.steps == steps]
        done = [course for course in group if not course.undecided]
        first = min((course.first_decision for course in group if course.first_decision is not None), default=1.0)
        last = max((course.last_decision for course in group if course.last_decision is not None), default=1.0)
        gap = max(abs(course.supernet - course.discretized) for course in group)
        score = statistics.fmean(course.discretized for course in group)
        macs = statistics.fmean(course.macs for course in group)
        missed = max(course.missed for course in group)
        pace = [statistics.fmean(course.step_seconds[place] for course in group) for place in (0, -1)]
        lines.append(
            f"| {steps:,} | {len(group)} | {len(done)} | {first:.0%} to {last:.0%} | {gap:.4f} | {score:.1%} "
            f"| {macs / 1e6:.2f} M | {missed:.2%} | {pace[0]:.3f} s to {pace[1]:.3f} s |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run all searches and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, nargs="+", default=[300, 1000, 3000], help="numbers of steps")
    parser.add_argument("--seeds", type=int, default=3, help="searches per number of steps")
    parser.add_argument("--search", action="append", default=[], metavar="KEY=VALUE", help="replace a search setting")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--out", type=Path, help="JSON file for the results; the table is written with the suffix .md")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    given = options.search if any(text.startswith("target.") for text in options.search) else [*options.search, TARGET]
    courses: list[Course] = []
    for steps in options.steps:
        for seed in range(options.seeds):
            courses.append(search(steps, seed, read_settings(given)))
            print(asdict(courses[-1]), flush=True)
            if options.out:
                record = [asdict(course) for course in courses]
                options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
                options.out.with_suffix(".md").write_text(table(courses), encoding="utf-8")
    print(table(courses))


if __name__ == "__main__":
    main()
