"""People on foot."""

from dataclasses import dataclass

import numpy as np

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, chance, pick, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["Person", "draw_person"]

SKINS = ((0.86, 0.68, 0.56), (0.62, 0.44, 0.32), (0.38, 0.26, 0.20))
HAIRS = ((0.10, 0.08, 0.07), (0.36, 0.24, 0.14), (0.62, 0.52, 0.34), (0.56, 0.56, 0.56))
# The last cloths have the colours of walls and roads.
CLOTHS = (
    (0.76, 0.16, 0.18), (0.16, 0.26, 0.52), (0.10, 0.10, 0.12), (0.84, 0.82, 0.78), (0.22, 0.42, 0.30),
    (0.84, 0.62, 0.20), (0.38, 0.38, 0.40), (0.58, 0.46, 0.38),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A standing or walking person; `x`, `depth` and `height` in metres, `stride` is how far the feet are apart."""

    x: float
    depth: float
    height: float
    stride: float
    skin: Array
    hair: Array
    coat: Array
    trousers: Array
    skirt: bool

    def paint(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        """Feet on the ground; all parts in shares of the height."""
        half = self.height * 0.3
        left, right = camera.column(self.x - half, self.depth), camera.column(self.x + half, self.depth)
        window = canvas.window(camera.row(self.height, self.depth), camera.row(-0.05, self.depth), left, right)
        if window is None:
            return
        # A limb is never thinner than a fine pixel.
        pixel = self.depth / (camera.focal * self.height)
        u = (camera.metres_right(window.columns, self.depth) - np.float32(self.x)) / np.float32(self.height)
        v = camera.metres_up(window.rows, self.depth) / np.float32(self.height)
        canvas.darken(window, (u * u / 0.05 + v * v / 0.0012 < 1), 0.6)
        leg = np.abs(np.abs(u) - np.float32(self.stride) * (np.float32(0.5) - v)) < max(0.05, pixel * 0.8)
        if self.skirt:
            leg |= (v > 0.26) & (np.abs(u) < np.float32(0.19) - np.float32(0.2) * v)
        sides = np.float32(0.145) - np.abs(v - np.float32(0.72)) * np.float32(0.14)
        torso = (v >= 0.46) & (v < 0.845) & (np.abs(u) < sides)
        head = u * u * np.float32(1.25) + (v - np.float32(0.92)) * (v - np.float32(0.92)) < max(0.0049, pixel * pixel)
        hair = head & ((v > 0.945) | (u * np.float32(self.stride - 0.1) > 0.004))
        for mask, colour in ((leg & (v > 0) & (v < 0.5), self.trousers), (torso, self.coat), (head, self.skin)):
            canvas.paint(window, mask, weather.seen(colour, self.depth), Label.PERSON)
        canvas.tint(window, torso & (u > 0.06), weather.seen(self.coat * np.float32(0.72), self.depth))
        canvas.tint(window, hair, weather.seen(self.hair, self.depth))


def draw_person(rng: Rng, x: float, depth: float) -> Person:
    """An adult or, one time in six, a child."""
    return Person(
        x=x,
        depth=depth,
        height=between(rng, 1.05, 1.4) if chance(rng, 1 / 6) else between(rng, 1.58, 1.92),
        stride=between(rng, 0.08, 0.26),
        skin=vary(rng, pick(rng, SKINS), 0.03),
        hair=vary(rng, pick(rng, HAIRS), 0.03),
        coat=vary(rng, pick(rng, CLOTHS), 0.07),
        trousers=vary(rng, pick(rng, CLOTHS[1:]), 0.06) * np.float32(0.8),
        skirt=chance(rng, 0.25),
    )
