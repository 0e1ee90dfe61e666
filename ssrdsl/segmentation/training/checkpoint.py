"""Checkpoints: the state of a training after an epoch, from which it continues as if it had not stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from ssrdsl.runs.checkpoints import read_checkpoint, restoring
from ssrdsl.runs.directory import CHECKPOINT_NAME, RunDirectory
from ssrdsl.runs.identity import check_identity
from ssrdsl.runs.tensors import save_tensors

FORMAT = "ssrdsl-training-2"


@dataclass(frozen=True, slots=True)
class Best:
    """The best score so far on the validation set, and its epoch, counted from 0."""

    epoch: int
    miou: float


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The progress of a training: epochs and steps done, seconds spent, the best score, and its identity.

    No state of random generators is needed: every draw is a function of seed, epoch and step.
    """

    epoch: int
    step: int
    seconds: float
    identity: dict[str, Any]
    best: Best | None = None


def save_checkpoint(
    run: RunDirectory, checkpoint: Checkpoint, model: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Replace the checkpoint of a run. Raises `UserError`."""
    content = {
        "format": FORMAT,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "seconds": checkpoint.seconds,
        "identity": checkpoint.identity,
        "best": None if checkpoint.best is None else asdict(checkpoint.best),
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    save_tensors(run.file(CHECKPOINT_NAME), content)


def load_checkpoint(
    run: RunDirectory, identity: Mapping[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer
) -> Checkpoint | None:
    """Restore network and optimizer from the checkpoint of a run; None if it has no checkpoint yet.

    Raises `UserError` if the file is damaged or belongs to another model, other data or other options.
    """
    if not run.checkpoint.exists():
        return None
    content = read_checkpoint(run.checkpoint, "training", FORMAT)
    check_identity(run.path, "run", content.get("identity"), identity)
    with restoring(run.checkpoint):
        model.load_state_dict(content["model"])
        optimizer.load_state_dict(content["optimizer"])
        best = None if content["best"] is None else Best(**content["best"])
        done = {name: content[name] for name in ("epoch", "step", "seconds", "identity")}
    return Checkpoint(**done, best=best)


def stored_identity(run: RunDirectory) -> dict[str, Any]:
    """The identity in the checkpoint of a run. Raises `UserError` if it is damaged."""
    content = read_checkpoint(run.checkpoint, "training", FORMAT)
    identity: dict[str, Any] = {}
    with restoring(run.checkpoint):
        identity |= content["identity"]
    return identity
