"""The record of a data set's split, held in memory as whole tensors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.sizes import Size

__all__ = ["Dataset", "check_classes"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The images and labels of one split.

    `images` is uint8 RGB [N, 3, H, W], `labels` uint8 [N, H, W] with values below len(classes) or `ignore`;
    `stems` names each pair. Both stay on one device, so that batches are cut without worker processes.
    """

    name: str
    split: str
    classes: tuple[str, ...]
    colours: tuple[tuple[int, int, int], ...]
    ignore: int
    images: Tensor
    labels: Tensor
    stems: tuple[str, ...]

    def __len__(self) -> int:
        return self.images.shape[0]

    @property
    def size(self) -> Size:
        """Height and width of every image."""
        return self.images.shape[2], self.images.shape[3]

    def to(self, device: torch.device | str) -> Dataset:
        """The same data on another device; batches are then made there."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def histogram(self) -> Tensor:
        """Pixels of each class, int64 [classes], on the CPU; ignored pixels are not counted."""
        counts = torch.bincount(self.labels.flatten(), minlength=256).cpu()
        return counts[: len(self.classes)]

    def fingerprint(self) -> str:
        """A SHA-256 of classes, size, pixels and labels: runs of other data are told apart by it."""
        digest = hashlib.sha256(repr((self.classes, self.ignore, tuple(self.images.shape))).encode())
        for tensor in (self.images, self.labels):
            digest.update(tensor.cpu().contiguous().numpy().data)
        return digest.hexdigest()


def check_classes(dataset: Dataset, classes: int) -> None:
    """Raises `UserError` where a network of that many classes does not fit the data."""
    if classes != len(dataset.classes):
        raise UserError(
            f"the network has {classes} classes, {dataset.name} has {len(dataset.classes)}",
            help=f"make a network for this data (--set classes={len(dataset.classes)}), or name its own data",
        )
