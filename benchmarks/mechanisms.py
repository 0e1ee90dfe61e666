"""Why gates lose to random networks: what the cost term cuts, and whether gates rank options.

    python benchmarks/mechanisms.py FILE [--epochs 32] [--seed 100] [--size 64x128] [--out DIR]

Two searches of a space with `target.macs`, on streets:

- cuts: a search with `ssr`. At four points of its architecture steps: the expected MACs that the gates of each
  dimension alone have cut, if those of all other dimensions are uniform.
- ranks: a search with `darts`, which drops no option. After a quarter of the epochs and at the end: the loss on the
  held-out images with only one option of a decision, for every option of every decision. It is compared with the gates:
  the share of decisions in which the largest gate has the least loss, and the mean of Kendall's tau over decisions.

DIR/gates.json and DIR/removal.json are the architectures at the target with the largest sum of log gates, and with the
least sum of these losses.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from scipy.stats import kendalltau
from torch import Tensor

from ssrdsl.search.likely import GateValues, likeliest
from ssrdsl.search.loop import Options
from ssrdsl.search.progress import EpochReport, StepReport
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.search import Searcher
from ssrdsl.search.state import State
from ssrdsl.search.task import Task
from ssrdsl.segmentation.data.registry import open_dataset
from ssrdsl.segmentation.data.sizes import Size, parse_size
from ssrdsl.segmentation.task import SegmentationTask
from ssrdsl.space import open_space
from ssrdsl.space.architecture import describe, write_architecture
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.setting_overrides import read_settings, with_settings
from ssrdsl.supernet import Supernet
from ssrdsl.supernet.expected import ExpectedCosts

BATCH = 8
BATCHES = 6
"""Batches of held-out images for the loss of an option: 48 of the 51 of streets."""
POINTS = (0.25, 0.5, 0.75, 1.0)
"""Shares of the architecture steps at which cuts are reported."""


def searcher(path: Path, size: Size, epochs: int, seed: int, strategy: str) -> Searcher:
    """A search of a space on streets, with costs at the size in the file."""
    train_set, val_set = (open_dataset("streets", split, size) for split in ("train", "val"))
    task = SegmentationTask(train_set, val_set, BATCH, seed, torch.device("cpu"))
    settings = read_settings([f"strategy={strategy}"])
    reference = open_space(path, {"classes": str(len(train_set.classes))})
    sides = {"classes": str(len(train_set.classes)), "height": str(size[0]), "width": str(size[1])}
    program = with_settings(open_space(path, sides), settings)
    return Searcher(program, reference.graph, task, Options(epochs), seed)


class Observer:
    """A search observer that does nothing."""

    def step(self, report: StepReport) -> None:
        """Do nothing."""

    def epoch(self, report: EpochReport) -> None:
        """Do nothing."""


@dataclass
class Cuts(Observer):
    """The expected MACs that each dimension has cut, after some epochs of a search."""

    search: Searcher
    shares: dict[str, dict[int, float]] = field(init=False)
    rows: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.search.reference
        self.decisions = [decision for decision in graph.decisions.values() if decision.is_open]
        self.shares = {d.name: dict.fromkeys(d.indices, 1 / len(d.indices)) for d in self.decisions}
        self.costs = ExpectedCosts(graph, graph.domains)
        schedule = self.search.schedule
        after = [schedule.warm_up + point * (schedule.steps - schedule.warm_up) for point in POINTS]
        self.steps = [round(step / self.search.task.steps_per_epoch) for step in after]

    def epoch(self, report: EpochReport) -> None:
        """Keep the gates, and report at the given points."""
        for name, gates in report.gates.items():
            total = sum(gates.values())
            self.shares[name] = {index: gate / total for index, gate in gates.items()}
            if name in report.dropped.decided:
                self.shares[name] = {max(gates, key=gates.__getitem__): 1.0}
        if report.epoch + 1 in self.steps:
            uniform = self.macs(frozenset())
            dimensions = {decision.dimension for decision in self.decisions}
            row = {dimension.value: uniform - self.macs({dimension}) for dimension in sorted(dimensions)}
            self.rows.append({"epoch": report.epoch + 1, **row, "all": uniform - self.macs(dimensions)})

    def macs(self, dimensions: frozenset[Dimension] | set[Dimension]) -> float:
        """The expected MACs with the present gates in some dimensions, and uniform ones in the others."""
        values = [
            self.shares[d.name].get(index, 0.0) if d.dimension in dimensions else 1 / len(d.indices)
            for d in self.decisions
            for index in d.indices
        ]
        return float(self.costs(torch.tensor(values, dtype=torch.float64)).macs)


@dataclass
class Ranks(Observer):
    """The losses of single options and the gates, after some epochs of a search."""

    search: Searcher
    state: State
    rows: list[dict[str, Any]] = field(default_factory=list)
    losses: dict[str, dict[int, float]] = field(default_factory=dict)

    def epoch(self, report: EpochReport) -> None:
        """Measure after a quarter of the epochs, and at the end."""
        if report.epoch + 1 in (self.search.options.epochs // 4, self.search.options.epochs):
            self.losses = option_losses(self.state.net, self.search.task)
            self.rows.append({"epoch": report.epoch + 1, "dimensions": list(self.compared(report.gates))})

    def compared(self, gates: GateValues) -> Iterator[dict[str, Any]]:
        """Agreement of gates and losses, and what both prefer, per dimension."""
        decisions = self.state.net.graph.open_decisions
        for dimension in sorted({decision.dimension for decision in decisions}):
            names = [decision.name for decision in decisions if decision.dimension == dimension]
            best = {name: min(self.losses[name], key=self.losses[name].__getitem__) for name in names}
            largest = {name: max(gates[name], key=gates[name].__getitem__) for name in names}
            taus = [
                kendalltau(list(gates[name].values()), [-self.losses[name][index] for index in gates[name]]).statistic
                for name in names
            ]
            spread = [max(self.losses[name].values()) - min(self.losses[name].values()) for name in names]
            yield {
                "dimension": dimension.value,
                "decisions": len(names),
                "agree": sum(best[name] == largest[name] for name in names),
                "by chance": sum(1 / len(gates[name]) for name in names),
                "tau": statistics.fmean(taus),
                "loss spread": statistics.fmean(spread),
                "place by loss": self._place(best),
                "place by gates": self._place(largest),
            }

    def _place(self, chosen: Mapping[str, int]) -> float:
        """The mean place of chosen options in the order of the file, from 0, the first, to 1, the last."""
        decisions = self.state.net.graph.decisions
        return statistics.fmean(
            decisions[name].indices.index(index) / (len(decisions[name].indices) - 1) for name, index in chosen.items()
        )


@torch.no_grad()
def option_losses(net: Supernet, task: Task) -> dict[str, dict[int, float]]:
    """The loss on held-out images with one option alone in its decision and the gates of all others, per option."""
    was_training = net.training
    net.eval()
    batches = list(islice(task.batches(0, "architecture", 0), BATCHES))
    flat, layout = net.gates().clone(), net.gates.layout
    found: dict[str, dict[int, float]] = {}
    for decision in layout.decisions:
        losses = {}
        for index in decision.indices:
            gates = flat.clone()
            gates[layout.slices[decision.name]] = 0.0
            gates[layout.places[decision.name, index]] = 1.0
            with net.gates.replaced(gates):
                losses[index] = statistics.fmean(_loss(net, task, batch) for batch in batches)
        found[decision.name] = losses
    net.train(was_training)
    return found


def _loss(net: Supernet, task: Task, batch: tuple[Tensor, Tensor]) -> float:
    images, labels = batch
    return float(task.loss(net(images), labels))


def run(search: Searcher, state: State, observer: Observer) -> State:
    """Run a search in a temporary directory."""
    with tempfile.TemporaryDirectory() as folder:
        directory = SearchDirectory(Path(folder) / "run")
        with directory.opened(resume=False):
            return search.run(directory, state, (observer,))


def write(search: Searcher, values: GateValues, path: Path) -> None:
    """Write the architecture at the target with the largest sum of the logarithms of these values."""
    assignment = likeliest(search.reference, values, search.goal)
    assert assignment is not None, "the target was checked before the search"
    write_architecture(path, describe(search.program, assignment))


def main() -> None:
    """Run both searches and write their results."""
    parser = argparse.ArgumentParser(description="What the cost term cuts, and whether gates rank options.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--epochs", type=int, default=32)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--size", type=parse_size, default="64x128")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    search = searcher(options.file, options.size, options.epochs, options.seed, "ssr")
    cuts = Cuts(search)
    run(search, search.begin(), cuts)
    (options.out / "cuts.json").write_text(json.dumps(cuts.rows, indent=1) + "\n", encoding="utf-8")

    search = searcher(options.file, options.size, options.epochs, options.seed, "darts")
    state = search.begin()
    ranks = Ranks(search, state)
    run(search, state, ranks)
    (options.out / "ranks.json").write_text(json.dumps(ranks.rows, indent=1) + "\n", encoding="utf-8")
    write(search, state.net.gates.values(), options.out / "gates.json")
    likelihoods = {
        name: {index: float(torch.tensor(min(losses.values()) - loss).exp()) for index, loss in losses.items()}
        for name, losses in ranks.losses.items()
    }
    write(search, likelihoods, options.out / "removal.json")
    print(json.dumps({"cuts": cuts.rows, "ranks": ranks.rows}, indent=1))


if __name__ == "__main__":
    main()
