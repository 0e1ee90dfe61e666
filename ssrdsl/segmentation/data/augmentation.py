"""Augmentation of one image and its labels: scale, crop, flip, brightness and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ssrdsl.segmentation.data.sizes import Size


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The random changes of a training image, and their ranges.

    The image is resized by a factor drawn log-uniformly from `scale`, so that halving is as likely as doubling. A
    window of size `crop` (None: the size of the image) is cut at a random place; labels outside of the image are
    ignored. `flip` mirrors half of the images, and brightness and contrast change by up to `jitter` (a share).
    """

    scale: tuple[float, float] = (0.75, 2.0)
    crop: Size | None = None
    flip: bool = True
    jitter: float = 0.0

    def __call__(self, image: Tensor, label: Tensor, ignore: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Augment uint8 [3, H, W] and [H, W]; random numbers are from the CPU generator on every device."""
        draws = torch.rand(6, generator=generator).tolist()
        low, high = self.scale
        factor = low * (high / low) ** draws[0]
        target = self.crop or (image.shape[1], image.shape[2])
        image, label = _scaled_crop(image, label, factor, target, (draws[1], draws[2]), ignore)
        if self.flip and draws[3] < 0.5:
            image, label = image.flip(2), label.flip(1)
        if self.jitter > 0:
            image = _jittered(image, 1 + self.jitter * (2 * draws[4] - 1), 1 + self.jitter * (2 * draws[5] - 1))
        return image, label


def _scaled_crop(
    image: Tensor, label: Tensor, factor: float, target: Size, place: tuple[float, float], ignore: int
) -> tuple[Tensor, Tensor]:
    """Resize by a factor and cut a window: first cut in the source, then resize only that."""
    rows = _span(image.shape[1], target[0], factor, place[0])
    columns = _span(image.shape[2], target[1], factor, place[1])
    image, label = image[:, rows, columns], label[rows, columns]
    size = (
        min(target[0], max(1, round(image.shape[1] * factor))),
        min(target[1], max(1, round(image.shape[2] * factor))),
    )
    if size != tuple(image.shape[1:]):
        image = _resized(image, size)
        label = F.interpolate(label[None, None], size=size, mode="nearest-exact")[0, 0]
    if size == target:
        return image, label
    # The frame around a shrunken image has its mean colour, which is about zero after normalization.
    framed = image.float().mean((1, 2), keepdim=True).round().to(torch.uint8).expand(3, *target).clone()
    marks = torch.full(target, ignore, dtype=torch.uint8, device=label.device)
    top, left = (round(share * (outer - inner)) for share, outer, inner in zip(place, target, size, strict=True))
    framed[:, top : top + size[0], left : left + size[1]] = image
    marks[top : top + size[0], left : left + size[1]] = label
    return framed, marks


def _span(length: int, target: int, factor: float, place: float) -> slice:
    """The part of a side that fills the target once scaled, at a place 0..1."""
    needed = min(length, max(1, round(target / factor)))
    start = int(place * (length - needed + 1))
    return slice(start, start + needed)


def _resized(image: Tensor, size: Size) -> Tensor:
    smooth = F.interpolate(image[None].float(), size=size, mode="bilinear", antialias=True, align_corners=False)
    return smooth[0].round().clamp(0, 255).to(torch.uint8)


def _jittered(image: Tensor, brightness: float, contrast: float) -> Tensor:
    values = image.float()
    middle = values.mean()
    return ((values - middle) * contrast + middle * brightness).round().clamp(0, 255).to(torch.uint8)
