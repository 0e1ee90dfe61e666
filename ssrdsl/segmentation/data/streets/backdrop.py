"""What lies behind the street: sky with clouds, and a hazy skyline at its end."""

import numpy as np

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, chance, lookup, lookup_smooth, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["paint_sky", "paint_skyline"]


def paint_sky(canvas: Canvas, camera: Camera, weather: Weather, rng: Rng) -> None:
    """A gradient from zenith to skyline with clouds that grow flatter towards the horizon."""
    height, width = canvas.labels.shape
    window = canvas.window(0, min(height, camera.horizon + 1), 0, width)
    if window is None:
        return
    up = np.clip(1 - window.rows / np.float32(camera.horizon), 0, 1)
    share = up * (2 - up)
    clear = weather.skyline * (1 - share) + weather.zenith * share
    veil = _clouds(up, (window.columns - camera.vanishing) / camera.focal, weather.clouds, rng)
    white = weather.skyline * np.float32(0.35) + np.float32(0.62)
    canvas.tint(window, np.ones(veil.shape, dtype=np.bool_), clear * (1 - veil) + white * veil)


def _clouds(up: Array, across: Array, cover: float, rng: Rng) -> Array:
    """Share of cloud 0..1 per pixel: a texture on a plane high above, thinning out at the horizon."""
    distance = 1 / (up + np.float32(0.22))
    y = np.asarray(distance * 0.36 + between(rng, 0, 8), dtype=np.float32)
    x = np.asarray(across * distance * 0.30 + between(rng, 0, 8), dtype=np.float32)
    body = lookup_smooth(y, x, cells=4) - np.float32(0.74 - 0.3 * cover)
    return np.asarray(np.clip(body * np.float32(4.5), 0, 0.9) * np.clip(up * 4, 0, 1), dtype=np.float32)


def paint_skyline(canvas: Canvas, camera: Camera, weather: Weather, rng: Rng) -> None:
    """Distant houses and tree tops in one row along the horizon."""
    width = canvas.labels.shape[1]
    left = -between(rng, 0, 0.04) * width
    while left < width:
        wide = between(rng, 0.04, 0.10) * width
        _paint_block(canvas, camera, weather, rng, left, wide)
        left += wide * between(rng, 0.5, 1.0)


def _paint_block(canvas: Canvas, camera: Camera, weather: Weather, rng: Rng, left: float, wide: float) -> None:
    depth, wooded = between(rng, 180, 300), chance(rng, 0.5)
    top = camera.row(between(rng, 5, 11) if wooded else between(rng, 6, 24), depth)
    colour = weather.seen(vary(rng, (0.20, 0.32, 0.16) if wooded else (0.52, 0.47, 0.44), 0.08), depth)
    window = canvas.window(top, camera.horizon + 1, left, left + wide)
    if window is None:
        return
    ragged = lookup(window.columns * 0, window.columns / np.float32(wide), cells=2) if wooded else window.columns * 0
    mask = window.rows - np.float32(top) > ragged * np.float32(0.7 * (camera.horizon - top))
    canvas.paint(window, mask, colour, Label.VEGETATION if wooded else Label.BUILDING)
