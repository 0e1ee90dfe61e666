"""Random numbers as functions of a key, without a state to store in checkpoints."""

from __future__ import annotations

import hashlib

import torch


def seed_for(*key: str | int) -> int:
    """A number of 63 bits that only depends on the key."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator_for(*key: str | int) -> torch.Generator:
    """A CPU generator that only depends on the key."""
    return torch.Generator().manual_seed(seed_for(*key))


def seed_step(seed: int, epoch: int, step: int) -> None:
    """Seed torch's own generators for one step: its dropout is then a function of seed, epoch and step.

    A run that is resumed at any step draws the same numbers, without a state in the checkpoint.
    """
    torch.manual_seed(seed_for("step", seed, epoch, step))
