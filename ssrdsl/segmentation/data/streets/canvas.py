"""Flat rectangles of a scene as a camera sees them, to be painted one over the other, far ones first.

Positions are in metres: x to the right of the middle of the road, y above the ground, z ahead of the camera.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.chance import FloatArray, FloatColour, Rng, between, pick, rgb, vary
from ssrdsl.segmentation.data.streets.palette import PixelLabel

FINE = 2  # painted pixels per pixel of the final picture along each side
Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.integer]
Segment = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Light:
    """Colours of the sky; `tone` multiplies all others, `shade` those in shadow; `lamps` is the share of lamps lit.

    The sun is on the side `sun` of the street, -1, +1, or 0 if overcast. `haze` hides half at that depth in metres.
    """

    zenith: FloatArray
    skyline: FloatArray
    tone: FloatArray
    shade: float
    lamps: float
    sun: int
    haze: float

    def seen(self, colour: FloatArray, depth: FloatArray) -> FloatArray:
        """The colour [3, h, w] of a surface in this light, through the air up to a depth [h, w] in metres."""
        veil = depth * depth / (depth * depth + np.float32(self.haze * self.haze))
        return np.asarray(colour * (self.tone * (1 - veil)) + self.skyline * (veil * np.float32(0.9)))

    def on_wall(self, x: float) -> np.float32:
        """The light on a wall along the street at x."""
        return np.float32(1.0 if self.sun == 0 else 1.12 if x * self.sun < 0 else self.shade + 0.12)


KINDS: tuple[tuple[FloatColour, FloatColour, FloatColour, float, float], ...] = (
    ((0.30, 0.54, 0.87), (0.80, 0.88, 0.96), (1.05, 1.03, 0.98), 0.58, 0.0),  # day
    ((0.66, 0.69, 0.73), (0.84, 0.86, 0.88), (0.88, 0.90, 0.92), 1.00, 0.1),  # overcast
    ((0.38, 0.44, 0.68), (0.98, 0.76, 0.56), (1.06, 0.92, 0.78), 0.58, 0.3),  # evening
    ((0.16, 0.20, 0.36), (0.62, 0.52, 0.60), (0.56, 0.56, 0.66), 0.86, 0.7),  # dusk
)


def draw_light(rng: Rng) -> Light:
    """Day, evening or dusk, in clear or hazy air."""
    zenith, skyline, tone, shade, lamps = pick(rng, (*KINDS[:2], *KINDS[:1], *KINDS))
    sun, tones = pick(rng, (-1, 1)) if shade < 1 else 0, rgb(*tone) * np.float32(between(rng, 0.82, 1.12))
    return Light(vary(rng, zenith), vary(rng, skyline), tones, shade, lamps, sun, between(rng, 90.0, 320.0))


@dataclass(frozen=True, slots=True)
class Patch:
    """The pixels [3, h, w] and labels [h, w] around a rectangle, which of them are inside, and their positions."""

    light: Light
    pixels: FloatArray
    labels: npt.NDArray[np.uint8]
    inside: Mask
    x: FloatArray
    y: FloatArray
    z: FloatArray

    def paint(self, colour: FloatArray, label: PixelLabel | Labels | None = None, where: Mask | bool = True) -> None:
        """Cover the pixels of a mask with a colour [3, h, w] and a label [h, w], or what broadcasts to these."""
        mask = self.inside & where
        np.copyto(self.pixels, self.light.seen(colour, self.z), where=mask)
        if label is not None:
            np.copyto(self.labels, label, where=mask, casting="unsafe")

    def darken(self, factor: float, where: Mask | bool = True) -> None:
        """Multiply the pixels of a mask: a shadow."""
        np.multiply(self.pixels, np.float32(factor), out=self.pixels, where=self.inside & where)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture in 0..1, [3, H, W], with its labels [H, W], seen by a level camera at `eye` (x, y)."""

    light: Light
    eye: Segment
    focal: float
    horizon: float
    vanishing: float
    pixels: FloatArray
    labels: npt.NDArray[np.uint8]

    def metres(self, pixels: float, z: float) -> float:
        """The extent at a depth that is seen as some pixels of the final picture."""
        return pixels * FINE * z / self.focal

    def patch(self, x: Segment, y: Segment, z: Segment) -> Patch:
        """A rectangle: upright and across the road (one z), upright along the road (one x), or flat (one y)."""
        (left, low), scales = self.eye, [self.focal / depth for depth in z]
        height, width = self.labels.shape
        columns, across = _pixels([self.vanishing + scale * (side - left) for scale in scales for side in x], width)
        rows, down = _pixels([self.horizon - scale * (up - low) for scale in scales for up in y], height)
        right = (across[None, :] - np.float32(self.vanishing)) / np.float32(self.focal)
        rise = (np.float32(self.horizon) - down[:, None]) / np.float32(self.focal)
        if z[0] == z[1]:
            depth = np.full((1, 1), z[0], dtype=np.float32)
        elif x[0] == x[1]:
            depth = np.float32(x[0] - left) / right
        else:
            depth = np.float32(y[0] - low) / np.minimum(rise, np.float32(-0.25 / self.focal))
        places = (right * depth + np.float32(left), rise * depth + np.float32(low), depth)
        inside = np.ones((1, 1), dtype=np.bool_)
        for place, (start, end) in zip(places, (x, y, z), strict=True):
            if start < end:
                inside = inside & (place >= start) & (place < end)
        return Patch(self.light, self.pixels[:, rows, columns], self.labels[rows, columns], inside, *places)


def _pixels(ends: list[float], size: int) -> tuple[slice, FloatArray]:
    """The pixels of an axis from the lowest to the highest end, and their centres."""
    first = max(int(min(ends)), 0)
    last = max(min(int(max(ends)) + 1, size), first)
    return slice(first, last), np.arange(first, last, dtype=np.float32) + np.float32(0.5)
