"""Checkpoints: the state of a training after an epoch, from which it continues as if it had not stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from ssrdsl.runs.checkpoints import read_checkpoint, restoring
from ssrdsl.runs.directory import CHECKPOINT_NAME, RunDirectory
from ssrdsl.runs.tensors import save_tensors

FORMAT = "ssrdsl-training-2"


@dataclass(frozen=True, slots=True)
class Best:
    """The best score so far on the validation set, and its epoch, counted from 0."""

    epoch: int
    miou: float


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The progress of a training: epochs and steps done, seconds spent, the best score.

    No state of random generators is needed: every draw is a function of seed, epoch and step.
    """

    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: Best | None = None


def save_checkpoint(
    run: RunDirectory,
    checkpoint: Checkpoint,
    identity: Mapping[str, Any],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Replace the checkpoint of a run. Raises `UserError`."""
    content = {
        "format": FORMAT,
        **asdict(checkpoint),
        "identity": dict(identity),
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    save_tensors(run.file(CHECKPOINT_NAME), content)


def load_checkpoint(run: RunDirectory) -> dict[str, Any] | None:
    """The content of a checkpoint; None if a run has no checkpoint yet. Raises `UserError` if it is damaged."""
    return read_checkpoint(run.checkpoint, "training", FORMAT) if run.checkpoint.exists() else None


def restore(
    run: RunDirectory, content: Mapping[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer
) -> Checkpoint:
    """Restore network and optimizer from a loaded checkpoint. Raises `UserError` if it is damaged."""
    with restoring(run.checkpoint):
        model.load_state_dict(content["model"])
        optimizer.load_state_dict(content["optimizer"])
        best = None if content["best"] is None else Best(**content["best"])
        progress = {name: content[name] for name in ("epoch", "step", "seconds")}
    return Checkpoint(**progress, best=best)
