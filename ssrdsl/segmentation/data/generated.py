"""`streets` as a data set, cached in files for processes that need the same scenes.

If SSRDSL_STREETS_CACHE is set to a directory, scenes are read from there, and written there once generated.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import torch

from ssrdsl.errors import UserError
from ssrdsl.files import atomic_path, make_folder
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sizes import Size, format_size
from ssrdsl.segmentation.data.streets import CLASSES, COLOURS, IGNORE, draw_scene

CACHE_VARIABLE = "SSRDSL_STREETS_CACHE"
NATIVE_SIZE: Size = (96, 192)
COUNTS = {"train": 256, "val": 64, "test": 64}
"""Scenes of each split; `streets:COUNT` changes that of `train`."""
SEEDS = {"train": 11, "val": 22, "test": 33}
"""Each split has its own seed; scene i of a split only depends on this seed, i and the size."""
LARGEST_COUNT = 100_000
SMALLEST_SIDE = 16

Scenes = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
"""Pictures [N, h, w, 3] and labels [N, h, w]."""


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
    drawn = [_kept(part, counts[part], size) for part in parts]
    images = torch.cat([torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous() for pictures, _ in drawn])
    labels = torch.cat([torch.from_numpy(labels) for _, labels in drawn])
    stems = tuple(f"{part}-{index:05d}" for part in parts for index in range(counts[part]))
    return Dataset("streets", split, CLASSES, COLOURS, IGNORE, images, labels, stems)


def _kept(part: str, count: int, size: Size) -> Scenes:
    """The scenes of a split from the cache directory, generated if they are not there yet.

    Damaged files are replaced; if the directory cannot be written to, nothing is cached.
    """
    folder = os.environ.get(CACHE_VARIABLE)
    if not folder:
        return _draw(part, count, size)
    path = Path(folder) / f"{part}-{count}-{format_size(size)}-{_version()}.npz"
    damaged = (BadZipFile, EOFError, KeyError, OSError, ValueError)
    with suppress(*damaged), path.open("rb") as file, np.load(file, allow_pickle=False) as held:
        return held["pictures"], held["labels"]
    scenes = _draw(part, count, size)
    with suppress(UserError):
        make_folder(folder)
        with atomic_path(path) as partial:
            np.savez(partial, pictures=scenes[0], labels=scenes[1])
    return scenes


@cache
def _version() -> str:
    """A hash of the source of the generator, since another version draws other scenes."""
    digest = hashlib.sha256()
    for file in sorted((Path(__file__).parent / "streets").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _draw(part: str, count: int, size: Size) -> Scenes:
    pictures, labels = np.empty((count, *size, 3), np.uint8), np.empty((count, *size), np.uint8)
    for index in range(count):
        pictures[index], labels[index] = draw_scene((SEEDS[part], index), *size)
    return pictures, labels


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_COUNT:
        raise UserError(f"'streets:{text}' is not a valid number of scenes", help="write streets, or streets:512")
    return int(text)
