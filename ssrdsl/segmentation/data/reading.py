"""Read and check an image with its labels, and convert the labels to classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.classes import FILE_NAME, ClassList
from ssrdsl.segmentation.data.folders import LabelledImage
from ssrdsl.segmentation.data.images import Picture, read_marks, read_picture
from ssrdsl.segmentation.data.sizes import Size, format_size


@dataclass(frozen=True, slots=True)
class StoredLabels:
    """The labels of pairs at the sizes of their files, uint8 [h, w] each, read on demand."""

    pairs: tuple[LabelledImage, ...]
    classes: ClassList

    def __getitem__(self, index: int) -> Tensor:
        return torch.from_numpy(read_labels(self.pairs[index], self.classes))

    def taken(self, places: Iterable[int]) -> StoredLabels:
        """The labels of the pairs at these indices, in this order."""
        return StoredLabels(tuple(self.pairs[place] for place in places), self.classes)


def read_pair(pair: LabelledImage, classes: ClassList) -> tuple[Picture, npt.NDArray[np.uint8]]:
    """An image, and its labels as numbers of classes, uint8 [H, W]. Raises `UserError` if they do not fit."""
    picture, labels = read_picture(pair.image), read_labels(pair, classes)
    height, width = labels.shape
    if picture.size != (height, width):
        turned = " after its EXIF orientation was applied" if picture.turned else ""
        raise UserError(
            f"{pair.image} is {format_size(picture.size)}{turned}, its labels {pair.label} are {height}x{width}",
            help="an image and its labels must have the same size",
        )
    return picture, labels


def read_labels(pair: LabelledImage, classes: ClassList) -> npt.NDArray[np.uint8]:
    """The labels of a pair as classes, uint8 [H, W]. Raises `UserError` for a label without a class."""
    marks = read_marks(pair.label)
    numbers = classes.numbers()
    found, places = np.unique(marks, return_inverse=True)
    if unknown := [int(value) for value in found if int(value) not in numbers]:
        raise _unknown_label(pair, unknown[0], classes)
    table = np.array([numbers[int(value)] for value in found], dtype=np.uint8)
    labels: npt.NDArray[np.uint8] = table[places.reshape(marks.shape)]
    return labels


def resized(image: Image.Image | npt.NDArray[np.uint8], size: Size) -> npt.NDArray[np.uint8]:
    """An image at another size, bilinearly with antialiasing; an array of labels to the nearest label."""
    height, width = size
    is_image = isinstance(image, Image.Image)
    given: Any = image if is_image else Image.fromarray(image)
    method = Image.Resampling.BILINEAR if is_image else Image.Resampling.NEAREST
    return np.array(given if given.size == (width, height) else given.resize((width, height), method), dtype=np.uint8)


def _unknown_label(pair: LabelledImage, label: int, classes: ClassList) -> UserError:
    ignored = " and ".join(map(str, classes.ignored))
    also = f", and {ignored} for ignored pixels" if ignored else ""
    return UserError(
        f"{pair.label} contains the label {label}, outside of the {len(classes.names)} classes",
        help=f"labels are {classes.described()}{also}; a {FILE_NAME} next to the directories defines other classes "
        f"(`{max(label, 0)}: name`) and other ignored labels (`ignore: {max(label, 0)}`)",
    )
