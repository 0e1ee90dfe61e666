"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.runs.directory import RunDirectory
from ssrdsl.runs.events import EventLog
from ssrdsl.segmentation.confusion import ConfusionMatrix
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sampling import Batch, batches, batches_per_epoch
from ssrdsl.segmentation.evaluation import evaluate
from ssrdsl.segmentation.loss import class_weights, segmentation_loss
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.seeding import seed_step
from ssrdsl.segmentation.training.checkpoint import Best, Checkpoint, restore, save_checkpoint
from ssrdsl.segmentation.training.options import TrainingOptions, learning_rate, make_optimizer

# Reading a loss synchronizes with the GPU; this many are read together.
LOSSES_READ_TOGETHER = 20
RESIDENT_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a training: steps done and in total, the epoch counted from 0, the last loss, the last score."""

    step: int
    steps: int
    epoch: int
    loss: float
    miou: float | None


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The confusion matrix on the validation set after the last epoch, and the seconds spent over all resumptions.

    `best` is the best score of all evaluated epochs; None if there is no score.
    """

    matrix: ConfusionMatrix
    seconds: float
    best: Best | None = None


@dataclass(slots=True)
class Training:
    """A training of a network in place; events and a checkpoint are written to `directory` after each epoch.

    `stored` is the checkpoint from which the run continues, if any; on a CPU the result is then identical to that of an
    uninterrupted run. `identity` is written to checkpoints. `keep_best` is called when a score is the best so far.
    """

    model: nn.Module
    train_set: Dataset
    val_set: Dataset
    options: TrainingOptions
    directory: RunDirectory
    preprocessing: Preprocessing
    device: torch.device
    identity: Mapping[str, Any]
    stored: Mapping[str, Any] | None = None
    observe: Callable[[Progress], None] | None = None
    keep_best: Callable[[Best], None] = lambda best: None
    optimizer: torch.optim.Optimizer = field(init=False)
    data: Dataset = field(init=False)
    weights: Tensor | None = field(init=False)
    best: Best | None = field(init=False, default=None)
    miou: float | None = field(init=False, default=None)
    loss: float = field(init=False, default=float("nan"))
    unread: list[Tensor] = field(init=False, default_factory=list)

    @property
    def steps(self) -> int:
        """Number of steps of the training."""
        return self.options.epochs * batches_per_epoch(self.train_set, self.options.batch)

    def run(self, warn: Callable[[str], None] = lambda message: None) -> TrainingResult:
        """Run all remaining epochs. Raises `UserError`, also if the loss stops being a number."""
        # All batches have the same shape, so that cuDNN's search for the fastest algorithms is worth its time.
        torch.backends.cudnn.benchmark = self.device.type == "cuda"
        # Convolutions are faster with channels last in memory, on CPUs by about a fifth.
        self.model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = make_optimizer(self.model, self.options)
        start, stored = Checkpoint(), self.stored
        if stored is not None:
            start = restore(self.directory, stored, self.model, self.optimizer)
        self.best = start.best
        with EventLog(self.directory, None if stored is None else start.step, warn=warn) as log:
            self.weights = class_weights(self.train_set).to(self.device) if self.options.loss == "weighted" else None
            self.data = _on_device(self.train_set, self.device)
            return self._finish(start, log)

    def _finish(self, start: Checkpoint, log: EventLog) -> TrainingResult:
        began, matrix, step = time.monotonic() - start.seconds, None, start.step
        for epoch in range(start.epoch, self.options.epochs):
            step = self._epoch(epoch, step, log)
            if self.options.evaluated(epoch):
                matrix = self._score()
                self._log_score(matrix, epoch, step, log)
            checkpoint = Checkpoint(epoch + 1, step, time.monotonic() - began, self.best)
            save_checkpoint(self.directory, checkpoint, self.identity, self.model, self.optimizer)
            self._report(epoch, step)
        # A run stopped after its last checkpoint has already logged its score.
        matrix = matrix or self._score()
        return TrainingResult(matrix, time.monotonic() - began, self.best)

    def _epoch(self, epoch: int, step: int, log: EventLog) -> int:
        """Run one epoch from a step on, counted over all epochs; returns the step after it."""
        self.model.train()
        options, losses, first = self.options, [], step
        together = LOSSES_READ_TOGETHER if self.device.type == "cuda" else 1
        drawn = batches(self.data, options.batch, seed=options.seed, epoch=epoch, augmentation=options.augmentation)
        for batch in drawn:
            self.unread.append(self._step(batch, epoch, step))
            step += 1
            if len(self.unread) >= together:
                losses += self._read_losses(epoch, step)
        losses += self._read_losses(epoch, step)
        rate = learning_rate(options, step - 1, self.steps)
        mean = sum(losses) / (step - first)
        log.write(step, epoch=epoch, loss=mean, lr=rate)
        return step

    def _step(self, batch: Batch, epoch: int, step: int) -> Tensor:
        """Do one step of the optimizer; the loss stays on the device."""
        seed_step(self.options.seed, epoch, step)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.options, step, self.steps)
        images, labels = self.preprocessing(batch.images.to(self.device)), batch.labels.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.amp):
            output = self.model(images)
        loss = segmentation_loss(output, labels, ignore=self.data.ignore, class_weights=self.weights)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.options.clip > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)
        self.optimizer.step()
        return loss.detach()

    def _read_losses(self, epoch: int, step: int) -> list[float]:
        """Read the pending losses of the steps up to `step`. Raises `UserError` if one is not finite."""
        if not self.unread:
            return []
        losses = torch.stack(self.unread).tolist()
        self.unread.clear()
        for index, loss in enumerate(losses):
            if not abs(loss) < float("inf"):
                at = step - len(losses) + index + 1
                kept = "; the checkpoint before this epoch is kept" if epoch else ""
                raise UserError(
                    f"the loss became {loss} at step {at} of {self.steps} (epoch {epoch + 1})",
                    help=f"use a smaller --lr (it is {self.options.rate:g}){kept}",
                )
        self.loss = float(losses[-1])
        self._report(epoch, step)
        return [float(loss) for loss in losses]

    def _report(self, epoch: int, step: int) -> None:
        if self.observe is not None:
            self.observe(Progress(step, self.steps, epoch, self.loss, self.miou))

    def _score(self) -> ConfusionMatrix:
        options = self.options
        return evaluate(self.model, self.val_set, self.preprocessing, self.device, options.batch, options.amp)

    def _log_score(self, matrix: ConfusionMatrix, epoch: int, step: int, log: EventLog) -> None:
        self.miou = matrix.mean_iou()
        scores = {
            name: value for name, value in zip(self.val_set.classes, matrix.iou(), strict=True) if value is not None
        }
        log.write(step, epoch=epoch, miou=self.miou, pixel_accuracy=matrix.pixel_accuracy(), iou=scores)
        if self.miou is not None and (self.best is None or self.miou > self.best.miou):
            self.best = Best(epoch, self.miou)
            self.keep_best(self.best)


def _on_device(dataset: Dataset, device: torch.device) -> Dataset:
    """The data on the GPU if they fit into a part of its free memory."""
    if device.type != "cuda":
        return dataset
    free, _ = torch.cuda.mem_get_info(device)
    return dataset.to(device) if dataset.images.numel() * 4 / 3 < RESIDENT_SHARE * free else dataset
