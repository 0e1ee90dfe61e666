"""Cars and vans: a back or front that faces the camera, and the flank that is seen beside it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, chance, pick, rgb, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["Car", "draw_car"]

PAINTS = (
    (0.72, 0.10, 0.10), (0.12, 0.20, 0.48), (0.82, 0.83, 0.84), (0.10, 0.10, 0.12),
    (0.46, 0.48, 0.50), (0.30, 0.36, 0.30), (0.86, 0.72, 0.18), (0.58, 0.52, 0.44),
)  # fmt: skip
GLASS = rgb(0.13, 0.16, 0.20)
TYRE = rgb(0.06, 0.06, 0.07)


@dataclass(frozen=True, slots=True)
class Car:
    """A car whose nearer end stands at `depth`, its middle `x` metres right; sizes in metres.

    `belt` is the height at which the windows begin; the cabin reaches from `cabin[0]` to `cabin[1]` of the length.
    """

    x: float
    depth: float
    length: float
    width: float
    height: float
    belt: float
    cabin: tuple[float, float]
    colour: Array
    oncoming: bool
    lamps: bool

    def paint(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        """Shadow, flank, then the nearer end."""
        self._paint_shadow(canvas, camera)
        edge = self.x - self.width / 2 if self.x > camera.offset else self.x + self.width / 2
        if (edge - camera.offset) * (self.x - camera.offset) > 0:
            self._paint_flank(canvas, camera, weather, edge)
        self._paint_end(canvas, camera, weather)

    def _paint_shadow(self, canvas: Canvas, camera: Camera) -> None:
        near, far = self.depth - 0.15, self.depth + self.length
        half = self.width / 2 + 0.12
        left, right = camera.column(self.x - half, near), camera.column(self.x + half, near)
        window = canvas.window(camera.row(0, far), camera.row(0, near), left, right)
        if window is None:
            return
        z = camera.focal * camera.eye / np.maximum(window.rows - np.float32(camera.horizon), 0.25)
        x = camera.metres_right(window.columns, z)
        canvas.darken(window, (np.abs(x - np.float32(self.x)) < half) & (z > near) & (z < far), 0.42)

    def _paint_flank(self, canvas: Canvas, camera: Camera, weather: Weather, edge: float) -> None:
        near, far = camera.column(edge, self.depth), camera.column(edge, self.depth + self.length)
        top = min(camera.row(self.height, self.depth), camera.row(self.height, self.depth + self.length))
        window = canvas.window(top, camera.row(0, self.depth), near, far)
        if window is None:
            return
        z = np.clip(camera.depth_beside(window.columns, edge), self.depth, self.depth + self.length)
        y = camera.metres_up(window.rows, z)
        t = (z - np.float32(self.depth)) / np.float32(self.length)
        rise = np.clip((y - np.float32(self.belt)) / np.float32(self.height - self.belt), 0, 1)
        start, end = (
            np.float32(self.cabin[0]) + rise * np.float32(0.06),
            np.float32(self.cabin[1]) - rise * np.float32(0.14),
        )
        cabin = (y >= self.belt) & (y < self.height) & (t > start) & (t < end)
        body = (y > 0.26) & (y < self.belt)
        wheels = self._wheels(t, y)
        shade = np.where(y < 0.55, np.float32(0.62), np.float32(0.84))
        side = 1.0 if self.x < camera.offset else -1.0
        paint = self.colour * shade * np.float32(1.1 if side == weather.sun else 0.95)
        canvas.paint(window, body | cabin, weather.seen(paint, self.depth), Label.CAR)
        pillar = np.abs(t - np.float32(0.52 * self.cabin[0] + 0.48 * self.cabin[1])) < 0.022
        glass = cabin & (rise > 0.1) & (rise < 0.86) & (t > start + 0.03) & (t < end - 0.03) & ~pillar
        canvas.tint(window, glass, weather.seen(GLASS, self.depth))
        canvas.paint(window, wheels, weather.seen(TYRE, self.depth), Label.CAR)

    def _wheels(self, t: Array, y: Array) -> npt.NDArray[np.bool_]:
        along = np.minimum(np.abs(t - np.float32(0.19)), np.abs(t - np.float32(0.81))) * np.float32(self.length)
        up = y - np.float32(0.32)
        return np.asarray(along * along + up * up < 0.105)

    def _paint_end(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        half = self.width / 2
        left, right = camera.column(self.x - half, self.depth), camera.column(self.x + half, self.depth)
        window = canvas.window(camera.row(self.height, self.depth), camera.row(0, self.depth), left, right)
        if window is None:
            return
        u = np.abs(camera.metres_right(window.columns, self.depth) - np.float32(self.x)) / np.float32(half)
        y = camera.metres_up(window.rows, self.depth)
        rise = (y - np.float32(self.belt)) / np.float32(self.height - self.belt)
        slim = np.float32(1.0) - np.clip(rise, 0, 1) * np.float32(0.26)
        body = (y > 0.26) & (y < self.height) & (u < slim)
        shade = np.where(y < 0.5, np.float32(0.5), np.float32(0.92)) + np.clip(rise, 0, 1) * np.float32(0.1)
        canvas.paint(window, body, weather.seen(self.colour * shade, self.depth), Label.CAR)
        canvas.paint(window, (y < 0.27) & (y > 0) & (u > 0.6) & (u < 0.94), weather.seen(TYRE, self.depth), Label.CAR)
        canvas.tint(window, body & (rise > 0.1) & (rise < 0.84) & (u < slim - 0.14), weather.seen(GLASS, self.depth))
        glow = rgb(0.96, 0.95, 0.82) if self.oncoming else rgb(0.78, 0.06, 0.05)
        lights = (u > 0.64) & (u < 0.95) & (rise < -0.12) & (rise > -0.52)
        canvas.tint(window, lights, glow if self.lamps else weather.seen(glow * 0.8, self.depth))
        plate = (u < 0.28) & (y > 0.46) & (y < 0.60)
        canvas.tint(window, plate, weather.seen(rgb(0.88, 0.86, 0.74), self.depth))


def draw_car(rng: Rng, x: float, depth: float, weather: Weather, *, oncoming: bool) -> Car:
    """A small car, a saloon, an estate or a van."""
    kind = int(between(rng, 0, 4))
    length, height = ((3.6, 1.45), (4.4, 1.42), (4.5, 1.5), (5.2, 2.2))[kind]
    scale = between(rng, 0.95, 1.06)
    return Car(
        x=x,
        depth=depth,
        length=length * scale,
        width=between(rng, 1.65, 1.85) + (0.2 if kind == 3 else 0.0),
        height=height * scale,
        belt=height * scale * (0.52 if kind == 3 else 0.6),
        cabin=((0.02, 0.80), (0.20, 0.78), (0.02, 0.80), (0.0, 0.94))[kind],
        colour=vary(rng, pick(rng, PAINTS), 0.06),
        oncoming=oncoming,
        lamps=chance(rng, weather.lamps),
    )
