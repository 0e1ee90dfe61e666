"""The plan of a study: named steps, each an ordinary command that writes one file or directory."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ssrdsl.files import read_text


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
    """A command of the plan; its kind is the command of `ssrdsl`.

    It is finished once the file `done` exists, the last one that the command writes. It starts after the steps `needs`
    have succeeded and the steps `after` have ended, successfully or not; if the file `drawn` does not exist then, since
    fewer architectures were found than asked for, it is left out. If a run was started in `out`, the command is
    continued there with `--resume`.
    """

    name: str
    kind: str
    arguments: tuple[CommandArgument, ...]
    done: Path
    out: Path | None = None
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    drawn: Path | None = None

    @property
    def is_finished(self) -> bool:
        """Whether its result exists."""
        return self.done.exists()

    @property
    def lacks_network(self) -> bool:
        """Whether the architecture that it emits does not exist."""
        return self.drawn is not None and not self.drawn.exists()

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

    The number of a network found is the random seed of its search. `trainings` are the run directories by number of
    epochs and random seed.
    """

    name: str
    arm: str
    number: int
    architecture: Path
    trainings: Mapping[tuple[int, int], Path]

    @property
    def run(self) -> Path:
        """The run directory of the search that found it; only for networks found."""
        return self.architecture.parent


@dataclass(frozen=True, slots=True)
class EqualCost:
    """The best of some random networks trained at the cost of a search; `runs` are their run directories."""

    search: Network
    network: Network
    runs: tuple[Path, ...]


@dataclass(frozen=True)
class Plan:
    """All steps of a study in a possible order, and its networks.

    `searches` are the networks that searches find, `ranks` the files of scores by variant.
    """

    steps: tuple[StudyStep, ...]
    searches: tuple[Network, ...] = ()
    networks: tuple[Network, ...] = ()
    equal_cost: tuple[EqualCost, ...] = ()
    ranks: Mapping[str, Path] = field(default_factory=dict)

    def fewer(self) -> Iterator[tuple[Path, int, int]]:
        """The directories of drawn networks with fewer than asked for: each with their number and that asked for."""
        for step in self.steps:
            if step.kind == "sample" and step.is_finished:
                folder = step.done.parent
                files = {each.drawn for each in self.steps if each.drawn and each.drawn.parent == folder}
                found = sum(file.exists() for file in files)
                if found < len(files):
                    yield folder, found, len(files)

    def lines(self) -> Iterator[str]:
        """The command lines in order, each with the names of the steps that it waits for."""
        for step in self.steps:
            waits = [*step.needs, *step.after]
            yield f"{step.text()}  # {step.name}" + (f"; after {', '.join(waits)}" if waits else "")
