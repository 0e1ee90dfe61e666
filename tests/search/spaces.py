"""A tiny space and a task without images, for searches that take a second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.language.source import Source
from ssrdsl.search.evolution import Evolution
from ssrdsl.search.loop import Options
from ssrdsl.search.progress import EpochReport, StepReport
from ssrdsl.search.search import Searcher
from ssrdsl.space import Program, open_source
from ssrdsl.space.setting_overrides import with_settings

TINY = """
use std

block cell(c) {
  choose d in {1, 2} {
    mid = {2, 4}
    residual(conv(mid, 3, dilation=d) -> bn -> relu -> conv(c, 3) -> bn -> dropout2d(0.1))
  } -> relu
}

space tiny(classes=3, height=8, width=16) {
  input image: 3, height, width
  stem = image -> conv_bn_relu(4, 3, stride=2)
  body = stem -> repeat(cell(4), {1..2})
  output body -> conv(classes, 1) -> resize(image)
}
"""

FEW = Evolution(population=4, parents=2, generations=1)
"""A selection of architectures that scores few of them, for searches whose result does not matter."""

SIZED = """
use std

space sized(classes=3) {
  size = {4..8 step 2}
  input image: 3, size, 2 * size
  output image -> conv_bn_relu({2, 4}, 3) -> conv(classes, 1) -> resize(image)
}
"""


def tiny(text: str = TINY, **overrides: str) -> Program:
    return open_source(Source("tiny.ssr", text), overrides)


@dataclass
class Stripes:
    """Labels are where the first channel is large: learnt quickly, with noise from batch to batch."""

    steps_per_epoch: int = 4
    batch: int = 2
    size: tuple[int, int] = (8, 16)
    poison: int | None = None
    drawn: list[tuple[int, str, int]] = field(default_factory=list)

    def batches(self, epoch: int, stream: str, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        for step in range(start, self.steps_per_epoch):
            self.drawn.append((epoch, stream, step))
            image, labels = self._draw(hash((epoch, step, len(stream))))
            yield image * (float("nan") if self.poison == epoch * self.steps_per_epoch + step else 1.0), labels

    def _draw(self, seed: int) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(seed % 2**31)
        image = torch.randn(self.batch, 3, *self.size, generator=generator)
        return image, (image[:, 0] > 0).long() + (image[:, 1] > 1).long()

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        return F.cross_entropy(output[0], labels)

    def evaluate(self, net: nn.Module) -> float:
        training = net.training
        net.eval()
        with torch.no_grad():
            image, labels = self._draw(1)
            score = float((net(image).argmax(1) == labels).float().mean())
        net.train(training)
        return score

    def choose(self, net: nn.Module) -> float:
        return self.evaluate(net)

    def recalibrate(self, net: nn.Module, batches: int | None = None) -> None:
        norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.train()
        with torch.no_grad():
            for seed in range(batches or 4):
                net(self._draw(seed)[0])
        net.eval()

    def fingerprint(self) -> str:
        return f"stripes {self.batch} {self.size}"

    def save_weights(
        self, path: Path, state: Mapping[str, Tensor], size: tuple[int, int], provenance: Mapping[str, Any]
    ) -> None:
        torch.save({"state_dict": dict(state), "size": size, "provenance": dict(provenance)}, path)


@dataclass
class Notes:
    """An observer that stores reports."""

    steps: list[StepReport] = field(default_factory=list)
    epochs: list[EpochReport] = field(default_factory=list)

    def step(self, report: StepReport) -> None:
        self.steps.append(report)

    def epoch(self, report: EpochReport) -> None:
        self.epochs.append(report)


def search_of(program: Program | None = None, task: Stripes | None = None, **options: Any) -> Searcher:
    """A search of the tiny space: 10 epochs of 4 steps, checkpoints after epochs; `ssr` if it names no strategy."""
    program = program or tiny()
    if program.settings.strategy is None:
        program = with_settings(program, {"strategy": "ssr"})
    given = Options(**{"epochs": 10, "checkpoint_seconds": 1e9, **options})
    return Searcher(program, program.graph, task or Stripes(), given, seed=3)
