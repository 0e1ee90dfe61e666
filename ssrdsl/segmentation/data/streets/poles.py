"""Poles along the kerb: street lamps, traffic signs, traffic lights and bollards, plates and arms included."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, pick, rgb, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["Pole", "PoleKind", "draw_pole"]

SIGNS = ((0.80, 0.10, 0.10), (0.10, 0.26, 0.66), (0.92, 0.78, 0.14))


class PoleKind(Enum):
    """What the pole carries."""

    LAMP = "lamp"
    SIGN = "sign"
    SIGNAL = "signal"
    BOLLARD = "bollard"


@dataclass(frozen=True, slots=True)
class Pole:
    """A pole `x` metres right and `depth` ahead, height and radius in metres; `inward` is the side of the road."""

    kind: PoleKind
    x: float
    depth: float
    height: float
    radius: float
    inward: int
    colour: Array
    plate: Array
    lit: bool

    def paint(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        """The shaft, then what it carries."""
        # At least as wide as a pixel of the final picture, or far poles would come and go with its grid.
        radius = max(self.radius, 0.52 * camera.fine * self.depth / camera.focal)
        shaft = self.colour * np.float32(weather.on_side(self.inward))
        self._rectangle(canvas, camera, weather, (-radius, radius), (0.0, self.height), shaft)
        if self.kind is PoleKind.LAMP:
            self._paint_arm(canvas, camera, weather, radius)
        elif self.kind is PoleKind.SIGN:
            self._paint_plate(canvas, camera, weather)
        elif self.kind is PoleKind.SIGNAL:
            self._paint_signal(canvas, camera, weather)

    def _rectangle(
        self,
        canvas: Canvas,
        camera: Camera,
        weather: Weather,
        across: tuple[float, float],
        up: tuple[float, float],
        colour: Array,
    ) -> None:
        """A filled rectangle, in metres from the foot of the pole."""
        left, right = (camera.column(self.x + x, self.depth) for x in across)
        top, bottom = camera.row(up[1], self.depth), camera.row(up[0], self.depth)
        window = canvas.window(top, bottom, left, right)
        if window is None:
            return
        mask = (window.columns > left) & (window.columns <= right) & (window.rows > top) & (window.rows <= bottom)
        canvas.paint(window, mask, weather.seen(colour, self.depth), Label.POLE)

    def _paint_arm(self, canvas: Canvas, camera: Camera, weather: Weather, radius: float) -> None:
        low, high = sorted((0.0, self.inward * 1.7))
        self._rectangle(canvas, camera, weather, (low, high), (self.height - 2 * radius, self.height), self.colour)
        low, high = sorted((self.inward * 1.0, self.inward * 1.9))
        glow = rgb(1.3, 1.2, 0.86) if self.lit else self.colour + 0.3
        self._rectangle(canvas, camera, weather, (low, high), (self.height - 0.3, self.height + 0.02), glow)

    def _paint_plate(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        size = max(0.36, 0.8 * camera.fine * self.depth / camera.focal)
        middle = self.height - 0.1
        left, right = camera.column(self.x - size, self.depth), camera.column(self.x + size, self.depth)
        window = canvas.window(
            camera.row(middle + size, self.depth), camera.row(middle - size, self.depth), left, right
        )
        if window is None:
            return
        u = (camera.metres_right(window.columns, self.depth) - np.float32(self.x)) / np.float32(size)
        v = (camera.metres_up(window.rows, self.depth) - np.float32(middle)) / np.float32(size)
        mask = self._shape(u, v, 1.0)
        canvas.paint(window, mask, weather.seen(self.plate, self.depth), Label.POLE)
        inner = rgb(0.90, 0.90, 0.88)
        canvas.tint(window, self._shape(u, v, 0.6), weather.seen(inner, self.depth))

    def _shape(self, u: Array, v: Array, size: float) -> npt.NDArray[np.bool_]:
        """A disc, a square or a triangle, by the height of the pole so that it needs no further draw."""
        which = int(self.height * 1000) % 3
        if which == 0:
            return np.asarray(u * u + v * v < size * size)
        if which == 1:
            return np.asarray(np.maximum(np.abs(u), np.abs(v)) < size * 0.86)
        return np.asarray((v > -0.7 * size) & (np.abs(u) * np.float32(1.7) + v < size * 0.95))

    def _paint_signal(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        dark = rgb(0.08, 0.09, 0.09)
        self._rectangle(canvas, camera, weather, (-0.2, 0.2), (self.height - 0.95, self.height + 0.05), dark)
        lamp, level = pick_lamp(int(self.height * 1000))
        high = self.height - 0.08 - 0.3 * level
        bright = rgb(*lamp) * np.float32(1.2)
        self._rectangle(canvas, camera, weather, (-0.12, 0.12), (high - 0.24, high), bright)


def pick_lamp(number: int) -> tuple[tuple[float, float, float], int]:
    """Colour of the lamp that shines, and its place from the top."""
    return (((0.95, 0.10, 0.08), 0), ((0.98, 0.66, 0.10), 1), ((0.15, 0.88, 0.42), 2))[number % 3]


def draw_pole(rng: Rng, kind: PoleKind, x: float, depth: float, weather: Weather) -> Pole:
    """A pole beside the road; `x` is negative on the left side."""
    low, high = {"lamp": (5.0, 8.0), "sign": (2.2, 2.9), "signal": (3.0, 3.6), "bollard": (0.8, 1.1)}[kind.value]
    return Pole(
        kind=kind,
        x=x,
        depth=depth,
        height=between(rng, low, high),
        radius=between(rng, 0.05, 0.10),
        inward=1 if x < 0 else -1,
        colour=vary(rng, pick(rng, ((0.30, 0.31, 0.32), (0.56, 0.57, 0.58), (0.20, 0.26, 0.22))), 0.05),
        plate=vary(rng, pick(rng, SIGNS), 0.05),
        lit=between(rng, 0, 1) < weather.lamps,
    )
