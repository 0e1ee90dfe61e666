"""Kill searches and trainings at random times, resume them, and compare the results with an uninterrupted run.

    python benchmarks/kills.py --kills 100 --seed 1

A process is killed (SIGKILL) after a random fraction of the duration of a whole run: before the manifest is written,
within a step, or while a checkpoint or a result is written. Then the command is repeated, with --resume if a run
exists, until it exits normally. Every run must end with weights, scores and events equal to those of the uninterrupted
run, bit for bit, and without other files in its directory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from ssrdsl.cli import main
from ssrdsl.runs.events import read_events
from tests.search.spaces import TINY
from tests.segmentation.conftest import MODEL, write_folder

COMMON = ("--batch", "2", "--size", "16x16", "--threads", "1")
OPTIONS = {
    "search": ("--epochs", "12", "--checkpoint-every", "0"),
    "train": ("--epochs", "12", "--evaluate-every", "1"),
}
FILES = {"search": ("net.ssr", TINY), "train": ("model.py", MODEL)}
TIMES = {"seconds", "step_seconds"}
LOADED = (
    "ssrdsl.cli.search", "ssrdsl.cli.search_job", "ssrdsl.cli.search_progress", "ssrdsl.cli.train", "ssrdsl.cli.scores",
    "ssrdsl.search.search", "ssrdsl.segmentation.task", "ssrdsl.segmentation.training.runs", "ssrdsl.space.prove",
    "ssrdsl.manifest", "torch.utils.tensorboard",
)  # fmt: skip
"""Imported before the processes are forked, so that most kills interrupt the run and not its imports."""


@dataclass
class Campaign:
    """The kills of one command. `folder` contains its input file and the data set."""

    command: str
    folder: Path
    draw: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    most: int = 0

    def run(self, kills: int) -> None:
        """Run until the number of kills is reached and the last run has ended."""
        whole = self.folder / "whole"
        began = time.monotonic()
        self.end(whole)
        duration = time.monotonic() - began
        while self.kills.total() < kills:
            self.one(whole, duration)

    def one(self, whole: Path, duration: float) -> None:
        """Kill and resume one run repeatedly, until it exits before the next kill; then compare it."""
        out, killed = self.folder / f"run{self.runs}", 0
        while True:
            child = self.child(out)
            time.sleep(self.draw.random() * duration)
            if os.waitpid(child, os.WNOHANG)[0]:
                break
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
            self.kills[state(out)] += 1
        self.end(out)
        compare(whole, out)
        self.runs, self.most = self.runs + 1, max(self.most, killed)
        print(f"{self.command}: {self.kills.total()} kills, {self.runs} runs equal the whole one", file=sys.stderr)

    def end(self, out: Path) -> None:
        """Run the command to its end. Raises AssertionError if its exit status is not 0."""
        _, status = os.waitpid(self.child(out), 0)
        assert status == 0, f"{self.command} ended with status {status}: {(self.folder / 'log').read_text()[-2000:]}"

    def child(self, out: Path) -> int:
        """Fork a process that starts or resumes the run in `out`; return its id."""
        started = (out / "manifest.json").exists()
        name = FILES[self.command][0]
        new = (str(self.folder / name), "--data", str(self.folder / "data"), *COMMON, *OPTIONS[self.command])
        # Without a checkpoint, a run may be resumed or started again.
        resume = started and ((out / "checkpoint.pt").exists() or self.draw.random() < 0.5)
        arguments = [self.command, *(("--resume",) if resume else new), "--out", str(out)]
        child = os.fork()
        if child:
            return child
        with (self.folder / "log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            os._exit(main(arguments))


def state(out: Path) -> str:
    """The progress of a run at the time of its kill, as a phrase for the table."""
    if not (out / "manifest.json").exists():
        return "before the manifest"
    if not (out / "checkpoint.pt").exists():
        return "before the first checkpoint"
    return "after the results" if any((out / name).exists() for name in ("gap.json", "result.json")) else "in between"


def compare(whole: Path, out: Path) -> None:
    """Compare two runs. Raises AssertionError if they differ in anything but times."""
    assert names(whole) == names(out), (names(whole), names(out))
    for name in ("weights.pt", "best.pt"):
        if (whole / name).exists():
            one, other = (torch.load(run / name)["state_dict"] for run in (whole, out))
            assert one.keys() == other.keys()
            assert all(torch.equal(tensor, other[key]) for key, tensor in one.items()), name
    for name in ("gap.json", "result.json", "architecture.json"):
        if (whole / name).exists():
            assert untimed(json.loads((whole / name).read_text())) == untimed(json.loads((out / name).read_text())), (
                name
            )
    assert list(map(untimed, read_events(whole))) == list(map(untimed, read_events(out)))


def names(run: Path) -> set[str]:
    """The names of the files of a run, except TensorBoard's: each process writes another file there."""
    return {path.name for path in run.iterdir()} - {"tensorboard"}


def untimed(record: dict[str, object]) -> dict[str, object]:
    """A record without its times."""
    return {name: value for name, value in record.items() if name not in TIMES}


def campaign(command: str, kills: int, seed: int) -> str:
    """Run a campaign of one command; return its line of the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        name, text = FILES[command]
        (folder / name).write_text(text)
        (folder / "data").mkdir()
        write_folder(folder / "data", counts={"train": 6, "val": 2})
        made = Campaign(command, folder, random.Random(seed))
        made.run(kills)
        where = ", ".join(f"{count} {name}" for name, count in made.kills.most_common())
        return f"| {command} | {made.kills.total()} ({where}) | {made.runs}, killed up to {made.most} times | none |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="Number of kills per command.")
    parser.add_argument("--seed", type=int, default=0, metavar="SEED", help="Random seed.")
    parser.add_argument("--command", choices=list(FILES), action="append", help="Run this command only.")
    given = parser.parse_args()
    for module in LOADED:
        with suppress(ImportError):
            import_module(module)
    print("| command | kills | runs | runs that ended differently |\n|---|---|---|---|", flush=True)
    for command in given.command or FILES:
        print(campaign(command, given.kills, given.seed), flush=True)
