"""Batches of an epoch as a function of seed, epoch and step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count
from typing import NamedTuple

import torch
from torch import Tensor

from ssrdsl.segmentation.data.augmentation import Augmentation
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.seeding import generator_for


class Batch(NamedTuple):
    """Images, uint8 [B, 3, h, w], and labels, int64 [B, h, w], on the data set's device."""

    images: Tensor
    labels: Tensor


def batches_per_epoch(dataset: Dataset, batch: int) -> int:
    """Steps of an epoch: full batches only, or a single smaller one if the data have fewer images."""
    return max(1, len(dataset) // batch)


def batches(
    dataset: Dataset,
    batch: int,
    *,
    seed: int,
    epoch: int,
    stream: str = "weights",
    start: int = 0,
    augmentation: Augmentation | None = None,
) -> Iterator[Batch]:
    """The batches of one epoch, from step `start` on.

    The order is a function of (seed, epoch, stream), the augmentation of a step of (seed, epoch, step, stream), so that
    a resumed run gets the same batches. Streams are independent of each other.
    """
    order = torch.randperm(len(dataset), generator=generator_for("order", seed, epoch, stream))
    for step in range(start, batches_per_epoch(dataset, batch)):
        chosen = order[step * batch : (step + 1) * batch].to(dataset.images.device)
        images, labels = dataset.images[chosen], dataset.labels[chosen]
        if augmentation is not None:
            generator = generator_for("augmentation", seed, epoch, step, stream)
            images, labels = _augmented(images, labels, augmentation, dataset.ignore, generator)
        yield Batch(images, labels.long())


def successive_batches(
    dataset: Dataset, batch: int, first: int, *, seed: int, stream: str, augmentation: Augmentation | None = None
) -> Iterator[Batch]:
    """The batches of one epoch after another without end, from batch `first` on, counted over all epochs."""
    number, start = divmod(first, batches_per_epoch(dataset, batch))
    epochs = (
        batches(
            dataset,
            batch,
            seed=seed,
            epoch=epoch,
            stream=stream,
            start=start if epoch == number else 0,
            augmentation=augmentation,
        )
        for epoch in count(number)
    )
    return chain.from_iterable(epochs)


def _augmented(
    images: Tensor, labels: Tensor, augmentation: Augmentation, ignore: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    pairs = [augmentation(*pair, ignore, generator) for pair in zip(images, labels, strict=True)]
    return torch.stack([image for image, _ in pairs]), torch.stack([label for _, label in pairs])
