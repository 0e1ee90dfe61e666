"""Run a plan in a pool of processes: each step after its dependencies, skipping finished steps."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ssrdsl.errors import UserError
from ssrdsl.files import make_folder, remove_partials, reporting
from ssrdsl.manifest import MANIFEST_NAME
from ssrdsl.study.journal import Ended, Status, append
from ssrdsl.study.plan import Plan, StudyStep

POLL_SECONDS = 0.05
GRACE_SECONDS = 60.0
"""Seconds in which a command that was asked to stop can save its state."""
LOG_LINES = 12
"""Lines of the log shown for a failed step."""


class Observer(Protocol):
    """Receives the progress of a run."""

    def started(self, step: StudyStep) -> None:
        """A step has started."""

    def ended(self, step: StudyStep, ended: Ended) -> None:
        """A step has ended."""

    def skipped(self, step: StudyStep, reason: str) -> None:
        """A step cannot run."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed or could not run, with the reason: the end of its log, or the step that it needs."""

    step: str
    reason: str
    log: Path | None = None


@dataclass(slots=True)
class _Running:
    step: StudyStep
    process: subprocess.Popen[bytes]
    began: float
    log_start: int = 0


@dataclass(slots=True)
class Runner:
    """Runs the steps of a plan that are not finished, up to `jobs` at a time.

    `launcher` is the command that starts `ssrdsl` in a process, `out` the directory of the study, `lock` the descriptor
    of a file that the processes inherit, `environment` their additional variables. `stop` requests the end of the run:
    the commands then save their states.
    """

    plan: Plan
    out: Path
    launcher: Sequence[str]
    jobs: int
    observer: Observer
    lock: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: Callable[[], bool] = lambda: False
    failures: list[Failure] = field(default_factory=list)
    _running: list[_Running] = field(default_factory=list)
    _over: set[str] = field(default_factory=set)
    _left_out: set[str] = field(default_factory=set)
    _ending: bool = False

    def run(self) -> bool:
        """Run all steps; returns False if a stop was requested. Raises `UserError`."""
        self._over |= {step.name for step in self.plan.steps if step.is_finished}
        waiting = [step for step in self.plan.steps if step.name not in self._over]
        try:
            while (waiting or self._running) and not self.stop():
                self._collect()
                waiting = self._start(waiting)
                time.sleep(POLL_SECONDS)
        finally:
            self._end_all()
        return not (waiting or self.stop())

    def _start(self, waiting: list[StudyStep]) -> list[StudyStep]:
        """Start what can start, and return the steps that still wait."""
        left = []
        for step in waiting:
            failed = {failure.step for failure in self.failures}
            lacking = next((name for name in step.needs if name in failed), None)
            is_ready = self._over.issuperset((*step.needs, *step.after))
            if lacking is not None:
                self._skip(step, f"needs {lacking}")
            elif step.after and (failed | self._left_out).issuperset(step.after):
                self._skip(step, f"none of the steps that it waits for has finished, such as {step.after[0]}")
            elif not self._left_out.isdisjoint(step.needs) or (is_ready and step.lacks_network):
                self._leave_out(step)
            elif is_ready and len(self._running) < self.jobs:
                self._launch(step)
            else:
                left.append(step)
        return left

    def _skip(self, step: StudyStep, reason: str) -> None:
        self.failures.append(Failure(step.name, reason))
        self._over.add(step.name)
        self.observer.skipped(step, reason)

    def _leave_out(self, step: StudyStep) -> None:
        self._left_out.add(step.name)
        self._over.add(step.name)
        self.observer.skipped(step, "there are fewer architectures than asked for")

    def _launch(self, step: StudyStep) -> None:
        """Start the process of a step; its output goes to the log."""
        try:
            is_begun = step.out is not None and (step.out / MANIFEST_NAME).exists()
            words = [*self.launcher, *step.command(), *(["--resume"] if is_begun else [])]
        except UserError as error:
            self._skip(step, error.message)
            return
        make_folder(step.done.parent)
        if step.out is not None:
            remove_partials(make_folder(step.out))
        path = self.log(step)
        make_folder(path.parent)
        with reporting("start the command of", path), path.open("ab") as log:
            start = log.tell()
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, **self.environment},
                pass_fds=() if self.lock is None else (self.lock,),
            )  # fmt: skip
        self._running.append(_Running(step, process, time.monotonic(), start))
        self.observer.started(step)

    def log(self, step: StudyStep) -> Path:
        """The file with the output of a step's command."""
        return self.out / "logs" / f"{step.name}.log"

    def _collect(self) -> None:
        """Remove finished processes from the pool."""
        for running in list(self._running):
            ended = _ended(running, asked=self._ending)
            if ended is not None:
                self._running.remove(running)
                self._close(running, ended)

    def _close(self, running: _Running, ended: Ended) -> None:
        append(self.out, ended)
        step = running.step
        if ended.status == "failed":
            log = self.log(step)
            reason = end_of(log, running.log_start) or f"exit status {ended.code}"
            self.failures.append(Failure(step.name, reason, log))
        if ended.status != "stopped":
            self._over.add(step.name)
        self.observer.ended(step, ended)

    def _end_all(self) -> None:
        """Ask the running commands to stop, and wait for them."""
        self._ending = True
        for running in self._running:
            _signal(running.process, signal.SIGINT)
        deadline = time.monotonic() + GRACE_SECONDS
        while self._running and time.monotonic() < deadline:
            with suppress(UserError):  # a full disk must not prevent the others from ending
                self._collect()
            time.sleep(POLL_SECONDS)
        for running in self._running:
            _signal(running.process, signal.SIGKILL)
            running.process.wait()
        self._running.clear()


def _ended(running: _Running, *, asked: bool) -> Ended | None:
    """The outcome of a step, None while its process runs; `asked` if it was asked to stop."""
    pid, code, usage = os.wait4(running.process.pid, os.WNOHANG)
    if not pid:
        return None
    running.process.returncode = os.waitstatus_to_exitcode(code)
    status: Status = "stopped" if asked else "failed"
    if running.process.returncode == 0 and running.step.is_finished:
        status = "finished"
    seconds = time.monotonic() - running.began
    cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT
    return Ended(running.step.name, status, running.process.returncode, round(seconds, 3), round(cpu, 3), memory)


_RSS_UNIT = 1 if os.uname().sysname == "Darwin" else 1024


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def end_of(log: Path, start: int = 0) -> str:
    """The last lines of a log after `start` bytes that are not empty."""
    try:
        text = log.read_bytes()[start:].decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()][-LOG_LINES:])
