"""`streets` as a data set."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.data.streets import COLOURS, IGNORE, PixelLabel, draw_scene
from ssrdsl.segmentation.data.streets_cache import Scenes, kept_scenes

CLASSES = tuple(label.name.lower() for label in PixelLabel)
NATIVE_SIZE: Size = (96, 192)
COUNTS = {"train": 256, "val": 64, "test": 64}
"""Scenes of each split; `streets:COUNT` changes that of `train`."""
SEEDS = {"train": 11, "val": 22, "test": 33}
"""Each split has its own seed; scene i of a split only depends on this seed, i and the size."""
LARGEST_COUNT = 100_000
SMALLEST_SIDE = 16


def open_streets(argument: str, split: str, size: Size | None) -> Dataset:
    """The scenes of a split, generated at the given size. `argument` is the number of training scenes, or empty."""
    counts = COUNTS | ({"train": _count(argument)} if argument else {})
    size = size or NATIVE_SIZE
    if min(size) < SMALLEST_SIDE:
        raise UserError(f"streets cannot be generated below {SMALLEST_SIDE} pixels per side", help="use a larger size")
    parts = split.split("+")
    for part in parts:
        if part not in counts:
            raise UserError(f"streets has no split '{part}'", help=f"its splits are {', '.join(counts)}")
    drawn = [kept_scenes(part, counts[part], size, partial(_draw, part, counts[part], size)) for part in parts]
    images = torch.cat([torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous() for pictures, _ in drawn])
    labels = torch.cat([torch.from_numpy(labels) for _, labels in drawn])
    stems = tuple(f"{part}-{index:05d}" for part in parts for index in range(counts[part]))
    return Dataset("streets", split, CLASSES, COLOURS, IGNORE, images, labels, stems)


def _draw(part: str, count: int, size: Size) -> Scenes:
    pictures, labels = np.empty((count, *size, 3), np.uint8), np.empty((count, *size), np.uint8)
    for index in range(count):
        pictures[index], labels[index] = draw_scene((SEEDS[part], index), *size)
    return pictures, labels


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_COUNT:
        raise UserError(f"'streets:{text}' is not a valid number of scenes", help="write streets, or streets:512")
    return int(text)
