"""Measure the time of `ssrdsl check FILE`, including the start of Python, for every shipped space.

Each run is a separate process; the fastest of several runs is reported, as wall time and as CPU time, which depends
less on other processes. Modules are compiled before the first run, as in an installed package.

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
    """The shortest times of several checks of a file, in seconds."""

    file: str
    wall: float
    cpu: float


def measure(file: Path, runs: int, environment: Mapping[str, str]) -> Timing:
    """Time `runs` checks of a file. Raises `CalledProcessError` if a check fails."""
    taken = [_once(file, environment) for _ in range(runs)]
    return Timing(file.name, min(wall for wall, _ in taken), min(cpu for _, cpu in taken))


def _once(file: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Run one process; return its wall time and CPU time in seconds."""
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, "check", str(file)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _environment(folder: str) -> dict[str, str]:
    """The environment variables of the runs; compiled modules are written to `folder`."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": folder}


def main() -> None:
    """Print a table; with `--out`, also write the times as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="files to check; all of spaces/ by default")
    parser.add_argument("--runs", type=int, default=7, help="number of processes per file")
    parser.add_argument("--out", type=Path, help="JSON file for the times")
    arguments = parser.parse_args()
    found = []
    print(f"{'file':32}{'seconds':>9}{'CPU seconds':>13}")
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(folder)
        for file in arguments.files or sorted(SPACES.glob("*.ssr")):
            _once(file, environment)  # compiles the modules
            one = measure(file, arguments.runs, environment)
            found.append(one)
            print(f"{one.file:32}{one.wall:9.3f}{one.cpu:13.3f}", flush=True)
    if arguments.out is not None:
        held = {"python": platform.python_version(), "machine": platform.machine(), "timings": [*map(asdict, found)]}
        write_atomically(arguments.out, json.dumps(held, indent=2) + "\n")


if __name__ == "__main__":
    main()
