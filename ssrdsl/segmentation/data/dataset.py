"""A split of a data set, stored in memory as tensors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.notes import Note
from ssrdsl.segmentation.data.reading import StoredLabels
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.data.splits import Split
from ssrdsl.segmentation.seeding import generator_for


@dataclass(frozen=True, slots=True)
class Dataset:
    """The images and labels of one split.

    `images` is uint8 RGB [N, 3, H, W], `labels` uint8 [N, H, W] with values below len(classes) or `ignore`;
    `stems` has the name of each pair. Both are on one device, so that batches need no worker processes.

    `own_labels` are the labels of each image at the size of its file, uint8 [h, w] (None: generated at H x W),
    `own_sizes` the distinct sizes of the files, and `notes` notes to the user about how they were read.
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
        """The same data on another device, where batches are then made."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def part(self, split: Split, name: str) -> Dataset:
        """The part of the images that a split describes, under that name. Raises `UserError` if it has no images."""
        if split.is_whole:
            return self
        first, last = split.places(len(self))
        if first == last:
            raise UserError(
                f"'{name}' of {self.name} has no images: '{split.name}' has {len(self)}", help="use a larger part"
            )
        order = torch.randperm(len(self), generator=generator_for("split", len(self)))
        chosen = order[first:last].sort().values
        places = chosen.tolist()
        return replace(
            self,
            split=name,
            images=self.images[chosen],
            labels=self.labels[chosen],
            stems=tuple(self.stems[place] for place in places),
            own_labels=None if self.own_labels is None else self.own_labels.taken(places),
        )

    def histogram(self) -> Tensor:
        """Pixels of each class, int64 [classes], on the CPU; ignored pixels are not counted."""
        counts = torch.bincount(self.labels.flatten(), minlength=256).cpu()
        return counts[: len(self.classes)]

    def fingerprint(self) -> str:
        """A SHA-256 of classes, size, pixels and labels, to identify the data of a run."""
        digest = hashlib.sha256(repr((self.classes, self.ignore, tuple(self.images.shape))).encode())
        for tensor in (self.images, self.labels):
            digest.update(tensor.cpu().contiguous().numpy().data)
        return digest.hexdigest()


def check_classes(dataset: Dataset, classes: int) -> None:
    """Raise `UserError` if a network with this number of classes does not fit the data."""
    if classes != len(dataset.classes):
        raise UserError(
            f"the network has {classes} classes, {dataset.name} has {len(dataset.classes)}",
            help=f"emit a network for this data (--set classes={len(dataset.classes)}), or use other data",
        )


def check_labelled(dataset: Dataset) -> None:
    """Raise `UserError` if no pixel has a class, so that there is nothing to train on or to score."""
    if not int(dataset.histogram().sum()):
        raise UserError(
            f"no pixel of the split '{dataset.split}' of {dataset.name} is labelled: all are ignored",
            help="check the label images, and the ignored labels in classes.txt",
        )
