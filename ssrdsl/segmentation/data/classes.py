"""The classes of the labels in a directory: those in its `classes.txt`, or CamVid's eleven."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import read_text

FILE_NAME = "classes.txt"
LARGEST_LABEL = 65535
MOST_CLASSES = 255
DEFAULT_IGNORE = 255

Colour = tuple[int, int, int]

NUMBERS = r"\d+(?:\s*\.\.\s*\d+)?(?:\s*,\s*\d+(?:\s*\.\.\s*\d+)?)*"
IGNORE_LINE = re.compile(rf"\s*ignore\s*:\s*({NUMBERS})\s*")
CLASS_LINE = re.compile(rf"\s*(?:({NUMBERS})\s*:)?\s*([^#]*[^#\s])\s*(?:#([0-9a-fA-F]{{6}}))?\s*")


@dataclass(frozen=True, slots=True)
class ClassList:
    """Names and colours of the classes 0, 1, ..., the labels of each in the files, and the ignored labels.

    `ignore` is the value of ignored pixels in memory, where class i is i, whatever its labels in the files.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...]
    ignore: int
    labels: tuple[tuple[int, ...], ...]
    ignored: tuple[int, ...]

    def numbers(self) -> dict[int, int]:
        """The value in memory of each label in the files."""
        classes = {label: index for index, labels in enumerate(self.labels) for label in labels}
        return classes | dict.fromkeys(self.ignored, self.ignore)

    def described(self) -> str:
        """The labels of the classes as text: `0 to 10`, or `1, 3 and 7`."""
        known = sorted(label for labels in self.labels for label in labels)
        if known == list(range(known[0], known[-1] + 1)):
            return f"{known[0]} to {known[-1]}"
        return f"{', '.join(map(str, known[:-1]))} and {known[-1]}"


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
    labels=tuple((label,) for label in range(11)),
    ignored=(11,),
)  # fmt: skip
"""The eleven classes of the SegNet split, in its colours; 11 is unlabelled."""


def read_classes(folder: Path, otherwise: ClassList | None = None) -> ClassList:
    """The classes in `classes.txt` of a directory, or `otherwise` if there is no such file.

    The file has one class per line: its labels, a name and a colour (`7, 8: road #804080`). Labels and colour are
    optional: by default the first class has label 0, another one the label after that of the previous class. A line
    `ignore: 0, 255` names ignored labels (255 by default). Empty lines are skipped. Raises `UserError`.
    """
    path = folder / FILE_NAME
    if not path.exists():
        if otherwise is None:
            raise UserError(
                f"{folder} has no {FILE_NAME}: the classes of its labels are not known",
                help=f"write {path} with one class per line, the first for label 0; for the classes of CamVid "
                f"use camvid:{folder}",
            )
        return otherwise
    if not path.is_file():
        raise UserError(f"{path} is not a file", help="write one class per line, the first for label 0")
    return _parse(path, read_text(path))


def spread_colours(count: int) -> tuple[Colour, ...]:
    """Colours for classes without one."""
    return tuple(_spread(index) for index in range(count))


def _parse(path: Path, text: str) -> ClassList:
    names: list[str] = []
    colours: list[Colour] = []
    labels: list[tuple[int, ...]] = []
    listed: dict[int, None] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        if match := IGNORE_LINE.fullmatch(line):
            listed.update(dict.fromkeys(_numbers(match[1], where)))
            continue
        match = CLASS_LINE.fullmatch(line)
        if match is None or re.match(r"\s*ignore\s*:", line):
            raise UserError(
                f"{where}: '{line.strip()}' is not a class",
                help="write a name, optionally with labels and a colour, `7: road #804080`; or `ignore: 0, 255`",
            )
        following = labels[-1][-1] + 1 if labels else 0
        labels.append(tuple(_numbers(match[1], where)) if match[1] else (following,))
        names.append(match[2])
        colours.append(_colour(match[3]) if match[3] else _spread(len(colours)))
    known = {label for own in labels for label in own}
    ignored = list(listed) or [label for label in (DEFAULT_IGNORE,) if label not in known]
    _check_names(path, names)
    _check_labels(path, names, labels, ignored)
    inside = [label for label in ignored if len(names) <= label <= DEFAULT_IGNORE]
    ignore = inside[0] if inside else DEFAULT_IGNORE
    return ClassList(tuple(names), tuple(colours), ignore, tuple(labels), tuple(ignored))


def _numbers(text: str, where: str) -> Iterator[int]:
    """The labels of `7, 9, 24..33`."""
    for item in text.split(","):
        first, _, last = item.partition("..")
        start, end = int(first), int(last or first)
        if max(start, end) > LARGEST_LABEL:
            raise UserError(f"{where}: the label {max(start, end)} is too large", help=f"up to {LARGEST_LABEL}")
        if end < start:
            raise UserError(f"{where}: '{item.strip()}' is an empty range", help="write the smaller label first")
        yield from range(start, end + 1)


def _colour(digits: str) -> Colour:
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _spread(index: int) -> Colour:
    """A colour far from those of lower indices: steps of the golden ratio around the hues."""
    hue = index * 0.618034 % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.65, 0.9 if index % 2 else 0.65)
    return round(red * 255), round(green * 255), round(blue * 255)


def _check_names(path: Path, names: Sequence[str]) -> None:
    if len(names) == 1:
        raise UserError(
            f"{path} has only one class, '{names[0]}'",
            help="the background is a class, too: add a line for it",
        )
    if len(names) < 2 or len(names) > MOST_CLASSES:
        raise UserError(f"{path} has {len(names)} classes", help=f"write 2 to {MOST_CLASSES} classes, one per line")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"{path} has the class '{twice}' twice", help="give each class a unique name")


def _check_labels(path: Path, names: Sequence[str], labels: Sequence[tuple[int, ...]], ignored: Sequence[int]) -> None:
    owners: dict[int, str] = {}
    for name, own in zip(names, labels, strict=True):
        for label in own:
            if label in owners:
                raise UserError(
                    f"{path} assigns the label {label} to '{owners[label]}' and to '{name}'", help="remove one"
                )
            owners[label] = name
    for label in ignored:
        if label in owners:
            raise UserError(
                f"{path}: the ignored label {label} is the label of '{owners[label]}'",
                help=f"leave one of the two out; where the labels begin at another number than 0, write it before the "
                f"name, `{label + 1}: {owners[label]}`, and the lines after it count on",
            )
