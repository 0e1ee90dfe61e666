"""The directory of a search: the space's text, a manifest, events, checkpoints, and what was found.

space.ssr            the text searched, byte for byte; files that it uses lie beside it under the same paths
manifest.json        command, seed, settings, versions, hash of the text
events.jsonl         losses of every step; gates, survivors, costs and times of every epoch
checkpoint.pt        the state, after every epoch and now and then in between
architecture.json    the options taken, at the end
weights.pt           the tensors of the network by node id, at the end
gap.json             scores of supernet, discretized and recalibrated network, at the end
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssrdsl.errors import UserError
from ssrdsl.files import file_error, make_folder, remove_partials, write_atomically
from ssrdsl.manifest import MANIFEST_NAME

if TYPE_CHECKING:
    from ssrdsl.search.outcome import Outcome
    from ssrdsl.search.progress import EpochReport, StepReport
    from ssrdsl.search.task import Log, Task
    from ssrdsl.space.program import Program

SPACE_NAME = "space.ssr"
CHECKPOINT_NAME = "checkpoint.pt"
ARCHITECTURE_NAME = "architecture.json"
WEIGHTS_NAME = "weights.pt"
GAP_NAME = "gap.json"
GATE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """A directory of a search."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """The file of the state."""
        return self.path / CHECKPOINT_NAME

    @property
    def is_finished(self) -> bool:
        """Whether the search has ended and all its results are written: gap.json is the last of them."""
        return (self.path / GAP_NAME).exists()

    def check(self, resume: bool) -> None:
        """Raises `UserError` where a new search would find something in its way, or there is none to resume."""
        known = (self.path / MANIFEST_NAME).exists()
        if resume and not known:
            raise UserError(f"{self.path} holds no search to resume", help="leave --resume away to start one")
        if not resume and known:
            raise UserError(f"{self.path} already holds a run", help="continue it with --resume, or name another --out")
        if not resume and self.path.exists() and (in_the_way := self._entries()):
            raise UserError(
                f"{self.path} is not empty: it holds {in_the_way[0]}", help="name a new or an empty directory as --out"
            )

    def _entries(self) -> list[str]:
        try:
            return sorted(entry.name for entry in self.path.iterdir())
        except OSError as error:
            raise file_error("read", self.path, error) from error

    def prepare(self, resume: bool) -> None:
        """Checks, makes the directory, and removes what a killed process left half-written. Raises `UserError`."""
        self.check(resume)
        remove_partials(make_folder(self.path))

    def keep_sources(self, main: str, sources: Mapping[str, str]) -> None:
        """Writes the texts of a space: `main` is the path of its file, `sources` are texts by path.

        A file that is used keeps its place relative to the main one. Raises `UserError` where that lies outside.
        """
        folder = Path(main).parent
        for name, text in sources.items():
            inside = Path(os.path.relpath(name, folder))
            if inside.parts[:1] == ("..",):
                raise UserError(
                    f"{main} uses {name}, which is outside its folder, so that a run cannot keep a copy",
                    help="move it beside the space, or into a folder beside it",
                )
            target = self.path / (SPACE_NAME if name == main else inside)
            make_folder(target.parent)
            write_atomically(target, text)

    def write_results(self, program: Program, task: Task, outcome: Outcome, facts: Mapping[str, Any]) -> None:
        """Writes the network found and its scores; `facts` are plain values that go to gap.json beside them."""
        from ssrdsl.space.architecture import describe, write_architecture

        write_architecture(self.path / ARCHITECTURE_NAME, describe(program, outcome.assignment))
        state = {
            f"{node}.{name}": tensor for node, tensors in outcome.weights.items() for name, tensor in tensors.items()
        }
        provenance = {"space": program.name, "sha256": program.sha256, **outcome.to_dict()}
        task.save_weights(self.path / WEIGHTS_NAME, state, outcome.size, provenance)
        record = {**facts, **outcome.to_dict()}
        write_atomically(self.path / GAP_NAME, json.dumps(record, indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class EventWriter:
    """An observer that writes what it is told to the log of a run."""

    log: Log

    def step(self, report: StepReport) -> None:
        """The losses of a step."""
        told = {
            "epoch": report.epoch,
            "loss": report.loss,
            "architecture_loss": report.architecture_loss,
            "regularization": report.regularization,
            "cost": report.cost,
            "macs": report.macs,
        }
        self.log.write(report.step, kind="step", **{name: value for name, value in told.items() if value is not None})

    def epoch(self, report: EpochReport) -> None:
        """What an epoch left."""
        gates = {
            decision: {str(index): round(gate, GATE_DIGITS) for index, gate in values.items()}
            for decision, values in report.gates.items()
        }
        count = report.left.architectures
        self.log.write(
            report.step,
            kind="epoch",
            epoch=report.epoch,
            epoch_loss=report.loss,
            step_seconds=report.step_seconds,
            expected_macs=report.macs,
            parameters=report.left.parameters,
            architectures=None if count is None else str(count),
            decisions=dict(report.left.decisions),
            options=dict(report.left.options),
            dropped_options=report.dropped.options,
            dropped_mass=report.dropped.largest_mass,
            decided=list(report.dropped.decided),
            gates=gates,
        )
