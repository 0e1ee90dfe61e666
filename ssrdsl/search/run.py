"""The directory of a search: the space's text, a manifest, events, checkpoints, and results.

space.ssr            the text searched, byte for byte
sources/             all source files, if the space imports others
manifest.json        command, seed, settings, versions, hash of the text
events.jsonl         losses of every step; gates, survivors, costs and times of every epoch
supernet.pt          the state before options are removed, with --keep-supernet
checkpoint.pt        the state, after every epoch and at intervals in between
architecture.json    the options chosen, at the end
weights.pt           the tensors of the network by node id, at the end
gap.json             scores of supernet, discretized and recalibrated network, at the end
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ssrdsl.runs import directory
from ssrdsl.runs.names import ARCHITECTURE_NAME, GAP_NAME, SPACE_NAME, SUPERNET_NAME, WEIGHTS_NAME

if TYPE_CHECKING:
    from ssrdsl.search.outcome import Outcome
    from ssrdsl.search.progress import EpochReport, StepReport
    from ssrdsl.search.task import Log, Task
    from ssrdsl.space.program import Program

GATE_DIGITS = 5
_COUNTS = ("step", "steps")


@dataclass(frozen=True, slots=True)
class SearchDirectory(directory.RunDirectory):
    """A directory of a search."""

    noun: ClassVar[str] = "search"
    input_names: ClassVar[tuple[str, ...]] = (SPACE_NAME, SUPERNET_NAME)
    result_names: ClassVar[tuple[str, ...]] = (ARCHITECTURE_NAME, WEIGHTS_NAME, GAP_NAME)

    def write_results(self, program: Program, task: Task, outcome: Outcome, facts: Mapping[str, Any]) -> None:
        """Write the network found and its scores; `facts` are further plain values for gap.json."""
        from ssrdsl.space.architecture import describe, write_architecture

        write_architecture(self.file(ARCHITECTURE_NAME), describe(program, outcome.assignment))
        state = {
            f"{node}.{name}": tensor for node, tensors in outcome.weights.items() for name, tensor in tensors.items()
        }
        provenance = {"space": program.name, "sha256": program.sha256, **outcome.to_dict()}
        task.save_weights(self.file(WEIGHTS_NAME), state, outcome.size, provenance)
        record = {**facts, **outcome.to_dict()}
        self.write(GAP_NAME, json.dumps(record, indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class EventWriter:
    """An observer that writes progress reports to the log of a run."""

    log: Log

    def step(self, report: StepReport) -> None:
        """Log the losses of a step."""
        fields = {name: value for name, value in asdict(report).items() if value is not None and name not in _COUNTS}
        self.log.write(report.step, kind="step", **fields)

    def epoch(self, report: EpochReport) -> None:
        """Log the results of an epoch."""
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
