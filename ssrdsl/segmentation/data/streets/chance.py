"""Random draws and textures that come out the same on every machine.

Only sums, products, quotients and square roots are used on the way from a seed to a picture: IEEE 754 fixes their
results, while sines, exponentials and fused multiply-adds differ in the last bit between processors.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Rng", "between", "chance", "fraction", "lookup", "lookup_smooth", "pick", "rgb", "texture", "vary"]

Array = npt.NDArray[np.float32]
Rng = np.random.Generator
T = TypeVar("T")

TILE = 256


def between(rng: Rng, low: float, high: float) -> float:
    """A number drawn uniformly from low..high."""
    return low + (high - low) * float(rng.random())


def chance(rng: Rng, probability: float) -> bool:
    """True with the given probability."""
    return float(rng.random()) < probability


def pick(rng: Rng, options: Sequence[T]) -> T:
    """One of the options, each as likely as the others."""
    return options[int(float(rng.random()) * len(options))]


def rgb(red: float, green: float, blue: float) -> Array:
    """A colour, each channel in 0..1, as [3, 1, 1]: it multiplies with maps [h, w] into pictures [3, h, w]."""
    return np.array((red, green, blue), dtype=np.float32)[:, None, None]


def vary(rng: Rng, colour: Iterable[float], amount: float) -> Array:
    """The colour, as by `rgb`, with brightness and each channel moved by up to the given amount."""
    shift = between(rng, -amount, amount)
    moved = (channel + shift + between(rng, -amount, amount) * 0.3 for channel in colour)
    return rgb(*(min(max(channel, 0.02), 0.98) for channel in moved))


def lookup(y: Array, x: Array, *, cells: int = 8) -> Array:
    """Texture values 0..1 at any coordinates: one unit is 256 / cells points of the tile, which repeats."""
    step = TILE // cells
    rows = np.floor(y * np.float32(step)).astype(np.int32) & (TILE - 1)
    columns = np.floor(x * np.float32(step)).astype(np.int32) & (TILE - 1)
    return np.asarray(np.take(texture(), rows * TILE + columns), dtype=np.float32)


def lookup_smooth(y: Array, x: Array, *, cells: int = 8) -> Array:
    """As `lookup`, interpolated between the points of the tile: for textures that are seen enlarged."""
    step = np.float32(TILE // cells)
    row, column = np.floor(y * step), np.floor(x * step)
    down, right = y * step - row, x * step - column
    rows, columns = row.astype(np.int32), column.astype(np.int32)
    places = [((rows + i) & (TILE - 1)) * TILE + ((columns + j) & (TILE - 1)) for i in (0, 1) for j in (0, 1)]
    corners = [np.take(texture(), place) for place in places]
    upper = corners[0] + (corners[1] - corners[0]) * right
    lower = corners[2] + (corners[3] - corners[2]) * right
    return np.asarray(upper + (lower - upper) * down, dtype=np.float32)


def fraction(values: Array) -> Array:
    """The part of a number beyond the next lower integer."""
    return np.asarray(values - np.floor(values), dtype=np.float32)


@cache
def texture() -> Array:
    """A 256 x 256 tile of fractal value noise in 0..1 that wraps around."""
    rng = np.random.default_rng(20220914)
    total = np.zeros((TILE, TILE), dtype=np.float32)
    for cells, weight in ((8, 0.34), (16, 0.24), (32, 0.18), (64, 0.12), (256, 0.12)):
        total += np.float32(weight) * _smooth(rng.random((cells, cells), dtype=np.float32))
    low, high = total.min(), total.max()
    return np.asarray((total - low) / (high - low), dtype=np.float32)


def _smooth(lattice: Array) -> Array:
    return _stretch(_stretch(lattice).T).T


def _stretch(lattice: Array) -> Array:
    """The first axis interpolated to the tile's length, around the edge."""
    cells = lattice.shape[0]
    place = np.arange(TILE, dtype=np.float32) * np.float32(cells / TILE)
    index = place.astype(np.int32)
    part = place - index.astype(np.float32)
    part = (part * part * (3 - 2 * part))[:, None]
    following = lattice[(index + 1) % cells]
    return np.asarray(lattice[index] * (1 - part) + following * part, dtype=np.float32)
