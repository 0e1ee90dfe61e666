"""Scales: factors of the channels of a tensor, as sums of products of gates and width masks.

A width mask holds, for channel c, P(width > c): with g_i the gates of a set and m_i the mask of its i-th width that is
sum_i g_i m_i. A constant width is a cut. Scales are symbolic in the lowering passes, and become rows of slots in
the supernet's circuit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from ssrdsl.space.expressions import Decided, ExactScalar
from ssrdsl.supernet.circuit import ONE, ZERO, ValueIndex
from ssrdsl.supernet.distribution import Distributions


@dataclass(frozen=True, slots=True)
class ChosenProbability:
    """The probability of some options of a decision, given by their gates."""

    decision: str
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Width:
    """The mask of a width; a constant keeps the first channels for any gates."""

    channels: ExactScalar


ScaleFactor: TypeAlias = ChosenProbability | Width


@dataclass(frozen=True, slots=True)
class Scale:
    """A sum of products of factors; the empty product is one. Immutable, made by `scale`, `*` and `+`."""

    products: tuple[tuple[ScaleFactor, ...], ...]

    @property
    def is_unit(self) -> bool:
        """Whether this is the number one."""
        return self.products == ((),)

    def __mul__(self, other: Scale) -> Scale:
        return Scale(tuple((*left, *right) for left in self.products for right in other.products))

    def __add__(self, other: Scale) -> Scale:
        return Scale((*self.products, *other.products))


UNIT = Scale(((),))


def scale(*factors: ScaleFactor) -> Scale:
    """The product of factors."""
    return Scale((factors,))


def masked(channels: ExactScalar) -> Scale:
    """The mask of a width; 1 if it is constant (for tensors that are not wider)."""
    return scale(Width(channels)) if isinstance(channels, Decided) else UNIT


def channel_slots(scale: Scale, channels: int, distributions: Distributions) -> list[ValueIndex]:
    """The slots of a scale for the first channels of a tensor, without the zeros at its end."""
    bounds = _steps(scale, channels, distributions)
    row: list[ValueIndex] = []
    for start, stop in pairwise(bounds):
        row += [_slot(scale, start, distributions)] * (stop - start)
    while row and row[-1] == ZERO:
        row.pop()
    return row


def _steps(scale: Scale, channels: int, distributions: Distributions) -> list[int]:
    """The channels at which a scale may change, with 0 and the number of channels."""
    values = {
        int(value)
        for product in scale.products
        for factor in product
        if isinstance(factor, Width)
        for value in distributions.of(factor.channels)
    }
    return sorted({0, channels, *(value for value in values if 0 < value < channels)})


def _slot(scale: Scale, channel: int, distributions: Distributions) -> ValueIndex:
    circuit = distributions.circuit
    return circuit.total(
        (ONE, circuit.product(*(_factor(factor, channel, distributions) for factor in product)), float(count))
        for product, count in Counter(scale.products).items()
    )


def _factor(factor: ScaleFactor, channel: int, distributions: Distributions) -> ValueIndex:
    if isinstance(factor, Width):
        return distributions.tail(factor.channels, channel)
    circuit = distributions.circuit
    return circuit.total((ONE, circuit.gate(factor.decision, index), 1.0) for index in factor.indices)
