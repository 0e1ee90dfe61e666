"""Predictions for images without labels: a class map, and its overlay over the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn

from ssrdsl.files import atomic_path, make_folder
from ssrdsl.segmentation.data import streets
from ssrdsl.segmentation.data.classes import CAMVID, Colour, spread_colours
from ssrdsl.segmentation.data.images import read_picture
from ssrdsl.segmentation.data.reading import resized
from ssrdsl.segmentation.evaluation import classes_at, logits_of, mode
from ssrdsl.segmentation.preprocessing import Preprocessing


@dataclass(frozen=True, slots=True)
class Predictor:
    """A network on a device, its preprocessing, and the colours of its classes.

    `opacity` is the share of a class's colour in an overlay, 0..1.
    """

    model: nn.Module
    preprocessing: Preprocessing
    colours: tuple[Colour, ...]
    device: torch.device
    opacity: float = 0.5

    def save(self, image: Path, class_map: Path, overlay: Path) -> None:
        """Write class map and overlay of an image, in its own size, atomically. Raises `UserError`."""
        picture = read_picture(image)
        numbers = self._classes(picture.image)
        drawn = Image.fromarray(numbers)
        drawn.putpalette(np.array(self.colours, dtype=np.uint8).tobytes())
        blended = Image.blend(picture.image, drawn.convert("RGB"), self.opacity)
        for target, result in ((class_map, drawn), (overlay, blended)):
            make_folder(target.parent)
            with atomic_path(target) as partial:
                result.save(partial, format="PNG")

    def _classes(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The class of every pixel, uint8 [H, W]: the image is resized to the network's size, its logits back."""
        pixels = torch.from_numpy(resized(image, self.preprocessing.size)).permute(2, 0, 1)[None]
        with mode(self.model, training=False):
            logits = logits_of(self.model, pixels.to(self.device), self.preprocessing)
        numbers: npt.NDArray[np.uint8] = classes_at(logits, (image.height, image.width))[0].byte().cpu().numpy()
        return numbers


def colours_of(classes: Sequence[str]) -> tuple[Colour, ...]:
    """The colours of classes: those of CamVid or `streets` for their classes, else distinct ones."""
    known = {CAMVID.names: CAMVID.colours, streets.CLASSES: streets.COLOURS}
    return known.get(tuple(classes)) or spread_colours(len(classes))
