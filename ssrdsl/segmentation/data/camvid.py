"""Directories in the SegNet layout as a data set: CamVid, or the user's own images."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import torch

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.classes import ClassList, read_classes
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.folders import find_pairs
from ssrdsl.segmentation.data.images import stored_size
from ssrdsl.segmentation.data.notes import DecodedImage, class_notes, picture_notes
from ssrdsl.segmentation.data.reading import StoredLabels, read_pair, resized
from ssrdsl.segmentation.data.sizes import Size, format_size


def open_folder(name: str, root: Path, split: str, size: Size | None, otherwise: ClassList | None = None) -> Dataset:
    """Read, check and resize a split once, into memory.

    Images are resized bilinearly with antialiasing, labels to the nearest label; `size` None is that of the first
    image. `otherwise` are the classes where the directory has no classes.txt. Raises `UserError` if a file cannot be
    read, an image and its labels differ in size, or a label is outside the classes.
    """
    pairs, notes = find_pairs(root, split)
    classes = read_classes(root, otherwise)
    size = size or stored_size(pairs[0].image)
    _check_memory(root, len(pairs), size)
    images = torch.empty(len(pairs), 3, *size, dtype=torch.uint8)
    labels = torch.empty(len(pairs), *size, dtype=torch.uint8)
    readings: list[DecodedImage] = []
    for place, pair in enumerate(pairs):
        picture, marks = read_pair(pair, classes)
        images[place] = torch.from_numpy(resized(picture.image, size)).permute(2, 0, 1)
        labels[place] = torch.from_numpy(resized(marks, size))
        readings.append(DecodedImage(pair.image, picture.size, picture.turned, picture.peak))
    stems = tuple(pair.stem for pair in pairs)
    dataset = Dataset(
        name, split, classes.names, classes.colours, classes.ignore, images, labels, stems,
        own_labels=StoredLabels(tuple(pairs), classes),
        own_sizes=tuple(sorted({reading.size for reading in readings})),
    )  # fmt: skip
    notes += picture_notes(split, readings, size)
    notes += class_notes(split, classes, dataset.histogram().tolist(), labels.numel())
    return replace(dataset, notes=tuple(notes))


def _check_memory(root: Path, count: int, size: Size) -> None:
    needed = count * size[0] * size[1] * 4
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > 0.7 * physical:
        raise UserError(
            f"{count} images of {root} at {format_size(size)} need {needed / 2**30:.1f} GiB, "
            f"but the memory has {physical / 2**30:.1f} GiB",
            help="use a smaller --size",
        )
