"""One process at a time writes to a run directory."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ssrdsl.errors import UserError
from ssrdsl.runs.lock import LOCK_NAME, locked, refuse_locked

HOLD = """
import sys
from pathlib import Path
from ssrdsl.runs.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_lock_of_another_process_is_refused_with_its_number(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        for attempt in (lambda: refuse_locked(tmp_path), lambda: locked(tmp_path).__enter__()):
            with pytest.raises(UserError, match=rf"is in use by another process \({process.pid} on ") as refused:
                attempt()
            assert refused.value.help == "wait until it ends, or use another --out"
        assert process.stdin is not None
        process.stdin.close()
    with locked(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text().startswith(f"{os.getpid()} on ")
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_process_is_not_in_the_way(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / LOCK_NAME).exists()
    refuse_locked(tmp_path)
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_inherits_the_lock_holds_it_longer_than_its_parent(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))
        os.rename(tmp_path / LOCK_NAME, tmp_path / "kept")  # as after a kill, nothing removes the file
    os.rename(tmp_path / "kept", tmp_path / LOCK_NAME)
    with pytest.raises(UserError, match="is in use by another process"):
        refuse_locked(tmp_path)
    child.communicate(b"\n")
    refuse_locked(tmp_path)


def test_a_lock_is_not_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / LOCK_NAME).symlink_to(victim)
    with pytest.raises(UserError, match="cannot write"), locked(tmp_path / "run"):
        pass
    assert victim.read_text() == "precious"
