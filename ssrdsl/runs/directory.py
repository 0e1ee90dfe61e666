"""A run directory: checks before starting or resuming a run, and writing its files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ssrdsl.errors import UserError
from ssrdsl.files import PARTIAL_PREFIX, make_folder, remove_partials, reporting, write_atomically
from ssrdsl.manifest import MANIFEST_NAME
from ssrdsl.runs.lock import LOCK_NAME, locked, refuse_locked

CHECKPOINT_NAME = "checkpoint.pt"
EVENTS_NAME = "events.jsonl"
TENSORBOARD_NAME = "tensorboard"
SOURCES_NAME = "sources"


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """The directory of a run. Each command lists the files that it writes in a subclass.

    `result_names` are written at the end, the last of them when the run is complete; `input_names` at the start.
    """

    path: Path

    noun: ClassVar[str] = "run"
    input_names: ClassVar[tuple[str, ...]] = ()
    result_names: ClassVar[tuple[str, ...]] = ()

    @property
    def checkpoint(self) -> Path:
        """The file of the state."""
        return self.path / CHECKPOINT_NAME

    @property
    def is_finished(self) -> bool:
        """Whether all results are written."""
        return self._has(self.result_names[-1])

    @property
    def has_progress(self) -> bool:
        """Whether there is a checkpoint or a result, which a new start must not replace."""
        return any(self._has(name) for name in (CHECKPOINT_NAME, *self.result_names))

    def _has(self, name: str) -> bool:
        with reporting("read", self.path / name):
            return (self.path / name).exists()

    def check(self, resume: bool) -> None:
        """Raise `UserError` if a run cannot be started here, there is none to resume, or another process is using it.

        Nothing is written.
        """
        if resume and not self._has(MANIFEST_NAME):
            raise UserError(f"{self.path} has no {self.noun} to resume", help="omit --resume to start one")
        refuse_locked(self.path)
        if not resume:
            self._check_free()

    def _check_free(self) -> None:
        if self._has(MANIFEST_NAME) and self.has_progress:
            hint = "continue it with --resume, or use another --out"
            raise UserError(f"{self.path} already contains a run", help=hint)
        names = self._names()
        if foreign := [name for name in names if not (self._is_started(names) and self._is_of_start(name))]:
            raise UserError(
                f"{self.path} is not empty: it contains {foreign[0]}", help="use a new or an empty directory as --out"
            )

    def _names(self) -> list[str]:
        with reporting("read", self.path):
            try:
                return sorted(entry.name for entry in self.path.iterdir()) if self._has(".") else []
            except NotADirectoryError as error:
                raise UserError(
                    f"{self.path} is a file, not a directory", help="name a new or an empty directory as --out"
                ) from error

    @staticmethod
    def _is_started(names: list[str]) -> bool:
        """Whether the entries include one that only a run writes; a killed process leaves at least its lock."""
        partial = any(name.startswith(PARTIAL_PREFIX) for name in names)
        return partial or LOCK_NAME in names or MANIFEST_NAME in names

    def _is_of_start(self, name: str) -> bool:
        """Whether a run without progress writes this entry."""
        own = {MANIFEST_NAME, LOCK_NAME, EVENTS_NAME, TENSORBOARD_NAME, SOURCES_NAME, *self.input_names}
        return name in own or name.startswith(PARTIAL_PREFIX)

    @contextmanager
    def opened(self, resume: bool) -> Iterator[None]:
        """Lock the directory for this process while the block runs, and create it if needed. Raises `UserError`.

        A new run that fails before its first checkpoint is removed, so that it can be started again.
        """
        self.check(resume)
        if resume:
            with locked(self.path):
                remove_partials(self.path)
                yield
            return
        made = _missing(self.path)
        make_folder(self.path)
        try:
            with locked(self.path):
                self._check_free()
                self._clear()
                try:
                    yield
                except BaseException:
                    self._clear_failed()
                    raise
        except BaseException:
            _remove_empty(made)
            raise

    def _clear(self) -> None:
        """Remove the files of a start without progress."""
        for name in self._names():
            if name != LOCK_NAME and self._is_of_start(name):
                _remove(self.path / name)

    def _clear_failed(self) -> None:
        # Report the error that is being handled.
        with suppress(OSError, UserError):
            if not self.has_progress:
                self._clear()

    def reopen(self) -> None:
        """Make a finished run resumable. Raises `UserError`."""
        _remove(self.file(self.result_names[-1]))

    def file(self, name: str) -> Path:
        """The path of a file to write. Raises `UserError` if a symbolic link leads out of the directory."""
        target = self.path / name
        if not target.resolve().is_relative_to(self.path.resolve()):
            raise UserError(f"{target} is a symbolic link that leads out of the run directory", help="remove the link")
        return target

    def write(self, name: str, content: bytes | str) -> None:
        """Write a file atomically. Raises `UserError`."""
        target = self.file(name)
        make_folder(target.parent)
        write_atomically(target, content)


def _missing(path: Path) -> list[Path]:
    """The directories to create for a path, innermost first."""
    with reporting("create the directory", path):
        return [folder for folder in (path, *path.parents) if not folder.exists()]


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _remove(path: Path) -> None:
    with reporting("remove", path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
