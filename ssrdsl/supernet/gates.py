"""Gates: from one parameter per option to the weights of the options, and the loss that makes them one-hot.

All decisions are in one flat vector, in the order of the graph, so that gates, losses and optimizer steps take a few
tensor operations for any number of decisions. Parameters are always float64: they are few, and gates then sum to one,
and are kept by a rebuild, to 2e-16.

Source of the default relaxation and of the loss: Ye et al., "Efficient Joint-Dimensional Search with Solution Space
Regularization for Real-Time Semantic Segmentation", IJCV 130 (2022).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate
from typing import ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.space.decisions import Decision, Dimension


class Layout:
    """The positions of the options of the open decisions in flat vectors."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.decisions = tuple(decision for decision in decisions if decision.is_open)
        sizes = [len(decision.options) for decision in self.decisions]
        starts = accumulate(sizes[:-1], initial=0) if sizes else ()
        self.slices = {
            decision.name: slice(start, start + size)
            for decision, start, size in zip(self.decisions, starts, sizes, strict=True)
        }
        self.places = {
            (decision.name, index): self.slices[decision.name].start + k
            for decision in self.decisions
            for k, index in enumerate(decision.indices)
        }
        self.owner = torch.tensor([k for k, size in enumerate(sizes) for _ in range(size)], dtype=torch.long)
        self.sizes = torch.tensor(sizes, dtype=torch.float64)

    def to(self, device: torch.device) -> None:
        """Move the index tensors."""
        self.owner = self.owner.to(device)
        self.sizes = self.sizes.to(device)

    def total(self, values: Tensor) -> Tensor:
        """Sums over the options of every decision: [options] -> [decisions]."""
        return values.new_zeros(len(self.decisions)).index_add(0, self.owner, values)

    def largest(self, values: Tensor) -> Tensor:
        """The largest value over the options of every decision: [options] -> [decisions]."""
        start = values.new_full((len(self.decisions),), -torch.inf)
        return start.scatter_reduce(0, self.owner, values, "amax")


class Relaxation(ABC):
    """A function from parameters to gates; both flat, [options].

    `normalised`: the gates of every decision sum to one.
    """

    normalised: ClassVar[bool] = True

    @abstractmethod
    def log_gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """The logarithms of the gates."""

    def gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """The gates."""
        return self.log_gates(alpha, layout).exp()

    @abstractmethod
    def gauge(self, alpha: Tensor, layout: Layout) -> Tensor:
        """Other parameters with the same gates and without saturated gradients."""


class SSR(Relaxation):
    """g_i = sigmoid(a_i) / sum_j sigmoid(a_j) over the remaining options."""

    def log_gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """log g_i, precise even if a sigmoid underflows."""
        return F.logsigmoid(alpha) - layout.total(torch.sigmoid(alpha)).log()[layout.owner]

    def gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """The normalised sigmoids."""
        sigmoids = torch.sigmoid(alpha)
        return sigmoids / layout.total(sigmoids)[layout.owner]

    def gauge(self, alpha: Tensor, layout: Layout) -> Tensor:
        """Scale the sigmoids of every decision so that the largest is 1/2.

        Gates depend only on ratios of sigmoids. Without this, two large parameters saturate and stay equal.
        """
        logarithms = F.logsigmoid(alpha)
        scaled = logarithms - (layout.largest(logarithms) + math.log(2.0))[layout.owner]
        return scaled - torch.log1p(-scaled.exp())


class SoftmaxRelaxation(Relaxation):
    """g_i = exp(a_i) / sum_j exp(a_j), as in DARTS (Liu et al., 2019)."""

    def log_gates(self, alpha: Tensor, layout: Layout) -> Tensor:
        """The logarithm of the softmax."""
        shifted = alpha - layout.largest(alpha.detach())[layout.owner]
        return shifted - layout.total(shifted.exp()).log()[layout.owner]

    def gauge(self, alpha: Tensor, layout: Layout) -> Tensor:
        """Shift the parameters of every decision so that the largest is 0."""
        return alpha - layout.largest(alpha)[layout.owner]


