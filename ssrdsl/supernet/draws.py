"""Random numbers that only depend on the seed, the pass and the node.

They do not depend on other nodes or on widths: the numbers for few channels are a prefix of those for many (on CPU).
So a rebuilt supernet draws the same numbers as the old one, and torch's global generator is not used.
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor


def seed_for(*parts: object) -> int:
    """A seed of 63 bits from the texts of any values."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Draws:
    """The random numbers of one pass through a supernet."""

    def __init__(self, seed: int, count: int, device: torch.device) -> None:
        self.seed = seed
        self.count = count
        self._generator = torch.Generator(device)

    def uniform(self, name: str, *shape: int) -> Tensor:
        """Numbers in [0, 1), float32; channels are the first dimension."""
        generator = self._generator.manual_seed(seed_for(self.seed, self.count, name))
        return torch.empty(shape, device=generator.device).uniform_(generator=generator)

    def kept(self, name: str, probability: float, *shape: int) -> Tensor:
        """A dropout's factors: 0 with the given probability, else 1 / (1 - probability)."""
        if probability >= 1:
            return torch.zeros(shape, device=self._generator.device)
        return (self.uniform(name, *shape) >= probability).to(torch.float32) / (1 - probability)
