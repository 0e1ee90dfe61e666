"""Notes to the user about how data were read: changes to the images of a split, and missing labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ssrdsl.segmentation.data.classes import FILE_NAME, ClassList
from ssrdsl.segmentation.data.sizes import Size, format_size

STRETCHED = 1.05
"""Aspect ratios that differ by less than this factor count as equal: sizes are rounded."""
TWELVE_BITS = 4095
SHOWN_CLASSES = 5


@dataclass(frozen=True, slots=True)
class Note:
    """A note, shown as a warning with a line of help."""

    message: str
    help: str


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """How an image was read: its size as displayed, whether it was turned, its peak if it has 16 bits per channel."""

    path: Path
    size: Size
    turned: bool
    peak: int | None


def picture_notes(split: str, readings: Sequence[DecodedImage], size: Size) -> list[Note]:
    """Notes on images that were stretched, turned or reduced to 8 bits."""
    notes = []
    if stretched := [reading for reading in readings if _is_stretched(reading.size, size)]:
        first = stretched[0]
        notes.append(
            Note(
                f"{_count(stretched, readings, split)} stretched to another aspect ratio: "
                f"{first.path} from {format_size(first.size)} to {format_size(size)}",
                "use another --size, or crop the images to one aspect ratio",
            )
        )
    if turned := [reading for reading in readings if reading.turned]:
        notes.append(
            Note(
                f"{_count(turned, readings, split)} turned by their EXIF orientation: {turned[0].path}",
                "labels must match the turned image, as shown by viewers",
            )
        )
    if deep := [reading for reading in readings if reading.peak is not None]:
        peak = max(reading.peak or 0 for reading in deep)
        dark = f"; their highest value is {peak} of 65535, so they are nearly black" if peak <= TWELVE_BITS else ""
        notes.append(
            Note(
                f"{_count(deep, readings, split)} reduced from 16 bits per channel to 8: {deep[0].path}{dark}",
                "save them with 8 bits per channel to choose the range",
            )
        )
    return notes


def class_notes(split: str, classes: ClassList, counts: Sequence[int], pixels: int) -> list[Note]:
    """Notes on classes without pixels: all of them for a training split, else only if a single class has pixels."""
    absent = [name for name, count in zip(classes.names, counts, strict=True) if not count]
    labelled = sum(counts)
    left = len(classes.names) - len(absent)
    if not labelled or not absent or (left > 1 and not split.startswith("train")):
        return []
    names = ", ".join(f"'{name}'" for name in absent[:SHOWN_CLASSES])
    more = f" and {len(absent) - SHOWN_CLASSES} more" if len(absent) > SHOWN_CLASSES else ""
    share = 1 - labelled / pixels
    ignored = " and ".join(map(str, classes.ignored))
    message = f"no pixel of the split '{split}' has the class {names}{more}"
    hint = f"remove classes without pixels from {FILE_NAME}"
    if share:
        message += f"; {share:.1%} of its pixels have the ignored label {ignored}"
        name = absent[0] if len(absent) == 1 else "NAME"
        hint = f"if {classes.ignored[-1]} is the label of a class, write `{classes.ignored[-1]}: {name}` in {FILE_NAME}"
    return [Note(message, hint)]


def _is_stretched(own: Size, size: Size) -> bool:
    ratio = own[0] * size[1] / (own[1] * size[0])
    return max(ratio, 1 / ratio) > STRETCHED


def _count(some: Sequence[DecodedImage], readings: Sequence[DecodedImage], split: str) -> str:
    return f"{len(some)} of {len(readings)} images of the split '{split}' {'is' if len(some) == 1 else 'are'}"
