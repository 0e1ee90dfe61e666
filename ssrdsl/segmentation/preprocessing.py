"""What a network expects of its input, kept beside its weights and applied by every command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sizes import Size

__all__ = ["Preprocessing"]

Triple = tuple[float, float, float]
SMALLEST_DEVIATION = 1 / 255


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """RGB in 0..1, less the mean, divided by the deviation, at `size` (height, width)."""

    mean: Triple
    deviation: Triple
    size: Size

    @classmethod
    def of(cls, dataset: Dataset) -> Preprocessing:
        """Mean and deviation of each channel over all pixels of a data set."""
        count = dataset.images[:, 0].numel()
        values = torch.arange(256, dtype=torch.float64) / 255
        means, deviations = [], []
        for channel in range(3):
            counts = torch.bincount(dataset.images[:, channel].flatten(), minlength=256).cpu().double()
            mean = float((counts * values).sum() / count)
            variance = float((counts * (values - mean) ** 2).sum() / count)
            means.append(mean)
            deviations.append(max(variance**0.5, SMALLEST_DEVIATION))
        return cls(_triple(means), _triple(deviations), dataset.size)

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 RGB [B, 3, h, w] to float32 of the same shape, on the same device."""
        mean = torch.tensor(self.mean, device=images.device).view(1, 3, 1, 1)
        deviation = torch.tensor(self.deviation, device=images.device).view(1, 3, 1, 1)
        return (images.float() / 255 - mean) / deviation

    def to_dict(self) -> dict[str, Any]:
        """A record of plain values; `from_dict` reads it back exactly."""
        return {
            "order": "RGB",
            "range": [0.0, 1.0],
            "mean": list(self.mean),
            "deviation": list(self.deviation),
            "size": list(self.size),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Preprocessing:
        """Inverse of `to_dict`. Raises ValueError, KeyError or TypeError for a record that is not one."""
        if record["order"] != "RGB" or list(record["range"]) != [0.0, 1.0]:
            raise ValueError(f"unknown input: {record['order']} in {record['range']}")
        height, width = (int(side) for side in record["size"])
        if min(height, width) < 1:
            raise ValueError(f"a size of {height}x{width}")
        mean, deviation = _triple(record["mean"]), _triple(record["deviation"])
        if not all(map(isfinite, (*mean, *deviation))) or min(deviation) <= 0:
            raise ValueError(f"a mean of {mean} with a deviation of {deviation}")
        return cls(mean, deviation, (height, width))


def _triple(values: Any) -> Triple:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
