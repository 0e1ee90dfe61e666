"""Starting and resuming runs in a directory, and the files of a failed start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from ssrdsl.errors import UserError
from ssrdsl.manifest import manifest
from ssrdsl.runs.directory import RunDirectory
from ssrdsl.runs.lock import LOCK_NAME


@dataclass(frozen=True, slots=True)
class Directory(RunDirectory):
    input_names: ClassVar[tuple[str, ...]] = ("net.txt",)
    result_names: ClassVar[tuple[str, ...]] = ("weights.pt", "result.json")


@pytest.fixture
def run(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "runs" / "one")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def start(run: Directory) -> None:
    """Write the first files of a command."""
    run.write("net.txt", "net")
    manifest("test").write(run.path)
    run.write("sources/a.txt", "a")


def fail(run: Directory, *written: str) -> None:
    """Start a run that fails after writing some files."""
    with run.opened(resume=False):
        start(run)
        for name in written:
            run.write(name, "state")
        raise KeyError


def test_a_run_is_started_finished_and_not_started_again(run: Directory) -> None:
    with run.opened(resume=False):
        start(run)
        run.write("checkpoint.pt", "state")
    assert names(run.path) == {"net.txt", "manifest.json", "sources", "checkpoint.pt"}
    assert not run.is_finished
    with pytest.raises(UserError, match="already contains a run"), run.opened(resume=False):
        pass
    with run.opened(resume=True):
        run.write("result.json", "{}")
    assert run.is_finished


def test_nothing_is_resumed_where_nothing_was_started(run: Directory) -> None:
    with pytest.raises(UserError, match="has no run to resume"), run.opened(resume=True):
        pass
    assert not run.path.exists()


def test_a_start_that_fails_leaves_nothing_not_even_folders(run: Directory) -> None:
    with pytest.raises(KeyError):
        fail(run)
    assert not run.path.parent.exists()


def test_a_start_that_fails_leaves_an_existing_folder_empty(run: Directory) -> None:
    run.path.mkdir(parents=True)
    with pytest.raises(KeyError):
        fail(run)
    assert names(run.path) == set()


def test_a_run_that_fails_after_its_first_checkpoint_is_kept(run: Directory) -> None:
    with pytest.raises(KeyError):
        fail(run, "checkpoint.pt")
    assert names(run.path) == {"net.txt", "manifest.json", "sources", "checkpoint.pt"}


@pytest.mark.parametrize("left", [[LOCK_NAME], [LOCK_NAME, "net.txt"], [".ssrdsl-partial-12.json"], ["manifest.json"]])
def test_what_a_killed_start_left_is_not_in_the_way(run: Directory, left: list[str]) -> None:
    run.path.mkdir(parents=True)
    for name in left:
        (run.path / name).write_text("left")
    with run.opened(resume=False):
        assert names(run.path) == {LOCK_NAME}
        start(run)
        run.write("checkpoint.pt", "state")


@pytest.mark.parametrize("held", [["letter.txt"], ["net.txt"], ["manifest.json", "letter.txt"], ["checkpoint.pt"]])
def test_files_of_others_are_not_touched(run: Directory, held: list[str]) -> None:
    """Also files with names of a run, if no run was started."""
    run.path.mkdir(parents=True)
    for name in held:
        (run.path / name).write_text("dear")
    with pytest.raises(UserError, match="is not empty: it contains"), run.opened(resume=False):
        pass
    assert names(run.path) == set(held)


def test_a_file_is_not_a_directory(run: Directory) -> None:
    run.path.parent.mkdir()
    run.path.write_text("a file")
    with pytest.raises(UserError, match="one is a file, not a directory"), run.opened(resume=False):
        pass


def test_nothing_is_written_through_a_link_that_leads_out(run: Directory, tmp_path: Path) -> None:
    victim, outside = tmp_path / "victim", tmp_path / "outside"
    victim.write_text("precious")
    outside.mkdir()
    with run.opened(resume=False):
        (run.path / "report.html").symlink_to(victim)
        (run.path / "sources").symlink_to(outside)
        (run.path / "inside").symlink_to(run.path / "net.txt")
        for name in ("report.html", "sources/a.txt"):
            with pytest.raises(UserError, match="is a symbolic link that leads out of the run directory"):
                run.write(name, "page")
        run.write("inside", "net")
        run.write("checkpoint.pt", "state")
    assert victim.read_text() == "precious"
    assert names(outside) == set()
    assert (run.path / "net.txt").read_text() == "net"


def test_a_run_directory_may_itself_be_a_link(run: Directory, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    run.path.parent.mkdir()
    run.path.symlink_to(tmp_path / "disk")
    with run.opened(resume=False):
        start(run)
        run.write("checkpoint.pt", "state")
    assert names(tmp_path / "disk") == {"net.txt", "manifest.json", "sources", "checkpoint.pt"}
