"""Which classes a folder's labels mean: CamVid's eleven, or those that its `classes.txt` names."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import read_text

__all__ = ["CAMVID", "ClassList", "read_classes"]

FILE_NAME = "classes.txt"


@dataclass(frozen=True, slots=True)
class ClassList:
    """Names and colours of the labels 0, 1, ..., and the label that is ignored."""

    names: tuple[str, ...]
    colours: tuple[tuple[int, int, int], ...]
    ignore: int


CAMVID = ClassList(
    names=(
        "sky", "building", "pole", "road", "pavement", "tree",
        "sign symbol", "fence", "car", "pedestrian", "bicyclist",
    ),
    colours=(
        (128, 128, 128), (128, 0, 0), (192, 192, 128), (128, 64, 128), (0, 0, 192), (128, 128, 0),
        (192, 128, 128), (64, 64, 128), (64, 0, 128), (64, 64, 0), (0, 128, 192),
    ),
    ignore=11,
)  # fmt: skip
"""The eleven classes of the SegNet split, in its colours; 11 is unlabelled."""


def read_classes(folder: Path) -> ClassList:
    """The classes of a folder: from `classes.txt`, or CamVid's where there is none.

    The file holds one class a line, the first for label 0: a name, and optionally its colour as `#rrggbb`. A line
    `ignore: 255` names the ignored label (255 by default). Empty lines count nowhere.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return CAMVID
    names: list[str] = []
    colours: list[tuple[int, int, int]] = []
    ignore = 255
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        if match := re.fullmatch(r"\s*ignore:\s*(\d{1,3})\s*", line):
            ignore = int(match[1])
            continue
        match = re.fullmatch(r"\s*([^#]*[^#\s])\s*(?:#([0-9a-fA-F]{6}))?\s*", line)
        if match is None:
            raise UserError(
                f"{path}:{number}: '{line.strip()}' is no class", help="write a name, then #rrggbb or nothing"
            )
        names.append(match[1])
        colours.append(_colour(match[2]) if match[2] else _spread(len(colours)))
    _check(path, names, ignore)
    return ClassList(tuple(names), tuple(colours), ignore)


def _colour(digits: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _spread(index: int) -> tuple[int, int, int]:
    """A colour far from those of the indices before: steps of the golden ratio around the hues."""
    hue = index * 0.618034 % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.65, 0.9 if index % 2 else 0.65)
    return round(red * 255), round(green * 255), round(blue * 255)


def _check(path: Path, names: list[str], ignore: int) -> None:
    if len(names) < 2 or len(names) > 255:
        raise UserError(f"{path} names {len(names)} classes", help="name 2 to 255 classes, one a line")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"{path} names the class '{twice}' twice", help="give each class its own name")
    if ignore < len(names) or ignore > 255:
        raise UserError(f"{path}: the ignored label {ignore} is that of a class or above 255", help="choose 255")
