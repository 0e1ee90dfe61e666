"""Segmentation as the task of a search: batches, loss, scores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ssrdsl.segmentation.data.augmentation import Augmentation
from ssrdsl.segmentation.data.dataset import Dataset, check_labelled
from ssrdsl.segmentation.data.sampling import batches_per_epoch, successive_batches
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.data.splits import PERCENT, Split
from ssrdsl.segmentation.evaluation import evaluate, recalibrate
from ssrdsl.segmentation.loss import class_weights, segmentation_loss
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.weights import save_weights

RECALIBRATION_BATCHES = 50
HELD_OUT = 0.2
"""Share of the training images held out to select architectures."""
MIRRORED = Augmentation(scale=(1.0, 1.0))


@dataclass(slots=True)
class SegmentationTask:
    """A training and a validation set with class-weighted cross entropy and mean IoU.

    Weights are trained on the training set without the share `held_out`, which is used to select architectures: for
    batches of architecture steps, and for scores of `choose`; each part has at least one image. If there is only one
    image, or a part has no labelled pixel, both are the whole training set. Labels are resized to the logits if these
    are coarser. `augmentation` is applied to training images; by default half of them are mirrored.
    Raises `UserError` if a set has no labelled pixel.
    """

    train_set: Dataset
    val_set: Dataset
    batch: int
    seed: int
    device: torch.device
    augmentation: Augmentation = MIRRORED
    held_out: float = HELD_OUT
    preprocessing: Preprocessing = field(init=False)
    fit_set: Dataset = field(init=False)
    choice_set: Dataset = field(init=False)
    _class_weights: Tensor = field(init=False)

    def __post_init__(self) -> None:
        for dataset in (self.train_set, self.val_set):
            check_labelled(dataset)
        self.preprocessing = Preprocessing.of(self.train_set)
        self.fit_set, self.choice_set = _parted(self.train_set, self.held_out)
        self._class_weights = class_weights(self.train_set).to(self.device)

    @property
    def images_held_out(self) -> int:
        """Number of images that architectures are selected on and weights are not trained on."""
        return 0 if self.choice_set is self.fit_set else len(self.choice_set)

    @property
    def steps_per_epoch(self) -> int:
        """Full batches of the images that weights are trained on."""
        return batches_per_epoch(self.fit_set, self.batch)

    def batches(self, epoch: int, stream: str, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Preprocessed images, float32 [B, 3, h, w], and labels, int64 [B, h, w].

        The held-out images, which are fewer, are repeated within an epoch.
        """
        steps = self.steps_per_epoch
        drawn = successive_batches(
            self.choice_set if stream == "architecture" else self.fit_set,
            self.batch,
            epoch * steps + start,
            seed=self.seed,
            stream=stream,
            augmentation=self.augmentation,
        )
        for images, labels in islice(drawn, steps - start):
            yield self.preprocessing(images.to(self.device)), labels.to(self.device)

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        """Mean cross entropy, with larger weights for rare classes."""
        return segmentation_loss(
            output, labels, ignore=self.train_set.ignore, class_weights=self._class_weights, resize="labels"
        )

    def evaluate(self, net: nn.Module) -> float:
        """The mean IoU on the validation set, at the size of its images."""
        return self._score(net, self.val_set)

    def choose(self, net: nn.Module) -> float:
        """The mean IoU on the held-out images."""
        return self._score(net, self.choice_set)

    def _score(self, net: nn.Module, images: Dataset) -> float:
        score = evaluate(net, images, self.preprocessing, self.device, self.batch).mean_iou()
        assert score is not None, "the set has labelled pixels"
        return score

    def recalibrate(self, net: nn.Module, batches: int | None = None) -> None:
        """Batch norm statistics as plain averages over training batches."""
        recalibrate(
            net,
            self.fit_set,
            self.preprocessing,
            batches=min(batches or RECALIBRATION_BATCHES, 4 * self.steps_per_epoch),
            batch=self.batch,
            seed=self.seed,
            device=self.device,
        )

    def fingerprint(self) -> str:
        """A hash of pixels, labels, batch, share held out and augmentation."""
        data = (self.train_set.fingerprint(), self.val_set.fingerprint())
        parts = (*data, self.batch, self.held_out, repr(self.augmentation))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def save_weights(self, path: Path, state: Mapping[str, Tensor], size: Size, provenance: Mapping[str, Any]) -> None:
        """Write a weights file with preprocessing, input size and class names."""
        save_weights(path, state, replace(self.preprocessing, size=size), self.train_set.classes, provenance)


def _parted(images: Dataset, held_out: float) -> tuple[Dataset, Dataset]:
    """The images that weights are trained on, and those held out.

    The parts are those that `train:0-80` and `train:80-100` name for a share of 0.2, with at least one image each. Both
    are the whole set if it has only one image, or a part has no labels.
    """
    if not held_out or len(images) < 2:
        return images, images
    # Rounded, so that the border is exactly that of the names.
    _, kept = Split(images.split, 0, round(PERCENT * (1 - held_out), 9)).places(len(images))
    name, border = images.split, PERCENT * min(max(1, kept), len(images) - 1) / len(images)
    parts = images.part(Split(name, 0, border), name), images.part(Split(name, border), name)
    return parts if all(int(part.histogram().sum()) for part in parts) else (images, images)
