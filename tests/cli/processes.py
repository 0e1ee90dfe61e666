"""Commands in processes of their own, for tests that end them."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def started(*words: object) -> "subprocess.Popen[str]":
    """The process of a command."""
    source = f"import sys; from ssrdsl.cli import main; sys.exit(main({[*map(str, words)]!r}))"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def wait_for_lines(path: Path, count: int, running: "subprocess.Popen[str]") -> None:
    """Wait until a file has this number of lines, or the process has ended."""
    while running.poll() is None and not (path.exists() and path.read_bytes().count(b"\n") >= count):
        time.sleep(0.005)
