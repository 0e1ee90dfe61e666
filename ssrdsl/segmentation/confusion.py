"""The confusion matrix and the scores computed from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor


@dataclass(slots=True)
class ConfusionMatrix:
    """Exact counts of pixels, int64 [classes, classes] on the CPU: labels in rows, predictions in columns."""

    classes: int
    ignore: int
    counts: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.counts = torch.zeros(self.classes, self.classes, dtype=torch.int64)

    def update(self, predictions: Tensor, labels: Tensor) -> None:
        """Count a batch: integer tensors of one shape, predictions below the number of classes."""
        counted = labels != self.ignore
        pairs = labels[counted].long() * self.classes + predictions[counted].long()
        counts = torch.bincount(pairs, minlength=self.classes**2)
        self.counts += counts.view(self.classes, self.classes).cpu()

    def iou(self) -> list[float | None]:
        """Intersection over union of each class; None if a class is in neither labels nor predictions."""
        hits = self.counts.diagonal()
        unions = self.counts.sum(0) + self.counts.sum(1) - hits
        return [hit / union if union else None for hit, union in zip(hits.tolist(), unions.tolist(), strict=True)]

    def mean_iou(self) -> float | None:
        """Mean of `iou` over the classes that occur; None if nothing was counted."""
        known = [value for value in self.iou() if value is not None]
        return sum(known) / len(known) if known else None

    def pixel_accuracy(self) -> float | None:
        """Share of pixels with the correct class; None if nothing was counted."""
        total = int(self.counts.sum())
        return int(self.counts.diagonal().sum()) / total if total else None

    def summary(self, names: Sequence[str]) -> dict[str, Any]:
        """All scores as plain values for JSON: `miou`, `pixel_accuracy`, `iou` by class name, `pixels`.

        A score without pixels is None, null in JSON.
        """
        return {
            "miou": self.mean_iou(),
            "pixel_accuracy": self.pixel_accuracy(),
            "iou": dict(zip(names, self.iou(), strict=True)),
            "pixels": int(self.counts.sum()),
        }
