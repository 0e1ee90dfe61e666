"""Random draws and a texture that come out the same on every machine.

Only sums, products, quotients and rounding are used: IEEE 754 fixes their results, unlike those of exponentials.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
FloatColour = tuple[float, float, float]
Rng = np.random.Generator
T = TypeVar("T")


def between(rng: Rng, low: float, high: float) -> float:
    """A number drawn uniformly from low..high."""
    return low + (high - low) * float(rng.random())


def pick(rng: Rng, options: Sequence[T]) -> T:
    """One of the options, each as likely as the others."""
    return options[int(float(rng.random()) * len(options))]


def rgb(red: float, green: float, blue: float) -> FloatArray:
    """A colour, each channel in 0..1, as [3, 1, 1]: it multiplies with maps [h, w] into pictures [3, h, w]."""
    return np.array((red, green, blue), dtype=np.float32)[:, None, None]


def vary(rng: Rng, colour: FloatColour, amount: float = 0.06) -> FloatArray:
    """The colour, as by `rgb`, made brighter or darker by up to an amount, and of a slightly different hue."""
    shift = (2 * rng.random((4, 1, 1), dtype=np.float32) - 1) * np.float32(amount)
    return np.asarray(rgb(*colour) + shift[0] + np.float32(0.3) * shift[1:], dtype=np.float32)


def part(values: FloatArray) -> FloatArray:
    """The part of a number beyond the next lower integer, many times faster than `% 1`."""
    return np.asarray(values - np.floor(values), dtype=np.float32)


def grain(y: FloatArray, x: FloatArray, scale: float) -> FloatArray:
    """Texture values 0..1 at coordinates [h, w], `scale` pixels of the texture to one unit."""
    rows, columns = (y * np.float32(scale)).astype(np.int32) & 255, (x * np.float32(scale)).astype(np.int32) & 255
    return np.asarray(_texture().take(rows * 256 + columns))


@cache
def _texture() -> FloatArray:
    """Fractal noise in 0..1, [256, 256], that repeats without a seam; each octave has half the weight of the last."""
    rng = np.random.default_rng(20220914)
    tile = rng.random((8, 8), dtype=np.float32)
    for octave in range(1, 6):
        tile = tile.repeat(2, axis=0).repeat(2, axis=1)
        for axis in (0, 1):
            tile = (tile + np.roll(tile, 1, axis)) * np.float32(0.5)
        tile += np.float32(0.5**octave) * rng.random(tile.shape, dtype=np.float32)
    return np.asarray((tile - tile.min()) / (tile.max() - tile.min()), dtype=np.float32)
