"""Cross entropy over pixels, with weights of classes and auxiliary outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ssrdsl.segmentation.data.dataset import Dataset

NetworkOutput = Tensor | Sequence[Any] | Mapping[str, Tensor]
"""The output of a network: logits [B, K, h, w], in training optionally with auxiliary logits.

Those are a dictionary after the logits, `(logits, {name: auxiliary})`, as emitted networks return them; further
entries of a tuple, `(logits, auxiliary, ...)`; or the entries other than `out` of a dictionary, as in torchvision.
"""
MAIN = "out"


def class_weights(dataset: Dataset) -> Tensor:
    """Weights float32 [K] that are larger for rare classes: 1 / ln(1.02 + p), p the share of the class's pixels.

    Source: Paszke et al., "ENet: A Deep Neural Network Architecture for Real-Time Semantic Segmentation", 2016,
    section 5.2. They are between 1.4 and 50.5.
    """
    counts = dataset.histogram().double()
    return (1 / torch.log(1.02 + counts / counts.sum().clamp(min=1))).float()


def split_output(output: NetworkOutput) -> tuple[Tensor, dict[str, Tensor]]:
    """The main logits, and auxiliary ones by name. Raises TypeError for any other output."""
    if isinstance(output, Tensor):
        return output, {}
    if isinstance(output, Mapping):
        main, others = output.get(MAIN), {name: value for name, value in output.items() if name != MAIN}
    elif len(output) == 2 and isinstance(output[1], Mapping):
        main, others = output[0], dict(output[1])
    else:
        main, others = output[0], {str(place): value for place, value in enumerate(output[1:], start=1)}
    if not isinstance(main, Tensor) or not all(isinstance(value, Tensor) for value in others.values()):
        raise TypeError("the network does not return logits")
    return main, others


def segmentation_loss(
    output: NetworkOutput,
    labels: Tensor,
    *,
    ignore: int,
    class_weights: Tensor | None = None,
    auxiliary_weight: float = 0.4,
    resize: Literal["logits", "labels"] = "logits",
) -> Tensor:
    """Mean cross entropy over the pixels that are not ignored, a scalar; 0 if all are ignored.

    `labels` is int64 [B, H, W]. Logits of another size are resized to the labels (bilinear), or with
    resize="labels" the labels to the logits (nearest): cheaper, at a coarser loss. Auxiliary outputs are added with
    their weight.
    """
    logits, others = split_output(output)
    loss = _cross_entropy(logits, labels, ignore, class_weights, resize)
    for auxiliary in others.values():
        loss = loss + auxiliary_weight * _cross_entropy(auxiliary, labels, ignore, class_weights, resize)
    return loss


def _cross_entropy(
    logits: Tensor, labels: Tensor, ignore: int, weights: Tensor | None, resize: Literal["logits", "labels"]
) -> Tensor:
    size = labels.shape[1:]
    if logits.shape[2:] != size and resize == "logits":
        logits = F.interpolate(logits, size=size, mode="bilinear", align_corners=False)
    elif logits.shape[2:] != size:
        labels = F.interpolate(labels[:, None].float(), size=logits.shape[2:], mode="nearest-exact")[:, 0].long()
    # The mean of F.cross_entropy is 0/0 for a batch of padding only.
    total = F.cross_entropy(logits.float(), labels, weight=weights, ignore_index=ignore, reduction="sum")
    counted = labels != ignore
    share = counted.sum() if weights is None else weights[labels[counted]].sum()
    return total / share.clamp(min=1e-8)
