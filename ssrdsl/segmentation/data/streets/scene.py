"""A whole scene: the plan of a street, who and what is on it, painted from far to near."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.backdrop import paint_sky, paint_skyline
from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas
from ssrdsl.segmentation.data.streets.cars import draw_car
from ssrdsl.segmentation.data.streets.chance import Rng, between, chance, pick
from ssrdsl.segmentation.data.streets.facades import paint_plots
from ssrdsl.segmentation.data.streets.ground import paint_ground
from ssrdsl.segmentation.data.streets.people import draw_person
from ssrdsl.segmentation.data.streets.poles import PoleKind, draw_pole
from ssrdsl.segmentation.data.streets.street import PlotKind, Side, Street, draw_street
from ssrdsl.segmentation.data.streets.trees import draw_tree
from ssrdsl.segmentation.data.streets.weather import Weather, draw_weather, expose

__all__ = ["draw_scene"]

FINE = 2
"""Painted pixels per final pixel along each side."""


class _Thing(Protocol):
    @property
    def depth(self) -> float: ...

    def paint(self, canvas: Canvas, camera: Camera, weather: Weather) -> None: ...


def draw_scene(seed: tuple[int, ...], height: int, width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """A picture, uint8 RGB [height, width, 3], with its labels, uint8 [height, width].

    The same seed gives the same scene on every machine. Another size shows the same street in another frame.
    """
    rng = np.random.default_rng(seed)
    weather, street = draw_weather(rng), draw_street(rng)
    camera = _camera(rng, street, height, width)
    things = sorted(_things(rng, street, weather), key=lambda thing: -thing.depth)
    canvas = Canvas.blank(height * FINE, width * FINE)
    paint_sky(canvas, camera, weather, rng)
    paint_skyline(canvas, camera, weather, rng)
    paint_ground(canvas, camera, street, weather, rng)
    paint_plots(canvas, camera, street, weather, rng)
    for thing in things:
        thing.paint(canvas, camera, weather)
    return expose(rng, canvas.colours, FINE, weather.noise), canvas.labels[FINE - 1 :: FINE, FINE - 1 :: FINE].copy()


def _camera(rng: Rng, street: Street, height: int, width: int) -> Camera:
    """In the right lane of the road, looking ahead."""
    span = max(height * 1.7, float(width)) * FINE
    return Camera(
        focal=span * between(rng, 0.55, 0.78),
        horizon=height * FINE * between(rng, 0.36, 0.50),
        vanishing=width * FINE * between(rng, 0.36, 0.62),
        eye=between(rng, 1.35, 1.9),
        offset=street.half_width * between(rng, 0.15, 0.5),
        fine=FINE,
    )


def _things(rng: Rng, street: Street, weather: Weather) -> Iterator[_Thing]:
    yield from _driving(rng, street, weather)
    for side in street.sides:
        yield from _parked(rng, street, side, weather)
        yield from _planted(rng, street, side)
        yield from _standing(rng, street, side, weather)
        yield from _walking(rng, street, side)
    yield from _crossing(rng, street)


def _driving(rng: Rng, street: Street, weather: Weather) -> Iterator[_Thing]:
    lane = street.half_width * 0.45
    for sign, oncoming in ((1, False), (-1, True)):
        depth = between(rng, 9, 40)
        while depth < 80 and chance(rng, 0.6):
            yield draw_car(rng, sign * lane + between(rng, -0.3, 0.3), depth, weather, oncoming=oncoming)
            depth += between(rng, 10, 40)


def _parked(rng: Rng, street: Street, side: Side, weather: Weather) -> Iterator[_Thing]:
    if street.half_width < 4.2 or chance(rng, 0.3):
        return
    crowd, depth = between(rng, 0.2, 0.9), between(rng, 4.5, 14)
    while depth < 60:
        if chance(rng, crowd) and not _near_junction(side, depth, depth + 5):
            x = side.sign * (street.half_width - 1.0)
            yield draw_car(rng, x, depth, weather, oncoming=side.sign < 0)
        depth += between(rng, 5.6, 8.5)


def _planted(rng: Rng, street: Street, side: Side) -> Iterator[_Thing]:
    if side.pavement < 2.2 or chance(rng, 0.45):
        return
    depth, step = between(rng, 5, 16), between(rng, 8, 16)
    while depth < 80:
        if not _near_junction(side, depth, depth):
            yield draw_tree(rng, side.sign * (street.half_width + 0.9), depth)
        depth += step * between(rng, 0.85, 1.15)


def _standing(rng: Rng, street: Street, side: Side, weather: Weather) -> Iterator[_Thing]:
    kerb = side.sign * (street.half_width + 0.4)
    depth, step = between(rng, 4, 20), between(rng, 16, 32)
    while depth < 80:
        yield draw_pole(rng, PoleKind.LAMP, kerb, depth, weather)
        depth += step
    for _ in range(int(between(rng, 0, 5))):
        kind = pick(rng, (PoleKind.SIGN, PoleKind.SIGN, PoleKind.BOLLARD))
        yield draw_pole(rng, kind, kerb + side.sign * between(rng, 0, 0.4), between(rng, 5, 50), weather)
    for plot in side.plots:
        if plot.kind is PlotKind.JUNCTION and plot.start < 70:
            yield draw_pole(rng, PoleKind.SIGNAL, kerb, plot.start - 0.2, weather)


def _walking(rng: Rng, street: Street, side: Side) -> Iterator[_Thing]:
    for _ in range(int(between(rng, 0, 8))):
        x = side.sign * (street.half_width + between(rng, 0.6, side.pavement - 0.3))
        # Squared, so that most are nearby and some are specks.
        share = between(rng, 0, 1)
        yield draw_person(rng, x, 5 + 55 * share * share)


def _crossing(rng: Rng, street: Street) -> Iterator[_Thing]:
    depths = [plot.start - between(rng, 0.8, 2.8) for plot in street.junctions() if plot.start < 60]
    for depth in depths if street.zebra else depths[:1]:
        if chance(rng, 0.6):
            yield draw_person(rng, between(rng, -0.9, 0.9) * street.half_width, depth)


def _near_junction(side: Side, start: float, end: float) -> bool:
    return any(plot.kind is PlotKind.JUNCTION and plot.start - 5 < end and start < plot.end + 1 for plot in side.plots)
