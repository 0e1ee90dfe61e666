"""The options of a training, its optimizer and learning rate."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import nn

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.augmentation import Augmentation
from ssrdsl.segmentation.data.sizes import Size

OptimizerName = Literal["adam", "adamw", "sgd"]
LossName = Literal["weighted", "plain"]

RATES: dict[OptimizerName, float] = {"adam": 1e-3, "adamw": 1e-3, "sgd": 0.05}
POLY_POWER = 0.9
LARGEST = 1e6
"""Bound of learning rate, weight decay and clipping: beyond it float32 overflows in the optimizer."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """The recipe of one training. The defaults are those of small real-time networks trained from scratch.

    `lr` None uses the default of the optimizer; `warmup` is a share of all steps; `clip` bounds the gradient's norm
    (0: no bound); `evaluate_every` is in epochs (None: ten times in total, and at the end); `crop` None is
    the data's size.
    """

    epochs: int = 60
    batch: int = 8
    optimizer: OptimizerName = "adam"
    lr: float | None = None
    weight_decay: float = 1e-4
    warmup: float = 0.03
    clip: float = 5.0
    loss: LossName = "weighted"
    scale: tuple[float, float] = (0.75, 2.0)
    crop: Size | None = None
    flip: bool = True
    jitter: float = 0.2
    seed: int = 0
    amp: bool = False
    evaluate_every: int | None = None

    def __post_init__(self) -> None:
        self._check("epochs", self.epochs, self.epochs >= 1, "at least 1")
        self._check("batch", self.batch, self.batch >= 1, "at least 1")
        self._check("lr", self.rate, 0 < self.rate <= LARGEST, f"positive, and at most {LARGEST:,.0f}")
        self._check("scale", self.scale, 0 < self.scale[0] <= self.scale[1] <= 16, "two numbers, the smaller first")
        self._check("warmup", self.warmup, 0 <= self.warmup < 1, "a share of the steps below 1")
        self._check("jitter", self.jitter, 0 <= self.jitter < 1, "a share below 1")
        self._check("weight_decay", self.weight_decay, 0 <= self.weight_decay <= LARGEST, f"0 to {LARGEST:,.0f}")
        self._check("clip", self.clip, 0 <= self.clip <= LARGEST, f"0 to {LARGEST:,.0f}")

    def _check(self, name: str, value: object, holds: bool, wanted: str) -> None:
        if not holds:
            raise UserError(f"--{name.replace('_', '-')} {value} is invalid", help=f"it must be {wanted}")

    @property
    def rate(self) -> float:
        """The highest learning rate."""
        return RATES[self.optimizer] if self.lr is None else self.lr

    @property
    def augmentation(self) -> Augmentation:
        """The augmentation of training images."""
        return Augmentation(self.scale, self.crop, self.flip, self.jitter)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, comparable after a round trip through JSON or a checkpoint."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def recipe(self) -> dict[str, Any]:
        """The options that must not change in a resumed run, without the number of epochs."""
        return {name: value for name, value in self.to_dict().items() if name != "epochs"}

    def evaluated(self, epoch: int) -> bool:
        """Whether the network is evaluated after this epoch, counted from 0."""
        every = self.evaluate_every or max(1, self.epochs // 10)
        return (epoch + 1) % every == 0 or epoch + 1 == self.epochs


def make_optimizer(model: nn.Module, options: TrainingOptions) -> torch.optim.Optimizer:
    """The optimizer of the options, for all parameters."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    match options.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, lr=options.rate, weight_decay=options.weight_decay)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=options.rate, weight_decay=options.weight_decay)
        case "sgd":
            return torch.optim.SGD(
                parameters, lr=options.rate, momentum=0.9, nesterov=True, weight_decay=options.weight_decay
            )


def learning_rate(options: TrainingOptions, step: int, steps: int) -> float:
    """The rate of a step: rising over the warm-up, times (1 - step / steps)^0.9.

    It only depends on the step, so that a resumed run needs no state of the schedule.
    """
    ramp = min(1.0, (step + 1) / max(1, round(options.warmup * steps)))
    return options.rate * ramp * float((1 - step / steps) ** POLY_POWER)
