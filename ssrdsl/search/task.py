"""What a search asks of its data: batches, a loss, scores. Data of any kind can stand behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from torch import Tensor, nn

Stream: TypeAlias = Literal["weights", "architecture"]
"""Which kind of step a batch is for; the two are drawn independently from the training data."""


class Task(Protocol):
    """A task to search for. All that is random in it is a function of (seed, epoch, step, stream)."""

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch; each takes a batch for the weights and, later in the search, one for the architecture."""
        ...

    def batches(self, epoch: int, stream: Stream, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and labels of an epoch from step `start` on, on the device of the search.

        Batches for the architecture come from the part of the training data that choices are made on.
        """
        ...

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        """The loss, a scalar, of what the network made of a batch: logits and auxiliary logits by name."""
        ...

    def evaluate(self, net: nn.Module) -> float:
        """The score on validation data, higher is better, for reports; leaves the network's mode as it was."""
        ...

    def choose(self, net: nn.Module) -> float:
        """The score on the part of the training data that choices are made on; otherwise as `evaluate`."""
        ...

    def recalibrate(self, net: nn.Module, batches: int | None = None) -> None:
        """Measures the statistics of the batch norms anew, in place, over so many batches; None for many."""
        ...

    def fingerprint(self) -> str:
        """A text that is another one for other data, sizes or preparation."""
        ...

    def save_weights(
        self, path: Path, state: Mapping[str, Tensor], size: tuple[int, int], provenance: Mapping[str, Any]
    ) -> None:
        """Writes a weights file with what the network expects of its input, of this height and width.

        Raises `UserError`.
        """
        ...


class Log(Protocol):
    """Where a search writes its events."""

    def write(self, step: int, **values: Any) -> None:
        """Logs plain values after `step` steps."""
        ...
