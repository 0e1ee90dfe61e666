"""Segmentation as the task of a search: batches, loss, scores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ssrdsl.segmentation.data.augmentation import Augmentation
from ssrdsl.segmentation.data.dataset import Dataset, check_labelled
from ssrdsl.segmentation.data.sampling import batches, batches_per_epoch
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.evaluation import evaluate, recalibrate
from ssrdsl.segmentation.loss import class_weights, segmentation_loss
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.weights import save_weights

__all__ = ["SegmentationTask"]

RECALIBRATION_BATCHES = 50
MIRRORED = Augmentation(scale=(1.0, 1.0))


@dataclass(slots=True)
class SegmentationTask:
    """A training and a validation set with class-weighted cross entropy and mean IoU.

    Labels are resized to the logits where these are coarser. `augmentation` is done to training images; by default
    half of them are mirrored. Raises `UserError` where a set has no labelled pixel.
    """

    train_set: Dataset
    val_set: Dataset
    batch: int
    seed: int
    device: torch.device
    augmentation: Augmentation = MIRRORED
    preprocessing: Preprocessing = field(init=False)
    _class_weights: Tensor = field(init=False)

    def __post_init__(self) -> None:
        for dataset in (self.train_set, self.val_set):
            check_labelled(dataset)
        self.preprocessing = Preprocessing.of(self.train_set)
        self._class_weights = class_weights(self.train_set).to(self.device)

    @property
    def steps_per_epoch(self) -> int:
        """Full batches of the training set."""
        return batches_per_epoch(self.train_set, self.batch)

    def batches(self, epoch: int, stream: str, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Prepared images, float32 [B, 3, h, w], and labels, int64 [B, h, w]."""
        drawn = batches(
            self.train_set,
            self.batch,
            seed=self.seed,
            epoch=epoch,
            stream=stream,
            start=start,
            augmentation=self.augmentation,
        )
        for batch in drawn:
            yield self.preprocessing(batch.images.to(self.device)), batch.labels.to(self.device)

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        """Mean cross entropy, rare classes weighted up."""
        return segmentation_loss(
            output, labels, ignore=self.train_set.ignore, class_weights=self._class_weights, resize="labels"
        )

    def evaluate(self, net: nn.Module) -> float:
        """The mean IoU on the validation set, at the size of its images."""
        score = evaluate(net, self.val_set, self.preprocessing, self.device, self.batch).mean_iou()
        assert score is not None, "the set has labelled pixels"
        return score

    def recalibrate(self, net: nn.Module) -> None:
        """Batch norm statistics as plain averages over training batches."""
        recalibrate(
            net,
            self.train_set,
            self.preprocessing,
            batches=min(RECALIBRATION_BATCHES, 4 * self.steps_per_epoch),
            batch=self.batch,
            seed=self.seed,
            device=self.device,
        )

    def fingerprint(self) -> str:
        """A hash of pixels, labels, batch and augmentation."""
        parts = (self.train_set.fingerprint(), self.val_set.fingerprint(), self.batch, repr(self.augmentation))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def save_weights(self, path: Path, state: Mapping[str, Tensor], size: Size, provenance: Mapping[str, Any]) -> None:
        """Writes a weights file with preprocessing, to the size of the network's input, and class names."""
        save_weights(path, state, replace(self.preprocessing, size=size), self.train_set.classes, provenance)
