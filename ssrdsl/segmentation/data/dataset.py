"""The record of a data set's split, held in memory as whole tensors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.notes import Note
from ssrdsl.segmentation.data.reading import StoredLabels
from ssrdsl.segmentation.data.sizes import Size

__all__ = ["Dataset", "check_classes", "check_labelled"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The images and labels of one split.

    `images` is uint8 RGB [N, 3, H, W], `labels` uint8 [N, H, W] with values below len(classes) or `ignore`;
    `stems` names each pair. Both stay on one device, so that batches are cut without worker processes.

    `own_labels` gives the labels of each image at the size of its file, uint8 [h, w] (None: they were made at H x W),
    `own_sizes` the distinct sizes of the files, and `notes` what a user should know about how they were read.
    """

    name: str
    split: str
    classes: tuple[str, ...]
    colours: tuple[tuple[int, int, int], ...]
    ignore: int
    images: Tensor
    labels: Tensor
    stems: tuple[str, ...]
    own_labels: StoredLabels | None = None
    own_sizes: tuple[Size, ...] = ()
    notes: tuple[Note, ...] = ()

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


def check_labelled(dataset: Dataset) -> None:
    """Raises `UserError` where no pixel has a class: there is nothing to learn from, and nothing to score."""
    if not int(dataset.histogram().sum()):
        raise UserError(
            f"no pixel of the split '{dataset.split}' of {dataset.name} is labelled: all are ignored",
            help="check the label images, and the ignored labels in classes.txt",
        )
