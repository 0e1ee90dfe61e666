"""The preprocessing of the input of a network, stored with its weights and applied by every command."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sizes import LARGEST_SIDE, Size

SMALLEST_DEVIATION = 1 / 255
ORDERS = {3: "RGB", 1: "L"}
"""The channel order of the input, by number of channels: colours, or grey."""
LUMINANCE = (0.299, 0.587, 0.114)
"""The shares of red, green and blue in grey (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Channels in 0..1, minus the mean, divided by the deviation, at `size` (height, width).

    `mean` and `deviation` have one number for each channel of the input: three for RGB, one for grey.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    size: Size

    @property
    def channels(self) -> int:
        """3 for RGB, 1 for grey."""
        return len(self.mean)

    @classmethod
    def of(cls, dataset: Dataset, channels: int = 3) -> Preprocessing:
        """Mean and deviation of each channel over all pixels of a data set."""
        moments = [_grey_moments(dataset.images)] if channels == 1 else _colour_moments(dataset.images)
        deviations = tuple(max(variance**0.5, SMALLEST_DEVIATION) for _, variance in moments)
        return cls(tuple(mean for mean, _ in moments), deviations, dataset.size)

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 RGB [B, 3, h, w] to float32 [B, channels, h, w], on the same device."""
        values = images.float() / 255
        if self.channels == 1:
            values = _grey(values)
        mean = torch.tensor(self.mean, device=images.device).view(1, -1, 1, 1)
        deviation = torch.tensor(self.deviation, device=images.device).view(1, -1, 1, 1)
        return (values - mean) / deviation

    def to_dict(self) -> dict[str, Any]:
        """A record of plain values; `from_dict` reads it back exactly."""
        return {
            "order": ORDERS[self.channels],
            "range": [0.0, 1.0],
            "mean": list(self.mean),
            "deviation": list(self.deviation),
            "size": list(self.size),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Preprocessing:
        """Inverse of `to_dict`. Raises ValueError, KeyError or TypeError for a record that is not one."""
        mean, deviation = (tuple(float(value) for value in record[name]) for name in ("mean", "deviation"))
        order = ORDERS.get(len(mean))
        if record["order"] != order or list(record["range"]) != [0.0, 1.0] or len(deviation) != len(mean):
            raise ValueError(f"unknown input: {record['order']} in {record['range']}")
        if not all(map(math.isfinite, mean)) or not all(0 < value < math.inf for value in deviation):
            raise ValueError(f"unknown input: mean {mean}, deviation {deviation}")
        height, width = (int(side) for side in record["size"])
        if not all(1 <= side <= LARGEST_SIDE for side in (height, width)):
            raise ValueError(f"invalid image size {height}x{width}")
        return cls(mean, deviation, (height, width))


def _grey(values: Tensor) -> Tensor:
    """RGB [B, 3, h, w] as luminance [B, 1, h, w]."""
    shares = torch.tensor(LUMINANCE, dtype=values.dtype, device=values.device).view(1, 3, 1, 1)
    return (values * shares).sum(1, keepdim=True)


def _colour_moments(images: Tensor) -> list[tuple[float, float]]:
    """Mean and variance of each channel, in 0..1."""
    count = images[:, 0].numel()
    values = torch.arange(256, dtype=torch.float64) / 255
    moments = []
    for channel in range(3):
        counts = torch.bincount(images[:, channel].flatten(), minlength=256).cpu().double()
        mean = float((counts * values).sum() / count)
        moments.append((mean, float((counts * (values - mean) ** 2).sum() / count)))
    return moments


def _grey_moments(images: Tensor) -> tuple[float, float]:
    """Mean and variance of the luminance, in 0..1; image by image, to save memory in float64."""
    count = images[:, 0].numel()
    mean = sum(float(_grey(image[None].double() / 255).sum()) for image in images) / count
    squares = sum(float(((_grey(image[None].double() / 255) - mean) ** 2).sum()) for image in images)
    return mean, squares / count
