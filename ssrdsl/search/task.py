"""The interface of a search to its data: batches, a loss, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from torch import Tensor, nn

Stream: TypeAlias = Literal["weights", "architecture"]
"""The kind of step a batch is used for; both are drawn independently from the training data."""


class Task(Protocol):
    """A task to search for. All random numbers are a function of (seed, epoch, step, stream)."""

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch; each takes a batch for the weights and, later in the search, one for the architecture."""
        ...

    def batches(self, epoch: int, stream: Stream, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and labels of an epoch from step `start` on, on the device of the search.

        Batches for the architecture are drawn from the part of the training data held out for selection.
        """
        ...

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        """The loss, a scalar, of the outputs for a batch: logits, and auxiliary logits by name."""
        ...

    def evaluate(self, net: nn.Module) -> float:
        """The score on validation data, higher is better, for reports; the mode of the network is kept."""
        ...

    def choose(self, net: nn.Module) -> float:
        """The score on the part of the training data held out for selection; otherwise as `evaluate`."""
        ...

    def recalibrate(self, net: nn.Module, batches: int | None = None) -> None:
        """Recompute the statistics of the batch norms in place, over this number of batches; None for many."""
        ...

    def fingerprint(self) -> str:
        """A text that identifies data, sizes and preprocessing."""
        ...

    def save_weights(
        self, path: Path, state: Mapping[str, Tensor], size: tuple[int, int], provenance: Mapping[str, Any]
    ) -> None:
        """Write a weights file with the preprocessing and input size of the network.

        Raises `UserError`.
        """
        ...


class Log(Protocol):
    """The interface for writing events."""

    def write(self, step: int, **values: Any) -> None:
        """Log plain values after `step` steps."""
        ...
