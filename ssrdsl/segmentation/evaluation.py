"""Running a network over a data set: scores, and the statistics of its batch norms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ssrdsl.errors import UserError
from ssrdsl.segmentation.confusion import ConfusionMatrix
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sampling import batches
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.loss import main_output
from ssrdsl.segmentation.preprocessing import Preprocessing

__all__ = ["ScoreAt", "autocast", "classes_at", "evaluate", "logits_of", "mode", "predict", "recalibrate"]

ScoreAt = Literal["network", "labels"]
"""The size at which predictions and labels are compared: that of the network's input, or of each label image."""


@contextmanager
def mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Put a network and all its parts into training or evaluation mode, and each part back afterwards."""
    before = {module: module.training for module in model.modules()}
    model.train(training)
    try:
        yield
    finally:
        for module, flag in before.items():
            module.training = flag


def autocast(device: torch.device | str, enabled: bool) -> AbstractContextManager[object]:
    """bfloat16 arithmetic where it was asked for, else none."""
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16) if enabled else nullcontext()


def logits_of(model: nn.Module, images: Tensor, preprocessing: Preprocessing, *, amp: bool = False) -> Tensor:
    """Logits, float32 [B, K, h, w], of uint8 images [B, 3, H, W], at the network's own output size.

    Raises `UserError` where they are not numbers: their largest class would be meaningless.
    """
    with torch.inference_mode(), autocast(images.device, amp):
        logits = main_output(model(preprocessing(images))).float()
    if logits.isnan().any():
        raise UserError(
            "the network returns values that are not numbers (NaN)",
            help="check its weights and the values stored for its input; after a training that diverged lower --lr",
        )
    return logits


def classes_at(logits: Tensor, size: Size) -> Tensor:
    """Classes, int64 [B, H, W], of logits [B, K, h, w] that are resized to a size first (bilinear)."""
    if logits.shape[2:] != size:
        logits = F.interpolate(logits, size=size, mode="bilinear", align_corners=False)
    return logits.argmax(1)


def predict(model: nn.Module, images: Tensor, preprocessing: Preprocessing, *, amp: bool = False) -> Tensor:
    """Classes, int64 [B, h, w], of uint8 images [B, 3, h, w]; coarser logits are resized first (bilinear)."""
    height, width = images.shape[2:]
    return classes_at(logits_of(model, images, preprocessing, amp=amp), (height, width))


def evaluate(
    model: nn.Module,
    dataset: Dataset,
    preprocessing: Preprocessing,
    device: torch.device | str = "cpu",
    batch: int = 8,
    amp: bool = False,
    at: ScoreAt = "network",
) -> ConfusionMatrix:
    """The confusion matrix of a network, which is on that device, over a whole data set, in evaluation mode.

    It counts the pixels of the data as the network sees them, at the size of `dataset.images`; with `at` "labels"
    those of the label images at their own sizes, to which the logits are resized.
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
    """Predictions and labels of one size, for the images from `start` on."""
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
    """Estimate the batch norms' running statistics anew, as plain averages over training batches.

    Everything else stays in evaluation mode: dropout would change the variances that are measured. Needed after
    weights were trained in another network than the one they run in, such as a supernet's.
    """
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    with mode(model, training=False), _averaging(norms), torch.no_grad():
        for images in _images(dataset, batches, batch, seed):
            model(preprocessing(images.to(device)))


@contextmanager
def _averaging(norms: list[_BatchNorm]) -> Iterator[None]:
    """Have the norms start anew and average what they see; their momenta are put back afterwards."""
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


def _images(dataset: Dataset, count: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Images of `count` batches, over as many epochs as that takes."""
    epoch = 0
    while count > 0:
        for drawn in batches(dataset, batch, seed=seed, epoch=epoch, stream="recalibration"):
            yield drawn.images
            count -= 1
            if count == 0:
                return
        epoch += 1
