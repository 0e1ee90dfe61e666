"""Street trees: a trunk, and a crown with holes through which one sees what is behind."""

from dataclasses import dataclass

import numpy as np

from ssrdsl.segmentation.data.streets.canvas import Camera, Canvas
from ssrdsl.segmentation.data.streets.chance import Array, Rng, between, chance, lookup, pick, vary
from ssrdsl.segmentation.data.streets.palette import Label
from ssrdsl.segmentation.data.streets.weather import Weather

__all__ = ["Tree", "draw_tree"]

LEAVES = ((0.20, 0.36, 0.12), (0.28, 0.42, 0.16), (0.16, 0.30, 0.14), (0.52, 0.40, 0.12), (0.56, 0.28, 0.12))


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree at `x` metres right and `depth` ahead; trunk height and radius, crown radius in metres."""

    x: float
    depth: float
    trunk: float
    radius: float
    crown: float
    bark: Array
    leaf: Array
    shift: float
    dense: float

    def paint(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        """Trunk first, crown over it."""
        self._paint_trunk(canvas, camera, weather)
        middle = self.trunk + self.crown * 0.72
        left, right = camera.column(self.x - self.crown, self.depth), camera.column(self.x + self.crown, self.depth)
        top, bottom = camera.row(middle + self.crown, self.depth), camera.row(middle - self.crown, self.depth)
        window = canvas.window(top, bottom, left, right)
        if window is None:
            return
        u = (camera.metres_right(window.columns, self.depth) - np.float32(self.x)) / np.float32(self.crown)
        v = (camera.metres_up(window.rows, self.depth) - np.float32(middle)) / np.float32(self.crown)
        boughs = lookup(v * np.float32(0.5) + np.float32(self.shift), u * np.float32(0.5), cells=4)
        twigs = lookup(v + np.float32(self.shift), u, cells=2)
        mask = boughs * np.float32(0.62) + twigs * np.float32(0.38) > (u * u + v * v) - np.float32(self.dense)
        mask &= u * u + v * v < 1
        lit = np.float32(0.62) + v * np.float32(0.22) - u * np.float32(0.16 * weather.sun) + twigs * np.float32(0.55)
        colour = self.leaf * (lit * (np.float32(0.62) + boughs * np.float32(0.7)))
        canvas.paint(window, mask, weather.seen(colour, self.depth), Label.VEGETATION)

    def _paint_trunk(self, canvas: Canvas, camera: Camera, weather: Weather) -> None:
        radius = max(self.radius, 0.52 * camera.fine * self.depth / camera.focal)
        left, right = camera.column(self.x - radius, self.depth), camera.column(self.x + radius, self.depth)
        bottom = camera.row(0, self.depth)
        window = canvas.window(camera.row(self.trunk + self.crown * 0.5, self.depth), bottom, left, right)
        if window is None:
            return
        mask = (window.columns > left) & (window.columns <= right) & (window.rows <= bottom)
        canvas.paint(window, mask, weather.seen(self.bark, self.depth), Label.VEGETATION)


def draw_tree(rng: Rng, x: float, depth: float) -> Tree:
    """A tree in leaf, in summer or autumn."""
    return Tree(
        x=x,
        depth=depth,
        trunk=between(rng, 1.6, 2.8),
        radius=between(rng, 0.10, 0.20),
        crown=between(rng, 1.2, 2.4),
        bark=vary(rng, (0.30, 0.25, 0.21) if chance(rng, 0.7) else (0.44, 0.42, 0.40), 0.05),
        leaf=vary(rng, pick(rng, (*LEAVES[:3], *LEAVES)), 0.05),
        shift=between(rng, 0, 8),
        dense=between(rng, 0.05, 0.4),
    )
