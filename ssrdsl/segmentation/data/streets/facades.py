"""Houses along the street: fronts with floors, windows and shops, and gable ends that face the camera."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas, Window
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, chance, fraction, lookup, pick, rgb, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.street import Plot, PlotKind, Side, Street
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["paint_plots"]

WALLS = (
    (0.56, 0.31, 0.24),
    (0.72, 0.62, 0.46),
    (0.80, 0.76, 0.68),
    (0.50, 0.50, 0.52),
    (0.64, 0.44, 0.34),
    (0.42, 0.37, 0.36),
)
NEAR = 0.6
"""Depth in metres in front of the camera at which walls are cut."""


@dataclass(frozen=True, slots=True)
class _House:
    """Height, floor height and window spacing in metres; colours; how wide windows are (share); lit windows (share)."""

    height: float
    floor: float
    bay: float
    wall: Array
    trim: Array
    glass: Array
    opening: float
    lit: float
    shop: bool
    shift: float


def paint_plots(canvas: Canvas, camera: Camera, street: Street, weather: Weather, rng: Rng) -> None:
    """Everything upright at the edge of the pavements, far plots first."""
    for side in street.sides:
        houses = [_draw_house(rng, weather) if plot.kind is PlotKind.BUILDING else None for plot in side.plots]
        for plot, house, nearer in reversed(list(zip(side.plots, houses, [None, *houses], strict=False))):
            if house is not None:
                gable = plot.start > NEAR and (nearer is None or nearer.height < house.height)
                _paint_house(canvas, camera, street.facade(side), plot, side, weather, house, gable=gable)
            elif plot.kind is PlotKind.PARK:
                _paint_grove(canvas, camera, street.facade(side), plot, side, weather, rng)


def _draw_house(rng: Rng, weather: Weather) -> _House:
    floor = between(rng, 2.9, 3.7)
    reflecting = chance(rng, 0.35)
    glass = weather.skyline * 0.75 if reflecting else rgb(0.16, 0.19, 0.24)
    wall = vary(rng, pick(rng, WALLS), 0.08)
    return _House(
        height=floor * int(between(rng, 2, 7)) + between(rng, 0.4, 1.4),
        floor=floor,
        bay=between(rng, 1.7, 3.4),
        wall=wall,
        trim=np.clip(wall * 0.6 + 0.34, 0, 1) if chance(rng, 0.6) else wall * np.float32(0.7),
        glass=glass,
        opening=between(rng, 0.36, 0.72),
        lit=weather.lamps * between(rng, 0.2, 0.9),
        shop=chance(rng, 0.45),
        shift=between(rng, 0, 8),
    )


def _paint_house(
    canvas: Canvas,
    camera: Camera,
    x: float,
    plot: Plot,
    side: Side,
    weather: Weather,
    house: _House,
    *,
    gable: bool,
) -> None:
    if gable:
        _paint_gable(canvas, camera, x, plot.start, side, house, weather)
    near, far = max(plot.start, NEAR), max(plot.end, NEAR)
    window = _wall_window(canvas, camera, x, near, far, house.height)
    if window is None:
        return
    z = np.clip(camera.depth_beside(window.columns, x), near, far)
    y = camera.metres_up(window.rows, z)
    mask = (y > 0) & (y < house.height)
    colour = _front(house, y, z, weather.on_side(side.sign))
    canvas.paint(window, mask, weather.seen(colour, z), Label.BUILDING)
    _light_windows(canvas, window, mask, house, y, z)


def _wall_window(canvas: Canvas, camera: Camera, x: float, near: float, far: float, height: float) -> Window | None:
    """The canvas' part that holds an upright wall along the street."""
    if far <= near:
        return None
    left, right = sorted((camera.column(x, near), camera.column(x, far)))
    return canvas.window(camera.row(height, near), camera.row(0, near), left, right - 1)


def _front(house: _House, y: Array, z: Array, light: float) -> Array:
    """Colours [h, w, 3] of a front at heights y and places z along it, in metres."""
    grain = lookup(y * np.float32(0.5), z * np.float32(0.5) + np.float32(house.shift), cells=2)
    colour = house.wall * (np.float32(0.84) + np.float32(0.32) * grain)
    floors, bays = y / np.float32(house.floor), z / np.float32(house.bay) + np.float32(house.shift)
    inside = _inside(floors, bays, house.opening)
    upper = y > house.floor if house.shop else y > 0.5
    colour = np.where((inside > -0.06) & upper, house.trim, colour)
    pane = house.glass * (np.float32(0.7) + np.float32(0.6) * lookup(np.floor(floors), np.floor(bays)))
    colour = np.where(((inside > 0) & upper), pane, colour)
    if house.shop:
        colour = _shop(house, colour, y, z)
    eaves = y > house.height - 0.45
    return np.asarray(np.where(eaves, house.trim * 0.8, colour) * np.float32(light), dtype=np.float32)


