"""Time `ssrdsl check FILE` for every shipped space, from the start of the process to its end.

Each run is its own process. The fastest of several runs is reported: wall-clock time, and CPU time, which depends less
on other programs. Modules are compiled before the first run, as in an installed package.

    python benchmarks/check_time.py [FILES...] [--runs 7] [--out check_time.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from ssrdsl.files import write_atomically

SPACES = Path(__file__).parent.parent / "spaces"
PROGRAM = "from ssrdsl.cli import main; raise SystemExit(main())"


@dataclass(frozen=True, slots=True)
class Timing:
    """The fastest of several checks of a file, in seconds."""

    file: str
    wall: float
    cpu: float


def measure(file: Path, runs: int, environment: Mapping[str, str]) -> Timing:
    """Check a file a few times. Raises `CalledProcessError` if the check fails."""
    taken = [_once(file, environment) for _ in range(runs)]
    return Timing(file.name, min(wall for wall, _ in taken), min(cpu for _, cpu in taken))


def _once(file: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Wall and processor time of one process."""
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, "check", str(file)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _environment(folder: str) -> dict[str, str]:
    """The environment of the runs; `folder` is where compiled modules are kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": folder}


def main() -> None:
    """Print a table, and write the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="the files; by default all in spaces/")
    parser.add_argument("--runs", type=int, default=7, help="processes for each file")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    arguments = parser.parse_args()
    found = []
    print(f"{'file':34}{'wall s':>8}{'cpu s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(folder)
        for file in arguments.files or sorted(SPACES.glob("*.ssr")):
            _once(file, environment)  # compiles what this file needs
            one = measure(file, arguments.runs, environment)
            found.append(one)
            print(f"{one.file:34}{one.wall:8.3f}{one.cpu:8.3f}", flush=True)
    if arguments.out is not None:
        held = {"python": platform.python_version(), "machine": platform.machine(), "timings": [*map(asdict, found)]}
        write_atomically(arguments.out, json.dumps(held, indent=2) + "\n")


if __name__ == "__main__":
    main()
