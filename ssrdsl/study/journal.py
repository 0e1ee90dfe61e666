"""The journal of a study's directory: the identity of its plan, and the resources of every step."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ssrdsl.errors import UserError
from ssrdsl.files import make_folder, read_json_lines, read_object, reporting, write_atomically
from ssrdsl.runs.identity import check_format

PLAN_NAME = "plan.json"
JOURNAL_NAME = "steps.jsonl"
FORMAT = "ssrdsl-study-2"

Status: TypeAlias = Literal["finished", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished step: its outcome, exit status, seconds, CPU seconds, and peak memory in bytes."""

    step: str
    status: Status
    code: int
    seconds: float
    cpu_seconds: float
    memory: int


def read_identity(out: Path) -> dict[str, Any] | None:
    """Read the identity of the study in a directory; None if there is none. Raises `UserError`."""
    path = out / PLAN_NAME
    if not path.exists():
        return None
    content = read_object(path)
    other = UserError(f"{path} is not the plan of a study", help="give the --out directory of `ssrdsl study`")
    check_format(path, content, FORMAT, other, noun="study")
    return content


def write_identity(out: Path, identity: Mapping[str, Any]) -> None:
    """Write the identity of the study in a directory. Raises `UserError`."""
    write_atomically(make_folder(out) / PLAN_NAME, json.dumps({"format": FORMAT, **identity}, indent=2) + "\n")


def append(out: Path, ended: Ended) -> None:
    """Add a step to the journal. Raises `UserError`."""
    path = out / JOURNAL_NAME
    with reporting("write", path), path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(ended)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_journal(out: Path) -> list[Ended]:
    """The steps that ran, in order. Raises `UserError`."""
    found = []
    for entry in read_json_lines(out / JOURNAL_NAME):
        with suppress(TypeError):  # entries of another form are skipped
            found.append(Ended(**entry))
    return found


def cpu_shares(journal: Path, search: Path, training: Path) -> tuple[float, float] | None:
    """The CPU seconds per second of a search and of a training, by their run directories; None if one is not known.

    Multiplied by these, the seconds that a run spent on its steps do not depend on other load on the machine, nor on
    the start of its process. Also None if a command was stopped and resumed.
    """
    ended = read_journal(journal.parent)
    names = (f"search/{search.name}", f"train/{training.parent.name}/{training.name}")
    found = [[each for each in ended if each.step == name] for name in names]
    if any(len(runs) != 1 or not runs[0].seconds for runs in found):
        return None
    first, second = (runs[0].cpu_seconds / runs[0].seconds for runs in found)
    return first, second
