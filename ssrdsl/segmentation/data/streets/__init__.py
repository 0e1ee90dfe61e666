"""`streets`: generated road scenes with exact labels, for trying things where no data set is at hand."""

from ssrdsl.segmentation.data.streets.palette import CLASSES, COLOURS, IGNORE, PixelLabel
from ssrdsl.segmentation.data.streets.scene import draw_scene

__all__ = ["CLASSES", "COLOURS", "IGNORE", "PixelLabel", "draw_scene"]
