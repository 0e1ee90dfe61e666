"""The runner: order, failures, interrupts, and that finished steps are not repeated."""

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ssrdsl.errors import UserError
from ssrdsl.study.journal import Ended, read_identity, read_journal, write_identity
from ssrdsl.study.plan import Content, Plan, StudyStep
from ssrdsl.study.runner import Runner

# Stands for `ssrdsl`: notes that it ran, then does what the arguments say.
COMMAND = """
import os, signal, sys, time
what, done, *more = sys.argv[1:]
with open(os.environ["RAN"], "a") as log:
    print(what, os.path.basename(done), *more, file=log)
if what == "fail":
    print("first line")
    print("error: the disk is full")
    sys.exit(2)
if what == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if what == "sleep":
    time.sleep(60)
if what == "meet":
    # Waits until as many commands run as are wanted.
    open(done + ".here", "w").close()
    folder = os.path.dirname(done)
    while sum(name.endswith(".here") for name in os.listdir(folder)) < int(more[0]):
        time.sleep(0.01)
open(done, "w").close()
"""


class Watcher:
    def __init__(self) -> None:
        self.running: set[str] = set()
        self.most = 0
        self.statuses: dict[str, str] = {}

    def started(self, step: StudyStep) -> None:
        self.running.add(step.name)
        self.most = max(self.most, len(self.running))

    def ended(self, step: StudyStep, ended: Ended) -> None:
        self.running.discard(step.name)
        self.statuses[step.name] = ended.status

    def skipped(self, step: StudyStep, reason: str) -> None:
        self.statuses[step.name] = reason


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "study"


def runner(out: Path, *steps: StudyStep, jobs: int = 2, stop: threading.Event | None = None) -> Runner:
    out.mkdir(exist_ok=True)
    environment = {"RAN": str(out / "ran")}
    asked = stop or threading.Event()
    launcher = (sys.executable, "-c", COMMAND)
    return Runner(Plan(steps), out, launcher, jobs, Watcher(), None, environment, asked.is_set)


def step(
    out: Path, name: str, what: str = "write", *more: str, needs: tuple[str, ...] = (), after: tuple[str, ...] = ()
) -> StudyStep:
    return StudyStep(
        name, "emit", (what, str(out / "done" / name), *more), out / "done" / name, needs=needs, after=after
    )


def ran(out: Path) -> list[str]:
    return [line.split()[1] for line in (out / "ran").read_text().splitlines()]


def test_steps_run_after_those_that_they_need_and_once(out: Path) -> None:
    steps = [step(out, "a"), step(out, "b", needs=("a",)), step(out, "c", needs=("b",)), step(out, "d", after=("c",))]
    first = runner(out, *steps, jobs=4)
    assert first.run()
    assert ran(out) == ["a", "b", "c", "d"]
    assert first.failures == []
    assert [(ended.step, ended.status, ended.code) for ended in read_journal(out)] == [
        (name, "finished", 0) for name in "abcd"
    ]
    assert all(ended.memory > 0 and ended.seconds > 0 for ended in read_journal(out))
    (out / "done" / "c").unlink()
    assert runner(out, *steps).run()
    assert ran(out) == ["a", "b", "c", "d", "c"]


def test_as_many_run_at_a_time_as_there_are_jobs(out: Path) -> None:
    steps = [step(out, name, "meet", "2") for name in "ab"] + [step(out, name) for name in "cde"]
    two = runner(out, *steps, jobs=2)
    assert two.run()
    assert isinstance(two.observer, Watcher)
    assert two.observer.most == 2


def test_a_failure_is_reported_and_the_rest_goes_on(out: Path) -> None:
    steps = [
        step(out, "bad", "fail"), step(out, "needs-bad", needs=("bad",)), step(out, "needs-that", needs=("needs-bad",)),
        step(out, "after-bad", after=("bad", "good")), step(out, "good"),
        step(out, "lost", after=("bad", "needs-that")),
    ]  # fmt: skip
    failing = runner(out, *steps)
    assert failing.run()
    assert sorted(ran(out)) == ["after-bad", "bad", "good"]
    assert [(failure.step, failure.reason) for failure in failing.failures] == [
        ("bad", "first line\nerror: the disk is full"),
        ("needs-bad", "needs bad"),
        ("needs-that", "needs needs-bad"),
        ("lost", "none of the steps that it waits for has finished, such as bad"),
    ]
    assert failing.failures[0].log == out / "logs" / "bad.log"
    again = runner(out, *steps)
    assert again.run()
    assert again.failures[0].reason == "first line\nerror: the disk is full"
    assert failing.failures[0].log.read_text().count("first line") == 2
    # It is tried again, and then the others run.
    repaired = [step(out, "bad"), *steps[1:]]
    assert runner(out, *repaired).run()
    assert sorted(ran(out)) == sorted(["after-bad", "bad", "good", "bad", "bad", "needs-bad", "needs-that", "lost"])


