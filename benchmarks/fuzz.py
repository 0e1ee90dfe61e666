"""Run the commands on invalid files and random programs, with limits on time and memory.

    python benchmarks/fuzz.py --files 10000 --programs 500 --seed 1000000 --minutes 20

Files are shipped spaces with random changes; they are checked and compiled. Programs are generated at random and mostly
valid; they are checked, formatted, opened in the language server, compiled, shown, sampled and emitted. Each batch runs
in a separate process with at most 1 GiB of address space; each stage of a file may take 5 seconds of CPU time, more on
a slow machine. The generators are in `tests/fuzz`. The result is a table; failures are printed with their seeds, and
the exit status is 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WORDS = {"files": ("compile",), "programs": ("programs",)}
MEMORY = 1 << 30


@dataclass
class Campaign:
    """The results for files of one kind. `peak` is in KiB; `slowest` has CPU seconds and a seed."""

    kind: str
    examined: int = 0
    wrong: list[dict[str, Any]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    peak: int = 0
    seconds: float = 0.0

    def run(self, first: int, count: int, batch: int, end: float) -> None:
        """Examine the files of seeds from `first`, until the number is reached or the time is up."""
        began = time.monotonic()
        while self.examined < count and time.monotonic() < end:
            start = first + self.examined
            stop = start + min(batch, count - self.examined)
            self.examine(start, stop)
            self.examined = stop - first
            print(f"{self.kind}: {self.examined:,} examined, {len(self.wrong)} failures", file=sys.stderr)
        self.seconds = time.monotonic() - began

    def examine(self, first: int, stop: int) -> None:
        """Examine one batch in a separate process."""
        command = [sys.executable, "-m", "tests.fuzz.worker", str(first), str(stop), *WORDS[self.kind]]
        environment = {**os.environ, "SSRDSL_FUZZ_MEMORY": str(MEMORY)}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode:
            trace = done.stderr[-2000:]
            self.fail({"seed": f"{first} to {stop - 1}", "fault": f"status {done.returncode}", "trace": trace})
        for record in records:
            if "fault" in record:
                self.fail(record)
            else:
                self.slowest = max(self.slowest, (record["slowest"], record["seed"]))
                self.peak = max(self.peak, record["peak_kib"])

    def fail(self, record: dict[str, Any]) -> None:
        """Record and print a failure."""
        self.wrong.append(record)
        print(f"\n{self.kind}, seed {record['seed']}: {record['fault']}\n{record['trace']}", flush=True)

    def row(self) -> str:
        """The results as a line of the table."""
        slowest, seed = self.slowest
        return (
            f"| {self.kind} | {self.examined:,} | {len(self.wrong)} | {slowest:.1f} (seed {seed}) "
            f"| {self.peak / 1024:.0f} | {self.seconds / 60:.1f} |"
        )


def main() -> int:
    """Run a campaign for each kind and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000, metavar="N", help="Number of files with random changes.")
    parser.add_argument("--programs", type=int, default=500, metavar="N", help="Number of random programs.")
    parser.add_argument("--seed", type=int, default=1_000_000, metavar="SEED", help="First random seed.")
    parser.add_argument("--batch", type=int, default=100, metavar="N", help="Number of files per process.")
    parser.add_argument("--minutes", type=float, default=20, metavar="M", help="Stop after M minutes.")
    given = parser.parse_args()
    end = time.monotonic() + 60 * given.minutes
    campaigns = [Campaign(kind) for kind in WORDS]
    for campaign in campaigns:
        campaign.run(given.seed, getattr(given, campaign.kind), given.batch, end)
    print("| kind | examined | failures | slowest, CPU s | peak MiB | minutes |\n|---|---|---|---|---|---|")
    print("\n".join(campaign.row() for campaign in campaigns))
    return 1 if any(campaign.wrong for campaign in campaigns) else 0


if __name__ == "__main__":
    sys.exit(main())
