"""Run a network over a data set: scores, and the statistics of its batch norms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ssrdsl.errors import UserError
from ssrdsl.segmentation.confusion import ConfusionMatrix
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sampling import successive_batches
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.loss import split_output
from ssrdsl.segmentation.preprocessing import Preprocessing

ScoreAt = Literal["network", "labels"]
"""The size at which predictions and labels are compared: the size of the input, or of each label image."""


@contextmanager
def mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Put a network into training or evaluation mode while the block runs, and restore the mode of each module."""
    before = {module: module.training for module in model.modules()}
    model.train(training)
    try:
        yield
    finally:
        for module, flag in before.items():
            module.training = flag


def logits_of(model: nn.Module, images: Tensor, preprocessing: Preprocessing, *, amp: bool = False) -> Tensor:
    """Logits, float32 [B, K, h, w], of uint8 images [B, 3, H, W], at the network's own output size.

    Raises `UserError` if they are NaN, since their largest class would be meaningless.
    """
    with torch.inference_mode(), torch.autocast(images.device.type, torch.bfloat16, enabled=amp):
        logits = split_output(model(preprocessing(images)))[0].float()
    if logits.isnan().any():
        raise UserError(
            "the output of the network is NaN",
            help="check its weights and preprocessing; if the training diverged, use a smaller --lr",
        )
    return logits


def classes_at(logits: Tensor, size: Size) -> Tensor:
    """Classes, int64 [B, H, W], of logits [B, K, h, w] that are resized to a size first (bilinear)."""
    if logits.shape[2:] != size:
        logits = F.interpolate(logits, size=size, mode="bilinear", align_corners=False)
    return logits.argmax(1)


def predict(model: nn.Module, images: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Classes, int64 [B, h, w], of uint8 images [B, 3, h, w]; coarser logits are resized first (bilinear)."""
    height, width = images.shape[2:]
    return classes_at(logits_of(model, images, preprocessing), (height, width))


def evaluate(
    model: nn.Module,
    dataset: Dataset,
    preprocessing: Preprocessing,
    device: torch.device | str = "cpu",
    batch: int = 8,
    amp: bool = False,
    at: ScoreAt = "network",
) -> ConfusionMatrix:
    """The confusion matrix of a network on this device over a data set, in evaluation mode.

    Pixels are counted at the size of `dataset.images`; with `at` "labels" at the sizes of the label images, to which
    the logits are resized.
    """
    matrix = ConfusionMatrix(len(dataset.classes), dataset.ignore)
    with mode(model, training=False):
        for start in range(0, len(dataset), batch):
            images = dataset.images[start : start + batch].to(device)
            logits = logits_of(model, images, preprocessing, amp=amp)
            for predictions, labels in _compared(logits, dataset, start, at):
                matrix.update(predictions, labels.to(device))
    return matrix


def _compared(logits: Tensor, dataset: Dataset, start: int, at: ScoreAt) -> Iterator[tuple[Tensor, Tensor]]:
    """Predictions and labels of equal size, for the images from `start` on."""
    if at == "network" or dataset.own_labels is None:
        yield classes_at(logits, dataset.size), dataset.labels[start : start + len(logits)]
        return
    for index in range(len(logits)):
        labels = dataset.own_labels[start + index][None]
        height, width = labels.shape[1:]
        yield classes_at(logits[index : index + 1], (height, width)), labels


def recalibrate(
    model: nn.Module,
    dataset: Dataset,
    preprocessing: Preprocessing,
    *,
    batches: int = 50,
    batch: int = 8,
    seed: int = 0,
    device: torch.device | str = "cpu",
) -> None:
    """Recompute the batch norms' running statistics, as plain averages over training batches.

    Everything else stays in evaluation mode, since dropout would change the variances. Needed for weights that were
    trained in another network, such as a supernet.
    """
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    with mode(model, training=False), _averaging(norms), torch.no_grad():
        for drawn in islice(successive_batches(dataset, batch, 0, seed=seed, stream="recalibration"), batches):
            model(preprocessing(drawn.images.to(device)))


@contextmanager
def _averaging(norms: list[_BatchNorm]) -> Iterator[None]:
    """Reset the norms and average their statistics while the block runs; restore their momenta afterwards."""
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
