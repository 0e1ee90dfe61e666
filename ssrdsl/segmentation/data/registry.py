"""Data sets by name: `streets`, `camvid:PATH`, or the path of a directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.classes import CAMVID, read_classes
from ssrdsl.segmentation.data.folders import check_folder
from ssrdsl.segmentation.data.sizes import Size
from ssrdsl.segmentation.data.splits import parse_split

if TYPE_CHECKING:
    from ssrdsl.segmentation.data.dataset import Dataset


CAMVID_VARIABLE = "SSRDSL_CAMVID"
NAMES = ("streets", "camvid")


def open_dataset(name: str, split: str = "train", size: Size | None = None) -> Dataset:
    """Open a split of a data set: read or generate it in memory, and check every label.

    `name` is `streets` (generated; `streets:512` for 512 training scenes), `camvid:PATH` (SegNet layout, CamVid's
    classes if it has no classes.txt; the path of plain `camvid` is that of the variable SSRDSL_CAMVID) or a path in
    the SegNet layout with a classes.txt. `split` is `train`, `val`, `test`, several joined by `+`, or a part in
    percent such as `train:0-80`. `size` is (height, width); None keeps
    that of the data. Raises `UserError` if anything is missing or invalid.
    """
    check_data_name(name)
    part = parse_split(split)
    return _open_whole(name, part.name, size).part(part, split)


def class_names(name: str) -> tuple[str, ...]:
    """The names of the classes of a data set, without reading its images or loading torch. Raises `UserError`."""
    check_data_name(name)
    family, _, argument = name.partition(":")
    if family == "streets":
        from ssrdsl.segmentation.data.streets import CLASSES

        return CLASSES
    if family == "camvid":
        return read_classes(_camvid_folder(argument), CAMVID).names
    return read_classes(Path(name).expanduser()).names


def _open_whole(name: str, split: str, size: Size | None) -> Dataset:
    from ssrdsl.segmentation.data.camvid import open_folder
    from ssrdsl.segmentation.data.generated import open_streets

    family, _, argument = name.partition(":")
    if family == "streets":
        return open_streets(argument, split, size)
    if family == "camvid":
        return open_folder("camvid", _camvid_folder(argument), split, size, otherwise=CAMVID)
    folder = Path(name).expanduser()
    return open_folder(folder.resolve().name, folder, split, size)


def open_splits(name: str, splits: Sequence[str], size: Size | None = None) -> list[Dataset]:
    """Open splits of a data set at one size: the given one, or that of the first split. Raises `UserError`."""
    first = open_dataset(name, splits[0], size)
    return [first, *(open_dataset(name, split, first.size) for split in splits[1:])]


def check_data_name(name: str) -> None:
    """Raise `UserError` for an unknown data set, without loading torch or reading a directory."""
    family, _, argument = name.partition(":")
    if family == "camvid":
        check_folder(_camvid_folder(argument))
    elif Path(name).exists() or os.sep in name:
        check_folder(Path(name).expanduser())
    elif family != "streets":
        raise _unknown(name, family)


def lasting_name(name: str) -> str:
    """The name of a data set for records: with an absolute path, so that it holds in any directory."""
    family, _, argument = name.partition(":")
    if family == "camvid":
        return f"camvid:{os.path.abspath(_camvid_folder(argument))}"
    return name if family == "streets" else os.path.abspath(os.path.expanduser(name))


def _camvid_folder(argument: str) -> Path:
    place = argument or os.environ.get(CAMVID_VARIABLE, "")
    if not place:
        raise UserError("the directory of CamVid is not known", help=f"write camvid:PATH, or set {CAMVID_VARIABLE}")
    return Path(place).expanduser()


def _unknown(name: str, family: str) -> UserError:
    near = get_close_matches(family.lower(), NAMES, n=1)
    guess = f"did you mean '{near[0]}'? " if near else ""
    return UserError(f"unknown data set '{name}'", help=f"{guess}use streets, camvid:PATH, or a directory")
