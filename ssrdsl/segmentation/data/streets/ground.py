"""The ground plane: road, pavements, grass, side streets, markings and the shadow of the houses."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas, Window
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, chance, fraction, lookup, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.street import FAR, Plot, PlotKind, Side, Street
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["paint_ground"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Plane:
    """The ground's pixels and where they lie: metres right of the middle `x` [h, w], depth `z` [h, 1].

    `fine` and `coarse` are textures 0..1 in the plane, [h, w].
    """

    window: Window
    x: Array
    z: Array
    fine: Array
    coarse: Array

    def within(self, plots: Iterable[Plot], *, shrunk: float = 0.0) -> Mask:
        """Rows [h, 1] whose depth lies in one of the plots, each made shorter at both ends by some metres."""
        mask = np.zeros(self.z.shape, dtype=np.bool_)
        for plot in plots:
            mask |= (self.z >= plot.start + shrunk) & (self.z < plot.end - shrunk)
        return mask


def paint_ground(canvas: Canvas, camera: Camera, street: Street, weather: Weather, rng: Rng) -> None:
    """Paint everything that lies flat, from the horizon down."""
    height, width = canvas.labels.shape
    window = canvas.window(camera.horizon + 0.5, height, 0, width)
    if window is None:
        return
    z = np.asarray(camera.focal * camera.eye / np.maximum(window.rows - camera.horizon, 0.25), dtype=np.float32)
    x = camera.metres_right(window.columns, z)
    plane = _Plane(window, x, z, fine=lookup(x, z, cells=2), coarse=lookup(x, z, cells=4))
    # Road and pavement are drawn from the same greys: which is which follows from where it lies.
    greys = [vary(rng, (0.36, 0.36, 0.38), 0.12), vary(rng, (0.50, 0.48, 0.47), 0.14)]
    road, pavement = greys if chance(rng, 0.8) else reversed(greys)
    canvas.paint(window, np.ones(plane.x.shape, dtype=np.bool_), _grained(road, _asphalt(plane)), Label.ROAD)
    for side in street.sides:
        _paint_pavement(canvas, plane, street, side, pavement, rng)
        _paint_grass(canvas, plane, street, side, rng)
        _paint_junctions(canvas, plane, street, side, road)
    _paint_markings(canvas, plane, street, rng)
    _cast_shadow(canvas, plane, street, weather, rng)
    seen = canvas.seen_in(window)
    seen[...] = weather.seen(seen, z)


def _grained(colour: Array, grain: Array) -> Array:
    """The colour made darker and lighter by a grain in 0..1; 0.5 leaves it as it is."""
    return np.asarray(colour * (np.float32(0.78) + np.float32(0.44) * grain), dtype=np.float32)


def _asphalt(plane: _Plane) -> Array:
    """Coarse patches along the way and fine speckle."""
    patches = lookup(plane.x * np.float32(0.5), plane.z * np.float32(0.12), cells=4)
    return patches * np.float32(0.6) + plane.fine * np.float32(0.4)


def _paint_pavement(canvas: Canvas, plane: _Plane, street: Street, side: Side, colour: Array, rng: Rng) -> None:
    beyond = plane.x * side.sign - np.float32(street.half_width)
    slab = np.float32(between(rng, 0.6, 1.2))
    # Joints across the way are drawn only where they are wider than a pixel.
    joints = (fraction(plane.x / slab) < 0.06) | ((fraction(plane.z / slab) < 0.07) & (plane.z < 22))
    grain = np.where(joints, plane.coarse * np.float32(0.45), plane.coarse)
    canvas.paint(plane.window, beyond > 0, _grained(colour, grain), Label.PAVEMENT)
    canvas.tint(plane.window, (beyond > 0) & (beyond < 0.22), colour * 0.4 + 0.40)


def _paint_grass(canvas: Canvas, plane: _Plane, street: Street, side: Side, rng: Rng) -> None:
    """Lawns of the parks, and fields where the street ends."""
    colour = vary(rng, (0.30, 0.42, 0.16), 0.06)
    green = plane.within(plot for plot in side.plots if plot.kind is PlotKind.PARK) | (plane.z >= FAR)
    mask = (plane.x * side.sign > abs(street.facade(side))) & green
    canvas.paint(plane.window, mask, _grained(colour, plane.fine), Label.VEGETATION)


def _paint_junctions(canvas: Canvas, plane: _Plane, street: Street, side: Side, colour: Array) -> None:
    # Its own pavements take a metre and a half on both sides of the side street.
    crossing = plane.within((plot for plot in side.plots if plot.kind is PlotKind.JUNCTION), shrunk=1.5)
    if crossing.any():
        mask = (plane.x * side.sign >= street.half_width - 0.1) & crossing
        canvas.paint(plane.window, mask, _grained(colour, _asphalt(plane)), Label.ROAD)


def _paint_markings(canvas: Canvas, plane: _Plane, street: Street, rng: Rng) -> None:
    worn = plane.fine > between(rng, 0.15, 0.42)
    dashes = fraction(plane.z / np.float32(between(rng, 3.0, 7.0))) < 0.55
    across = np.abs(plane.x)
    marks = (across < 0.09) & dashes
    if chance(rng, 0.4):
        marks |= np.abs(across - np.float32(street.half_width - 0.35)) < 0.07
    if street.zebra:
        stripes = (across < street.half_width - 0.3) & (fraction(plane.x) < 0.5)
        for plot in street.junctions():
            crossing = (plane.z > plot.start - 3.2) & (plane.z < plot.start - 0.4)
            marks = np.where(crossing, stripes, marks)
    canvas.tint(plane.window, marks & worn, vary(rng, (0.86, 0.86, 0.82), 0.06))


def _cast_shadow(canvas: Canvas, plane: _Plane, street: Street, weather: Weather, rng: Rng) -> None:
    """Houses on the sun's side darken the pavement before them and part of the road."""
    if weather.sun == 0:
        return
    side = next(side for side in street.sides if side.sign == weather.sun)
    shaded = plane.x * side.sign > between(rng, -0.3, 1.0) * street.half_width
    houses = plane.within(plot for plot in side.plots if plot.kind is PlotKind.BUILDING)
    canvas.darken(plane.window, shaded & houses, weather.shade)
