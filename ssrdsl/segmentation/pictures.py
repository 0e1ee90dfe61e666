"""A picture of predictions next to labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from ssrdsl.files import atomic_path
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.evaluation import mode, predict
from ssrdsl.segmentation.preprocessing import Preprocessing

MOST_ROWS = 6
GAP = 6
HEADINGS = ("image", "label", "prediction")
HEADING_HEIGHT = 26
LINE_HEIGHT = 22
INK = (32, 36, 42)
PAPER = (255, 255, 255)
SMALLEST_WIDTH = 280
FONT_SIZE = 14

Pixels = npt.NDArray[np.uint8]


def save_predictions(
    path: str | Path,
    model: nn.Module,
    dataset: Dataset,
    preprocessing: Preprocessing,
    *,
    device: torch.device | str = "cpu",
) -> None:
    """Write rows of image, label and prediction, evenly spread over the data set, above a legend of the classes.

    The file is a PNG, written atomically. Raises `UserError`.
    """
    count = min(MOST_ROWS, len(dataset))
    rows = [_row(model, dataset, preprocessing, index * len(dataset) // count, device) for index in range(count)]
    height, width = rows[0][0].shape[:2]
    lines = _legend(dataset, 3 * width + 2 * GAP)
    top = HEADING_HEIGHT + GAP
    whole = (3 * width + 4 * GAP, top + count * (height + GAP) + len(lines) * LINE_HEIGHT + GAP)
    sheet = Image.new("RGB", whole, PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, heading in enumerate(HEADINGS):
        left = GAP + column * (width + GAP)
        draw.text((left + 2, GAP), heading, fill=INK, font=_font())
        for place, row in enumerate(rows):
            sheet.paste(Image.fromarray(row[column]), (left, top + place * (height + GAP)))
    _draw_legend(draw, lines, top + count * (height + GAP))
    with atomic_path(path) as partial:
        sheet.save(partial, format="PNG")


def _row(
    model: nn.Module, dataset: Dataset, preprocessing: Preprocessing, index: int, device: torch.device | str
) -> tuple[Pixels, Pixels, Pixels]:
    image, label = dataset.images[index : index + 1].to(device), dataset.labels[index].cpu().numpy()
    with mode(model, training=False):
        prediction = predict(model, image, preprocessing)[0].to(torch.uint8).cpu().numpy()
    palette = np.zeros((256, 3), dtype=np.uint8)
    palette[: len(dataset.colours)] = dataset.colours
    seen = image[0].permute(1, 2, 0).cpu().numpy()
    return _enlarged(seen), _enlarged(palette[label]), _enlarged(palette[prediction])


def _enlarged(picture: Pixels) -> Pixels:
    """Enlarge small pictures by an integer factor, so that single pixels can be distinguished."""
    factor = max(1, -(-SMALLEST_WIDTH // picture.shape[1]))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def _legend(dataset: Dataset, width: int) -> list[list[tuple[str, tuple[int, int, int], int]]]:
    """Lines of (name, colour, left edge) that fit the width."""
    lines: list[list[tuple[str, tuple[int, int, int], int]]] = [[]]
    left = 0
    for name, colour in zip(dataset.classes, dataset.colours, strict=True):
        needed = 26 + round(_font().getlength(name)) + 14
        if left + needed > width and lines[-1]:
            lines.append([])
            left = 0
        lines[-1].append((name, colour, left))
        left += needed
    return lines


def _draw_legend(draw: ImageDraw.ImageDraw, lines: list[list[tuple[str, tuple[int, int, int], int]]], top: int) -> None:
    for number, line in enumerate(lines):
        middle = top + number * LINE_HEIGHT
        for name, colour, left in line:
            draw.rectangle((GAP + left, middle + 3, GAP + left + 18, middle + 17), fill=colour)
            draw.text((GAP + left + 24, middle + 1), name, fill=INK, font=_font())


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(FONT_SIZE)
