"""Simulate the gates of a search on a synthetic loss: up to 100,000 steps in a few minutes.

The loss is quadratic with noise: for gates g of a decision, sum_i (c_i + noise) g_i + (k/2) sum_i g_i^2. The c_i are
drawn once, with a separate scale for each decision; the noise is drawn in every step. Gates, SSR loss, schedule,
shrinking and gauge fix are the ones of the search; there are no weights and no network.

    python benchmarks/gate_dynamics.py [--steps 300 1000 3000 100000] [--seeds 3] [--out FILE.json]
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from ssrdsl.language.source import Source, Span
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.state import ARCHITECTURE_BETAS
from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization, above
from ssrdsl.space.decisions import Decision, Dimension, Kind, Option
from ssrdsl.space.settings import SearchSettings
from ssrdsl.supernet import Gates
from ssrdsl.supernet.transfer import kept_options

CURVATURE = 1e-3


@dataclass(frozen=True, slots=True)
class Setting:
    """The strength of the synthetic loss: `scale` multiplies its gradient, `noise` is the noise relative to it."""

    name: str
    scale: float = 1.0
    noise: float = 3.0


SETTINGS = (
    Setting("as a small supernet"),
    Setting("clear task", scale=10.0, noise=1.0),
    Setting("weak task", scale=0.1),
    Setting("ten times the noise", noise=30.0),
    Setting("strong and noisy task", scale=10.0, noise=10.0),
)

# Decisions, options and typical task gradient per dimension. Channels have the smallest gradients, and most decisions.
SPACE = ((Dimension.DEPTH, 2, 7, 1e-2), (Dimension.OPERATOR, 14, 10, 3e-3), (Dimension.CHANNEL, 40, 9, 3e-4))


@dataclass(frozen=True, slots=True)
class Ending:
    """The result of a search.

    `undecided` is the number of open decisions, `first` and `last` are the fractions of all steps after which the first
    and the last decision were made, `rank` is the mean rank of the chosen options by task loss, 0 for the best.
    """

    setting: str
    steps: int
    epochs: int
    seed: int
    undecided: int
    first: float | None
    last: float | None
    rank: float | None


def decisions() -> list[Decision]:
    """The decisions of the synthetic space."""
    span = Span(Source("synthetic", ""), 0, 0)
    return [
        Decision(
            f"{dimension.value}{place}",
            dimension,
            Kind.CHOOSE,
            tuple(Option(index, str(index)) for index in range(count)),
            "",
            span,
        )
        for dimension, decisions_, count, _ in SPACE
        for place in range(decisions_)
    ]


def run(setting: Setting, steps: int, epochs: int, seed: int) -> Ending:
    """Run one search."""
    generator = torch.Generator().manual_seed(seed)
    task = _Task(setting, generator)
    schedule = Schedule(steps, SearchSettings())
    strategy = SolutionSpaceRegularization()
    gates = Gates(decisions(), strategy.relaxation)
    optimizer = Adam([gates.alpha], betas=ARCHITECTURE_BETAS)
    made: dict[str, tuple[int, float]] = {}
    per_epoch = max(1, steps // epochs)
    for step in range(schedule.warm_up, steps):
        optimizer.param_groups[0]["lr"] = schedule.architecture_rate(step)
        optimizer.zero_grad()
        regularization = sum(strategy.regularization(gates, schedule, step).values(), torch.zeros(()))
        (task.loss(gates) + regularization).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if (step + 1) % per_epoch == 0 or step + 1 == steps:
            below = schedule.settings.shrink.below
            survivors = {name: above(values, below) for name, values in gates.values().items()}
            made.update({name: (left[0], (step + 1) / steps) for name, left in survivors.items() if len(left) == 1})
            gates, optimizer = _shrunk(gates, optimizer, survivors)
            if not gates.layout.decisions:
                break
            gates.gauge_fix()
    shares = [share for _, share in made.values()]
    ranks = [task.rank(name, index) for name, (index, _) in made.items()]
    return Ending(
        setting.name,
        steps,
        epochs,
        seed,
        undecided=len(gates.layout.decisions),
        first=min(shares, default=None),
        last=max(shares, default=None),
        rank=statistics.fmean(ranks) if ranks else None,
    )


class _Task:
    """The synthetic task, with coefficients drawn from `generator`."""

    def __init__(self, setting: Setting, generator: torch.Generator) -> None:
        self._generator = generator
        self._noise = setting.noise
        typical = {dimension: size for dimension, _, _, size in SPACE}
        self._costs: dict[str, list[float]] = {}
        self._sizes: dict[str, float] = {}
        for decision in decisions():
            size = setting.scale * typical[decision.dimension] * math.exp(float(torch.randn((), generator=generator)))
            self._sizes[decision.name] = size
            self._costs[decision.name] = (size * torch.randn(len(decision.options), generator=generator)).tolist()
        self._prepared: tuple[Gates, Tensor, Tensor] | None = None

    def loss(self, gates: Gates) -> Tensor:
        """The task loss of one step, with new noise."""
        if self._prepared is None or self._prepared[0] is not gates:
            places = [(d.name, index) for d in gates.layout.decisions for index in d.indices]
            costs = torch.tensor([self._costs[name][index] for name, index in places], dtype=torch.float64)
            sizes = torch.tensor([self._noise * self._sizes[name] for name, _ in places], dtype=torch.float64)
            self._prepared = gates, costs, sizes
        _, costs, sizes = self._prepared
        noise = torch.randn(len(costs), generator=self._generator, dtype=torch.float64) * sizes
        values = gates()
        loss: Tensor = ((costs + noise) * values).sum() + CURVATURE / 2 * (values**2).sum()
        return loss

    def rank(self, decision: str, index: int) -> int:
        """The rank of an option within its decision, 0 for the lowest loss."""
        costs = self._costs[decision]
        return sorted(costs).index(costs[index])


def _shrunk(gates: Gates, optimizer: Adam, survivors: Mapping[str, tuple[int, ...]]) -> tuple[Gates, Adam]:
    """Gates of the surviving options and their optimizer, with parameters and moments kept."""
    left = Gates((d.restricted(survivors[d.name]) for d in gates.layout.decisions), gates.relaxation)
    fresh = Adam([left.alpha], betas=ARCHITECTURE_BETAS)
    if left.layout.decisions:
        left.alpha.data.copy_(kept_options(gates.alpha.detach(), gates, left))
        state = optimizer.state[gates.alpha]
        moments = {name: kept_options(state[name], gates, left) for name in ("exp_avg", "exp_avg_sq")}
        fresh.state[left.alpha] = {"step": state["step"], **moments}
    return left, fresh


def epochs_of(steps: int) -> int:
    """A typical number of epochs: one per 75 steps, at least 12 and at most 200."""
    return min(200, max(12, steps // 75))


def endings(lengths: list[int], seeds: int) -> Iterator[Ending]:
    """Run all searches."""
    for setting in SETTINGS:
        for steps in lengths:
            for seed in range(seeds):
                yield run(setting, steps, epochs_of(steps), seed)


def table(results: list[Ending]) -> str:
    """The results as a table in Markdown, one line per setting and number of steps."""
    lines = [
        "| task | steps | seeds | converged | last decision made after | mean rank taken |",
        "|---|---|---|---|---|---|",
    ]
    groups: dict[tuple[str, int], list[Ending]] = {}
    for result in results:
        groups.setdefault((result.setting, result.steps), []).append(result)
    for (setting, steps), group in groups.items():
        last = [share for each in group if not each.undecided and (share := each.last) is not None]
        span = f"{min(last):.0%} to {max(last):.0%}" if last else "-"
        rank = statistics.fmean(each.rank for each in group if each.rank is not None)
        lines.append(f"| {setting} | {steps:,} | {len(group)} | {len(last)} | {span} | {rank:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run all searches and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, nargs="+", default=[300, 1000, 3000, 100_000], help="numbers of steps")
    parser.add_argument("--seeds", type=int, default=3, help="searches per setting and number of steps")
    parser.add_argument("--out", type=Path, help="JSON file for the results; the table is written with the suffix .md")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began, results = time.monotonic(), []
    for result in endings(options.steps, options.seeds):
        results.append(result)
        print(f"{time.monotonic() - began:7.0f} s  {result}", flush=True)
    print(table(results))
    if options.out:
        record: dict[str, Any] = {"endings": [asdict(result) for result in results]}
        options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        options.out.with_suffix(".md").write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    main()
