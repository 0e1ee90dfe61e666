"""Running a network over a data set: scores, and the statistics of its batch norms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ssrdsl.segmentation.confusion import ConfusionMatrix
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sampling import batches
from ssrdsl.segmentation.loss import main_output
from ssrdsl.segmentation.preprocessing import Preprocessing

__all__ = ["autocast", "evaluate", "mode", "predict", "recalibrate"]


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


def predict(model: nn.Module, images: Tensor, preprocessing: Preprocessing, *, amp: bool = False) -> Tensor:
    """Classes, int64 [B, h, w], of uint8 images [B, 3, h, w]; coarser logits are resized first (bilinear)."""
    with torch.inference_mode(), autocast(images.device, amp):
        logits = main_output(model(preprocessing(images))).float()
        if logits.shape[2:] != images.shape[2:]:
            logits = F.interpolate(logits, size=images.shape[2:], mode="bilinear", align_corners=False)
        return logits.argmax(1)


def evaluate(
    model: nn.Module,
    dataset: Dataset,
    preprocessing: Preprocessing,
    device: torch.device | str = "cpu",
    batch: int = 8,
    amp: bool = False,
) -> ConfusionMatrix:
    """The confusion matrix of a network, which is on that device, over a whole data set, in evaluation mode."""
    matrix = ConfusionMatrix(len(dataset.classes), dataset.ignore)
    with mode(model, training=False):
        for start in range(0, len(dataset), batch):
            images = dataset.images[start : start + batch].to(device)
            labels = dataset.labels[start : start + batch].to(device)
            matrix.update(predict(model, images, preprocessing, amp=amp), labels)
    return matrix


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