def _inside(floors: Array, bays: Array, opening: float) -> Array:
    """Signed distance into the windows, in shares of a bay: positive on glass, 0 at its edge."""
    up = np.float32(0.29) - np.abs(fraction(floors) - np.float32(0.56))
    along = np.float32(opening / 2) - np.abs(fraction(bays) - np.float32(0.5))
    return np.asarray(np.minimum(up, along), dtype=np.float32)


def _shop(house: _House, colour: Array, y: Array, z: Array) -> Array:
    """A ground floor of wide panes below a sign board."""
    pane = (y > 0.5) & (y < 2.2) & (np.abs(fraction(z / np.float32(house.bay * 1.7)) - np.float32(0.5)) < 0.42)
    board = (y > 2.35) & (y < 2.85)
    sign = np.roll(house.wall, 1, axis=0) * np.float32(0.9) + np.float32(0.08)
    colour = np.where(board, sign, colour)
    shown = np.float32(0.5) + lookup(y, z * np.float32(1.3), cells=8)
    return np.asarray(np.where(pane, house.glass * shown + np.float32(0.05), colour), dtype=np.float32)


def _light_windows(
    canvas: Canvas, window: Window, mask: npt.NDArray[np.bool_], house: _House, y: Array, z: Array
) -> None:
    if house.lit <= 0.05:
        return
    floors, bays = y / np.float32(house.floor), z / np.float32(house.bay) + np.float32(house.shift)
    chosen = lookup(np.floor(floors) * np.float32(0.37), np.floor(bays) * np.float32(0.61)) < house.lit * 0.6
    shining = mask & chosen & (_inside(floors, bays, house.opening) > 0) & (y > house.floor)
    canvas.tint(window, shining, rgb(0.98, 0.84, 0.52))


def _paint_gable(
    canvas: Canvas, camera: Camera, x: float, depth: float, side: Side, house: _House, weather: Weather
) -> None:
    """The end of a house that faces the camera: seen where the plot before it is open, or its house is lower."""
    outer = x + side.sign * 12
    window = canvas.window(
        camera.row(house.height, depth), camera.row(0, depth), camera.column(x, depth), camera.column(outer, depth)
    )
    if window is None:
        return
    across = camera.metres_right(window.columns, depth)
    y = camera.metres_up(window.rows, depth)
    mask = (y > 0) & (y < house.height) & ((across - np.float32(x)) * side.sign > 0)
    grain = lookup(y * np.float32(0.5), across * np.float32(0.5), cells=2)
    plaster = np.asarray(house.wall * (np.float32(0.72) + np.float32(0.3) * grain), dtype=np.float32)
    canvas.paint(window, mask, weather.seen(plaster, depth), Label.BUILDING)


def _paint_grove(canvas: Canvas, camera: Camera, x: float, plot: Plot, side: Side, weather: Weather, rng: Rng) -> None:
    """A hedge or a row of trees with a ragged top, some metres behind the pavement."""
    x += side.sign * between(rng, 0.5, 3.0)
    height = between(rng, 1.2, 2.2) if chance(rng, 0.35) else between(rng, 4.5, 10.0)
    near, far = max(plot.start, NEAR), max(plot.end, NEAR)
    window = _wall_window(canvas, camera, x, near, far, height)
    if window is None:
        return
    z = np.clip(camera.depth_beside(window.columns, x), near, far)
    y = camera.metres_up(window.rows, z)
    top = np.float32(height) * (np.float32(0.6) + np.float32(0.4) * lookup(z * 0, z * np.float32(0.12), cells=2))
    leaves = lookup(y * np.float32(0.5), z * np.float32(0.5), cells=2)
    mask = (y > 0) & (y + leaves * np.float32(0.14 * height) < top)
    green = vary(rng, (0.20, 0.33, 0.13), 0.07)
    depth_in_leaves = np.float32(0.45) + leaves * np.float32(0.7) + y / np.float32(height) * np.float32(0.35)
    colour = np.asarray(green * depth_in_leaves * weather.on_side(side.sign), dtype=np.float32)
    canvas.paint(window, mask, weather.seen(colour, z), Label.VEGETATION)
