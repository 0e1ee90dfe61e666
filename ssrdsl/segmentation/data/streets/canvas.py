"""The camera over the street, and the picture with its labels that objects are painted on, far ones first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssrdsl.segmentation.data.streets.chance import Array
from ssrdsl.segmentation.data.streets.palette import Label

__all__ = ["Camera", "Canvas", "Window"]


@dataclass(frozen=True, slots=True)
class Camera:
    """A level pinhole camera: metres right (x), up (y) and ahead (z, the depth) to pixels.

    `focal`, `horizon` (a row) and `vanishing` (a column) are in pixels, `eye` (height) and `offset` (from the middle
    of the road) in metres. `fine` is the number of painted pixels per pixel of the final picture along each side.
    """

    focal: float
    horizon: float
    vanishing: float
    eye: float
    offset: float
    fine: int

    def column(self, x: float, depth: float) -> float:
        """The column at which a point x metres right of the middle of the road is seen."""
        return self.vanishing + self.focal * (x - self.offset) / depth

    def row(self, y: float, depth: float) -> float:
        """The row at which a point y metres above the ground is seen."""
        return self.horizon - self.focal * (y - self.eye) / depth

    def metres_right(self, columns: Array, depth: Array | float) -> Array:
        """Inverse of `column` at a known depth."""
        return np.asarray((columns - self.vanishing) * depth / self.focal + self.offset, dtype=np.float32)

    def metres_up(self, rows: Array, depth: Array | float) -> Array:
        """Inverse of `row` at a known depth."""
        return np.asarray(self.eye - (rows - self.horizon) * depth / self.focal, dtype=np.float32)

    def depth_beside(self, columns: Array, x: float) -> Array:
        """Depth at which the upright plane along the road, x metres right of its middle, is seen in each column."""
        return np.asarray(self.focal * (x - self.offset) / (columns - self.vanishing), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the canvas: its slices and the centres of its pixels, rows [h, 1] and columns [1, w]."""

    place: tuple[slice, slice]
    rows: Array
    columns: Array


@dataclass(slots=True)
class Canvas:
    """Colours in 0..1, float32 [3, H, W], and labels, uint8 [H, W], painted together."""

    colours: Array
    labels: npt.NDArray[np.uint8]

    @classmethod
    def blank(cls, height: int, width: int) -> "Canvas":
        """A black canvas labelled sky."""
        return cls(np.zeros((3, height, width), dtype=np.float32), np.zeros((height, width), dtype=np.uint8))

    def window(self, top: float, bottom: float, left: float, right: float) -> Window | None:
        """The part of a rectangle (in pixels, any order of left and right) on the canvas; None when there is none."""
        height, width = self.labels.shape
        left, right = min(left, right), max(left, right)
        first, last = max(0, int(top)), min(height, int(bottom) + 1)
        start, stop = max(0, int(left)), min(width, int(right) + 1)
        if bottom < 0 or right < 0 or first >= last or start >= stop:
            return None
        rows = np.arange(first, last, dtype=np.float32)[:, None] + np.float32(0.5)
        columns = np.arange(start, stop, dtype=np.float32)[None, :] + np.float32(0.5)
        return Window((slice(first, last), slice(start, stop)), rows, columns)

    def paint(self, window: Window, mask: npt.NDArray[np.bool_], colour: Array, label: Label) -> None:
        """Cover the masked pixels of the window with a colour [3, 1, 1] or colours that broadcast to [3, h, w]."""
        self.tint(window, mask, colour)
        self.labels[window.place][mask] = label

    def tint(self, window: Window, mask: npt.NDArray[np.bool_], colour: Array) -> None:
        """As `paint`, but what is seen there keeps its label: markings, windows, lamps."""
        np.copyto(self.seen_in(window), colour, where=mask)

    def darken(self, window: Window, mask: npt.NDArray[np.bool_], factor: float) -> None:
        """Multiply the masked pixels of the window: a shadow."""
        seen = self.seen_in(window)
        np.multiply(seen, np.float32(factor), out=seen, where=mask)

    def seen_in(self, window: Window) -> Array:
        """The colours [3, h, w] of a window, to look at or to change in place."""
        rows, columns = window.place
        return self.colours[:, rows, columns]
