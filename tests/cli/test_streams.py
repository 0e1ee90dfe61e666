"""Closed or full streams: the work is done, without tracebacks."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SPACE = "spaces/erfnet.ssr"


def ssrdsl(*arguments: str, close: tuple[int, ...] = (), **streams: object) -> "subprocess.CompletedProcess[str]":
    def shut() -> None:
        for descriptor in close:
            os.close(descriptor)

    before: Callable[[], None] | None = shut if close else None
    given: dict = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(
        [sys.executable, "-m", "ssrdsl", *arguments], cwd=ROOT, text=True, preexec_fn=before, check=False, **given
    )


def test_standard_output_may_be_closed() -> None:
    done = ssrdsl("check", SPACE, close=(1,))
    assert (done.returncode, done.stderr) == (0, "warning: standard output is closed; results are not printed\n")


def test_standard_error_may_be_closed() -> None:
    done = ssrdsl("check", SPACE, "none.ssr", close=(2,))
    assert done.returncode == 2
    done = ssrdsl("explain", "E0203", close=(2,))
    assert done.returncode == 0
    assert "E0203" in done.stdout


def test_all_streams_may_be_closed() -> None:
    assert ssrdsl("check", SPACE, close=(0, 1, 2)).returncode == 0
    assert ssrdsl("check", "none.ssr", close=(0, 1, 2)).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_messages_may_find_the_disk_full() -> None:
    with open("/dev/full", "wb") as full:
        assert ssrdsl("check", SPACE, stderr=full).returncode == 0


def test_files_are_not_opened_as_standard_streams(tmp_path: Path) -> None:
    """With closed stream descriptors, the next file opened would get one of them."""
    target = tmp_path / "starter.ssr"
    assert ssrdsl("new", str(target), close=(0, 1, 2)).returncode == 0
    assert "standard output is closed" not in target.read_text()
    assert ssrdsl("check", str(target)).returncode == 0


def test_the_package_runs_as_a_module() -> None:
    done = ssrdsl("--version")
    assert done.stdout.startswith("ssrdsl, version ")
