"""The plan of a street, seen from above: road, pavements, and plots along both sides."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ssrdsl.segmentation.data.streets.chance import Rng, between, chance, pick

__all__ = ["Plot", "PlotKind", "Side", "Street", "draw_street"]

FAR = 120.0
"""Depth in metres at which the street ends."""


class PlotKind(Enum):
    """What stands at the edge of the pavement."""

    BUILDING = "building"
    PARK = "park"
    JUNCTION = "junction"


@dataclass(frozen=True, slots=True)
class Plot:
    """A stretch of one side, between two depths in metres."""

    kind: PlotKind
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the street: -1 left or +1 right, the pavement's width in metres, and its plots, near ones first."""

    sign: int
    pavement: float
    plots: tuple[Plot, ...]


@dataclass(frozen=True, slots=True)
class Street:
    """A straight street: half the road's width in metres, its sides, and whether junctions have zebra crossings."""

    half_width: float
    sides: tuple[Side, Side]
    zebra: bool

    def facade(self, side: Side) -> float:
        """Signed distance in metres of a side's facades from the middle of the road."""
        return side.sign * (self.half_width + side.pavement)

    def junctions(self) -> Iterator[Plot]:
        """Side streets of both sides."""
        return (plot for side in self.sides for plot in side.plots if plot.kind is PlotKind.JUNCTION)


def draw_street(rng: Rng) -> Street:
    """A street from a quiet lane to an avenue, in a town or along a park."""
    green = pick(rng, (0.1, 0.1, 0.35, 0.7))
    left, right = (_side(rng, sign, green) for sign in (-1, 1))
    return Street(between(rng, 3.4, 6.2), (left, right), chance(rng, 0.6))


def _side(rng: Rng, sign: int, green: float) -> Side:
    plots: list[Plot] = []
    start = between(rng, -8.0, 3.0)
    while start < FAR:
        plot = _plot(rng, start, green, after=plots[-1].kind if plots else None)
        plots.append(plot)
        start = plot.end
    return Side(sign, between(rng, 1.8, 4.2), tuple(plots))


def _plot(rng: Rng, start: float, green: float, after: PlotKind | None) -> Plot:
    if after is PlotKind.BUILDING and start > 12 and chance(rng, 0.2):
        return Plot(PlotKind.JUNCTION, start, start + between(rng, 6.0, 10.0))
    if chance(rng, green):
        return Plot(PlotKind.PARK, start, start + between(rng, 14.0, 40.0))
    return Plot(PlotKind.BUILDING, start, start + between(rng, 8.0, 20.0))
