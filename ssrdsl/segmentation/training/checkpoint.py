"""The state of a training after an epoch, from which it goes on as if it had not stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ssrdsl.errors import UserError
from ssrdsl.files import atomic_path
from ssrdsl.segmentation.weights import load_tensors

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]

FILE_NAME = "checkpoint.pt"
FORMAT = "ssrdsl-training-1"
NO_RESUMING = "start a new run elsewhere"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a training stands: epochs and steps done, seconds spent, what it is a training of (`identity`).

    No state of random generators is needed: every draw is a function of seed, epoch and step.
    """

    epoch: int
    step: int
    seconds: float
    identity: dict[str, Any]


def save_checkpoint(run_dir: Path, checkpoint: Checkpoint, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Write the checkpoint of a run, in the place of the one before. Raises `UserError`."""
    content = {
        "format": FORMAT,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "seconds": checkpoint.seconds,
        "identity": checkpoint.identity,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    with atomic_path(run_dir / FILE_NAME) as partial:
        torch.save(content, partial)


def load_checkpoint(
    run_dir: Path, identity: Mapping[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer
) -> Checkpoint | None:
    """Put the state of a run back into network and optimizer; None where the run has no checkpoint yet.

    Raises `UserError` where the file is damaged or the run was one of another model, other data or other options.
    """
    path = run_dir / FILE_NAME
    if not path.exists():
        return None
    try:
        content = load_tensors(path)
    except UserError as error:
        raise UserError(error.message, help=NO_RESUMING) from error
    if content.get("format") != FORMAT:
        raise UserError(f"{path} is not the checkpoint of a training", help=NO_RESUMING)
    _check_identity(run_dir, content.get("identity") or {}, identity)
    try:
        model.load_state_dict(content["model"])
        optimizer.load_state_dict(content["optimizer"])
        return Checkpoint(content["epoch"], content["step"], content["seconds"], content["identity"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise UserError(f"{path} is damaged", help=NO_RESUMING) from error


def _check_identity(run_dir: Path, stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if stored.get(name) != value:
            short = [str(side)[:16] for side in (stored.get(name), value)]
            raise UserError(
                f"{run_dir} is a run with another {name} ({short[0]}, not {short[1]})",
                help="resume it with what it was begun with, or start a new run elsewhere",
            )
