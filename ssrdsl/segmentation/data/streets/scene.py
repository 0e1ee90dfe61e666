"""A whole scene, painted from far to near."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets import things
from ssrdsl.segmentation.data.streets.canvas import FINE, Canvas, draw_light
from ssrdsl.segmentation.data.streets.chance import FloatArray, Rng, between
from ssrdsl.segmentation.data.streets.street import paint_street


def draw_scene(seed: tuple[int, ...], height: int, width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """A picture, uint8 RGB [height, width, 3], with its labels, uint8 [height, width].

    The same seed gives the same scene on every machine. Another size shows the same street in another frame.
    """
    rng = np.random.default_rng(seed)
    half, pavement = between(rng, 3.4, 6.2), between(rng, 1.8, 4.2)
    canvas = _draw_canvas(rng, half, height * FINE, width * FINE)
    paint_street(canvas, rng, half, half + pavement)
    rows = (  # with the place beside the road, the spread around it, the smallest and the largest spacing
        (things.paint_car, half * 0.45, 0.3, (14, 100)),
        (things.paint_car, half - 1, 0.1, (7, 150)),
        (things.paint_tree, half + 0.9, 0.1, (8, 70)),
        (things.paint_lamp, half + 0.4, 0.0, (16, 32)),
        (things.paint_sign, half + 0.4, 0.2, (12, 60)),
        (things.paint_person, half + pavement / 2, pavement / 2 - 0.3, (4, 20)),
        (things.paint_person, half / 2, half / 2, (20, 200)),
    )
    places = [
        (z, side * between(rng, x - spread, x + spread), paint)
        for side in (-1, 1) for paint, x, spread, spacing in rows for z in _depths(rng, *spacing)
    ]  # fmt: skip
    for z, x, paint in sorted(places, key=lambda place: -place[0]):
        paint(canvas, rng, x, z)
    return _expose(rng, canvas.pixels), canvas.labels[FINE - 1 :: FINE, FINE - 1 :: FINE].copy()


def _draw_canvas(rng: Rng, half: float, height: int, width: int) -> Canvas:
    """A blank canvas, seen from the right lane of the road."""
    return Canvas(
        light=draw_light(rng),
        eye=(half * between(rng, 0.15, 0.5), between(rng, 1.35, 1.9)),
        focal=max(height * 1.7, width) * between(rng, 0.55, 0.78),
        horizon=height * between(rng, 0.36, 0.50),
        vanishing=width * between(rng, 0.36, 0.62),
        pixels=np.zeros((3, height, width), dtype=np.float32),
        labels=np.zeros((height, width), dtype=np.uint8),
    )


def _depths(rng: Rng, closest: float, farthest: float) -> Iterator[float]:
    """Depths in metres with a spacing that is drawn once and varies around that."""
    step = between(rng, closest, farthest)
    z = 5 + step * between(rng, 0, 1)
    while z < 60:
        yield z
        z += max(step * between(rng, 0.6, 1.4), closest)


def _expose(rng: Rng, pixels: FloatArray) -> npt.NDArray[np.uint8]:
    """The final picture, uint8 [H, W, 3]: fine pixels averaged, sensor noise, rounding."""
    rows = pixels[:, ::FINE] + pixels[:, 1::FINE]
    picture = (rows[..., ::FINE] + rows[..., 1::FINE]) / np.float32(FINE * FINE)
    noise = rng.random((2, *picture.shape), dtype=np.float32)
    picture += (noise[0] + noise[1] - 1) * np.float32(between(rng, 0.013, 0.06))
    return np.ascontiguousarray(np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0))
