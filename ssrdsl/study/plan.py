"""The plan of a study: named steps, each an ordinary command that writes one file or directory."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from ssrdsl.errors import UserError
from ssrdsl.files import read_text

CommandKind: TypeAlias = Literal["search", "sample", "emit", "train", "budget", "pick", "rank"]


@dataclass(frozen=True, slots=True)
class Content:
    """An argument that an earlier step writes to a file: `$(cat FILE)` in a shell."""

    file: Path

    def read(self) -> str:
        """The argument. Raises `UserError` if the file cannot be read."""
        return read_text(self.file).strip()


CommandArgument: TypeAlias = str | Content


@dataclass(frozen=True, slots=True)
class StudyStep:
    """A command of the plan.

    It is finished once the file `done` exists, the last one that the command writes. It starts after the steps `needs`
    have succeeded and the steps `after` have ended, successfully or not. A `resumable` command is continued in `out`
    with `--resume`.
    """

    name: str
    kind: CommandKind
    arguments: tuple[CommandArgument, ...]
    done: Path
    out: Path | None = None
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether its result exists."""
        return self.done.exists()

    def command(self) -> list[str]:
        """The arguments of `ssrdsl`. Raises `UserError` if one of them cannot be read from its file."""
        return [item.read() if isinstance(item, Content) else item for item in self.arguments]

    def text(self) -> str:
        """The command line for a shell."""
        words = (
            f'"$(cat {shlex.quote(str(item.file))})"' if isinstance(item, Content) else shlex.quote(item)
            for item in self.arguments
        )
        return " ".join(["ssrdsl", *words])


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the study: its arm, its number in the arm, and its files.

    `trainings` are the run directories by number of epochs and random seed.
    """

    name: str
    arm: str
    number: int
    architecture: Path
    trainings: Mapping[tuple[int, int], Path]


@dataclass(frozen=True, slots=True)
class SearchRun:
    """A search of the study: its variant, its random seed, its run directory."""

    name: str
    variant: str
    seed: int
    path: Path


@dataclass(frozen=True, slots=True)
class EqualCost:
    """The random networks trained at the cost of a search; `runs` are their run directories by architecture file."""

    search: SearchRun
    runs: Mapping[Path, Path]
    picked: Path


@dataclass(frozen=True)
class Plan:
    """All steps of a study in a possible order, and the runs that its figures are computed from."""

    steps: tuple[StudyStep, ...]
    searches: tuple[SearchRun, ...] = ()
    networks: tuple[Network, ...] = ()
    equal_cost: tuple[EqualCost, ...] = ()
    ranks: Mapping[str, Path] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """The command lines in order, each with the names of the steps that it waits for."""
        for step in self.steps:
            waits = [*step.needs, *step.after]
            yield f"{step.text()}  # {step.name}" + (f"; after {', '.join(waits)}" if waits else "")


def joined(*parts: Plan) -> Plan:
    """Several plans as one, the steps in the order given."""
    return Plan(
        tuple(step for part in parts for step in part.steps),
        tuple(run for part in parts for run in part.searches),
        tuple(network for part in parts for network in part.networks),
        tuple(arm for part in parts for arm in part.equal_cost),
        {name: path for part in parts for name, path in part.ranks.items()},
    )


def check(plan: Plan) -> None:
    """Raise `UserError` if two steps have the same name or a step waits for a later one."""
    seen: set[str] = set()
    for step in plan.steps:
        missing = [name for name in (*step.needs, *step.after) if name not in seen]
        if step.name in seen or missing:
            raise UserError(f"the plan has no valid order: step {step.name}", help="rename the variants of the study")
        seen.add(step.name)
