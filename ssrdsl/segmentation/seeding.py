"""Random numbers as functions of a key: no state to store, none to lose when a run is killed."""

from __future__ import annotations

import hashlib

import torch

__all__ = ["generator_for", "seed_step"]


def seed_for(*key: str | int) -> int:
    """A number of 63 bits that is a function of the key alone."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator_for(*key: str | int) -> torch.Generator:
    """A CPU generator whose numbers are a function of the key alone."""
    return torch.Generator().manual_seed(seed_for(*key))


def seed_step(seed: int, epoch: int, step: int) -> None:
    """Seed torch's own generators for one step: its dropout is then a function of seed, epoch and step.

    A run that is killed and resumed at any step draws what it would have drawn, with no state in the checkpoint.
    """
    torch.manual_seed(seed_for("step", seed, epoch, step))