class Gates(nn.Module):
    """The architecture parameters `alpha` of all open decisions; 0 at the start, which is uniform."""

    def __init__(self, decisions: Iterable[Decision], relaxation: Relaxation) -> None:
        super().__init__()
        self.layout = Layout(decisions)
        self.relaxation = relaxation
        self.alpha = nn.Parameter(torch.zeros(len(self.layout.owner), dtype=torch.float64))
        self._replacement: Tensor | None = None

    @property
    def slices(self) -> Mapping[str, slice]:
        """The slice of the flat vector for a decision."""
        return self.layout.slices

    def forward(self) -> Tensor:
        """The gates, [options], in float64."""
        if self._replacement is not None:
            return self._replacement
        return self.relaxation.gates(self.alpha, self.layout)

    @contextmanager
    def replaced(self, gates: Tensor) -> Iterator[None]:
        """While the block runs, use these gates, [options], such as perturbed or sampled ones."""
        before, self._replacement = self._replacement, gates
        try:
            yield
        finally:
            self._replacement = before

    def at(self, alpha: Tensor) -> Tensor:
        """The gates for other parameters, [options]."""
        return self.relaxation.gates(alpha, self.layout)

    def log_gates(self) -> Tensor:
        """The logarithms of the gates, [options]."""
        return self.relaxation.log_gates(self.alpha, self.layout)

    def shares(self) -> Tensor:
        """The gates divided by their sum in every decision, [options]: the probabilities used for costs."""
        gates = self.forward()
        return gates if self.relaxation.normalised else gates / self.layout.total(gates)[self.layout.owner]

    def values(self) -> dict[str, dict[int, float]]:
        """The current gates by decision and original option index."""
        flat = self.forward().detach().tolist()
        return {
            decision.name: dict(zip(decision.indices, flat[self.slices[decision.name]], strict=True))
            for decision in self.layout.decisions
        }

    def log_probability(self, options: Mapping[str, int]) -> Tensor:
        """The logarithm, a scalar, of the probability that the gates give to these options, by decision."""
        if not options:  # as in most spaces, at every step
            return self.alpha.new_zeros(())
        gates = self.forward()
        places = [self.layout.places[option] for option in options.items()]
        shares = [gates[place] / gates[self.slices[name]].sum() for name, place in zip(options, places, strict=True)]
        return sum((share.log() for share in shares), gates.new_zeros(()))

    def ssr(self, factors: Mapping[str, float] | None = None) -> dict[Dimension, Tensor]:
        """Per dimension the mean over its open decisions of R = (1/n) sum_i log g_i + log n.

        R is 0 for uniform gates and unbounded below; it is to be minimised. A decision shared by several places counts
        once. `factors` multiply the R of single decisions.
        """
        layout = self.layout
        mean = layout.total(self.relaxation.log_gates(self.alpha, layout)) / layout.sizes
        loss = mean + layout.sizes.log()
        if factors is not None:
            loss = loss * loss.new_tensor([factors.get(decision.name, 1.0) for decision in layout.decisions])
        places: dict[Dimension, list[int]] = {}
        for place, decision in enumerate(layout.decisions):
            places.setdefault(decision.dimension, []).append(place)
        return {dimension: loss[chosen].mean() for dimension, chosen in places.items()}

    @torch.no_grad()
    def gauge_fix(self) -> None:
        """Move the parameters to the middle of their range without changing the gates (see `Relaxation.gauge`)."""
        if self.layout.decisions:
            self.alpha.copy_(self.relaxation.gauge(self.alpha, self.layout))

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Follow the network to a device, but not to another precision."""
        exact = self.alpha.data
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.alpha.data = exact.to(self.alpha.device)
        self.layout.to(self.alpha.device)
        return self