def test_steps_of_networks_that_were_not_found_are_left_out(out: Path) -> None:
    first = out / "found" / "net-0"
    drawing = StudyStep("draw", "sample", ("write", str(first)), first)
    emits = [replace(step(out, f"emit-{at}", needs=("draw",)), drawn=out / "found" / f"net-{at}") for at in (0, 1)]
    trains = [step(out, f"train-{at}", needs=(f"emit-{at}",)) for at in (0, 1)]
    none = step(out, "pick-none", after=("train-1",))
    one = runner(out, drawing, *emits, *trains, step(out, "pick", after=("train-0", "train-1")), none)
    assert one.run()
    assert sorted(ran(out)) == ["emit-0", "net-0", "pick", "train-0"]
    assert [failure.step for failure in one.failures] == ["pick-none"]
    assert list(one.plan.fewer()) == [(out / "found", 1, 2)]


def test_a_command_that_is_killed_or_writes_nothing_has_failed(out: Path) -> None:
    wrong = StudyStep("wrong", "emit", ("write", str(out / "done" / "other")), out / "done" / "wrong")
    failing = runner(out, step(out, "killed", "kill"), wrong)
    assert failing.run()
    assert {failure.step: failure.reason for failure in failing.failures} == {
        "killed": "exit status -9",
        "wrong": "exit status 0",
    }


def test_an_argument_is_read_when_the_step_starts(out: Path) -> None:
    number = out / "done" / "number"
    text = StudyStep("number", "budget", ("write", str(number)), number)
    user = StudyStep("user", "train", ("write", str(out / "done" / "user"), Content(number)), out / "done" / "user",
                needs=("number",))  # fmt: skip
    missing = StudyStep("missing", "train", ("write", "x", Content(out / "none")), out / "done" / "missing")
    one = runner(out, text, user, missing)
    assert one.run()
    assert [failure.step for failure in one.failures] == ["missing"]
    assert "cannot read" in one.failures[0].reason
    assert sorted(ran(out)) == ["number", "user"]


def test_an_interrupt_ends_the_commands_and_keeps_what_is_finished(out: Path) -> None:
    stop = threading.Event()
    steps = [step(out, "a"), step(out, "long", "sleep"), step(out, "later", needs=("long",))]
    interrupted = runner(out, *steps, stop=stop)

    def ask() -> None:
        while not (out / "ran").exists() or set(ran(out)) != {"a", "long"} or not (out / "done" / "a").exists():
            time.sleep(0.01)
        stop.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert not interrupted.run()
    asking.join()
    assert interrupted.failures == []
    ended = {each.step: each.status for each in read_journal(out)}
    assert ended["long"] == "stopped"
    assert (out / "done" / "a").exists()
    again = runner(out, *[steps[0], step(out, "long"), steps[2]])
    assert again.run()
    assert ran(out)[-2:] == ["long", "later"]
    assert ran(out).count("a") == 1


def test_a_line_of_the_journal_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "steps.jsonl").write_text('{"step": "a", "status": "finished", "code": 0, "seconds": 1.0, '
                                          '"cpu_seconds": 1.0, "memory": 5}\n{"step": "b", "sta')  # fmt: skip
    assert [ended.step for ended in read_journal(tmp_path)] == ["a"]


def test_plans_of_something_else_are_refused(tmp_path: Path) -> None:
    assert read_identity(tmp_path) is None
    write_identity(tmp_path, {"space": "net"})
    assert (read_identity(tmp_path) or {})["space"] == "net"
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(UserError, match="is not the plan of a study"):
        read_identity(tmp_path)
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(UserError, match="is not JSON"):
        read_identity(tmp_path)
    assert os.listdir(tmp_path) == ["plan.json"]
