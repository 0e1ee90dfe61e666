"""Folders in the SegNet layout as a data set: CamVid, or a user's own images."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, UnidentifiedImageError

from ssrdsl.errors import UserError
from ssrdsl.files import read_bytes
from ssrdsl.segmentation.data.classes import ClassList, read_classes
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.folders import Pair, find_pairs
from ssrdsl.segmentation.data.sizes import Size, format_size

__all__ = ["open_folder"]


def open_folder(name: str, root: Path, split: str, size: Size | None) -> Dataset:
    """Read, check and resize a split once, into memory.

    Images are resized bilinearly with antialiasing, labels to the nearest label. Raises `UserError` where a file
    cannot be read, an image and its labels differ in size, or a label is outside the classes.
    """
    classes = read_classes(root)
    pairs = find_pairs(root, split)
    size = size or _size_of(pairs[0])
    _check_memory(root, len(pairs), size)
    images = torch.empty(len(pairs), 3, *size, dtype=torch.uint8)
    labels = torch.empty(len(pairs), *size, dtype=torch.uint8)
    for place, pair in enumerate(pairs):
        picture, marks = _read_pair(pair, classes)
        images[place] = torch.from_numpy(_resized(picture, size, Image.Resampling.BILINEAR)).permute(2, 0, 1)
        labels[place] = torch.from_numpy(_resized(marks, size, Image.Resampling.NEAREST))
    stems = tuple(pair.stem for pair in pairs)
    return Dataset(name, split, classes.names, classes.colours, classes.ignore, images, labels, stems)


def _check_memory(root: Path, count: int, size: Size) -> None:
    needed = count * size[0] * size[1] * 4
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > 0.7 * physical:
        raise UserError(
            f"{count} images of {root} at {format_size(size)} take {needed / 2**30:.1f} GiB, "
            f"the memory is {physical / 2**30:.1f} GiB",
            help="ask for a smaller --size",
        )


def _size_of(pair: Pair) -> Size:
    width, height = _open(pair.image).size
    return height, width


def _resized(image: Image.Image, size: Size, method: Image.Resampling) -> npt.NDArray[np.uint8]:
    height, width = size
    return np.array(image if image.size == (width, height) else image.resize((width, height), method), dtype=np.uint8)


def _read_pair(pair: Pair, classes: ClassList) -> tuple[Image.Image, Image.Image]:
    picture, marks = _open(pair.image).convert("RGB"), _open(pair.label)
    if picture.size != marks.size:
        shapes = [format_size(image.size[::-1]) for image in (picture, marks)]
        raise UserError(
            f"{pair.image} is {shapes[0]}, its labels {pair.label} are {shapes[1]}",
            help="an image and its labels must have the same size",
        )
    if marks.mode not in ("L", "P", "1", "I", "I;16"):
        raise UserError(
            f"{pair.label} is a {marks.mode} image: labels are class numbers in one channel",
            help="store the class numbers as an 8-bit grey or palette PNG",
        )
    _check_labels(pair.label, np.asarray(marks), classes)
    # Palette images keep their numbers: as "P" they would be resized through the palette.
    return picture, Image.fromarray(np.asarray(marks).astype(np.uint8))


def _check_labels(path: Path, marks: npt.NDArray[np.generic], classes: ClassList) -> None:
    found = np.unique(marks)
    wrong = [int(value) for value in found if int(value) >= len(classes.names) and int(value) != classes.ignore]
    if wrong or found[0] < 0:
        raise UserError(
            f"{path} holds the label {wrong[0] if wrong else int(found[0])}, outside the {len(classes.names)} classes",
            help=f"labels are 0 to {len(classes.names) - 1}, and {classes.ignore} for ignored pixels; "
            "a classes.txt beside the folders names other classes",
        )


def _open(path: Path) -> Image.Image:
    content = read_bytes(path)
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = "it is not an image" if isinstance(error, UnidentifiedImageError) else str(error) or "damaged"
        raise UserError(
            f"cannot read {path}: {reason}", help="replace the file, or remove it with its partner"
        ) from error
    return image
