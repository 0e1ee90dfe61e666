"""Images on disk: pairs with label images in the SegNet layout, and the input images of a command."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import check_readable, file_error
from ssrdsl.segmentation.data.listing import read_list
from ssrdsl.segmentation.data.notes import Note

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
KINDS = "PNG, JPEG, WebP, BMP and TIFF"
SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})
SPLITS = ("train", "val", "test")
SHOWN = 3


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """The files of an image and its labels, and its name: the path below its directory, without suffix."""

    image: Path
    label: Path
    stem: str


@dataclass(slots=True)
class _ImageFiles:
    """The images below a directory by stem, and the number of skipped files of other kinds, by suffix."""

    images: dict[str, Path] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)


def check_folder(root: Path) -> None:
    """Raise `UserError` if there is no such directory."""
    if not root.is_dir():
        what = "is not a directory" if root.exists() else "does not exist"
        raise UserError(f"{root} {what}", help="use the directory that contains train/ and trainannot/")


def find_pairs(root: Path, split: str) -> tuple[list[LabelledImage], list[Note]]:
    """The pairs of a split, in the order of their names (or of the list file); `train+val` joins splits.

    `SPLIT.txt`, if it exists, lists pairs, an image and its labels per line. Otherwise the images below `SPLIT/` and
    the labels below `SPLITannot/` are matched by their paths without suffix. The notes list files that were skipped.
    Raises `UserError` if directories or partners are missing.
    """
    check_folder(root)
    pairs: list[LabelledImage] = []
    notes: list[Note] = []
    for part in split.split("+"):
        if part not in SPLITS:
            raise UserError(f"unknown split '{part}'", help=f"the splits are {', '.join(SPLITS)}, and train+val")
        listing = root / f"{part}.txt"
        if listing.is_file():
            pairs += [LabelledImage(image, label, image.stem) for image, label in read_list(root, listing)]
        else:
            pairs += _matched(root, part, notes)
    return pairs, notes


def find_sources(paths: Sequence[Path], apart: Path) -> dict[str, Path]:
    """The images of files and directories by name, in order; those below `apart`, the output directory, are skipped.

    The name of an image in a directory is its path below it, without suffix. Raises `UserError` if one is missing, a
    directory has none, or two images have the same name.
    """
    sources: dict[str, Path] = {}
    for path in paths:
        for name, image in (_images_below(path, apart.resolve()) if path.is_dir() else _single(path)).items():
            if name in sources and sources[name].resolve() != image.resolve():
                raise UserError(
                    f"{sources[name]} and {image} have the same result name '{name}'",
                    help="rename one of them, or use another --out for each",
                )
            sources.setdefault(name, image)
    return sources


def _single(path: Path) -> dict[str, Path]:
    if path.is_file() or not path.exists():
        check_readable(path)
    return {path.stem: path}


def _images_below(folder: Path, apart: Path) -> dict[str, Path]:
    found = {name: path for name, path in _below(folder).images.items() if not path.resolve().is_relative_to(apart)}
    if not found:
        raise UserError(f"{folder} contains no images", help="put PNG, JPEG, WebP, BMP or TIFF images there")
    return found


def _matched(root: Path, part: str, notes: list[Note]) -> list[LabelledImage]:
    names = (part, f"{part}annot")
    images, labels = (_split_files(root, name, part) for name in names)
    for name, files in zip(names, (images, labels), strict=True):
        if files.others:
            kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(files.others.items()))
            notes.append(
                Note(f"{root / name} contains files that are not read: {kinds}", f"only {KINDS} images are read")
            )
    for left, right, name in ((images, labels, names[1]), (labels, images, names[0])):
        if missing := sorted(left.images.keys() - right.images.keys()):
            shown = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else "")
            counts = f"{len(images.images)} images and {len(labels.images)} label images"
            raise UserError(
                f"{root} has {counts} in '{part}': no {name}/ file for {shown}",
                help="each image needs a label image of the same name",
            )
    if not images.images:
        raise UserError(f"{root / part} contains no images", help=f"put {KINDS.replace('and', 'or')} images there")
    return [LabelledImage(images.images[stem], labels.images[stem], stem) for stem in sorted(images.images)]


def _split_files(root: Path, name: str, part: str) -> _ImageFiles:
    place = root / name
    if not place.is_dir():
        present = [name for name in SPLITS if (root / name).is_dir()]
        hint = (
            f"it has {', '.join(present)}" if present else "the SegNet layout has train/, trainannot/, val/, valannot/"
        )
        raise UserError(f"{root} has no directory {name}/ for the split '{part}'", help=hint)
    return _below(place)


def _below(folder: Path) -> _ImageFiles:
    """All images below a directory; names are compared in the Unicode form NFC."""
    files = _ImageFiles()
    for path in _walk(folder, frozenset()):
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            files.others[suffix or "without suffix"] += 1
            continue
        stem = unicodedata.normalize("NFC", path.relative_to(folder).with_suffix("").as_posix())
        if stem in files.images:
            raise UserError(
                f"{folder} contains {files.images[stem].relative_to(folder)} and {path.relative_to(folder)}",
                help="remove one of the two",
            )
        files.images[stem] = path
    return files


def _walk(folder: Path, above: frozenset[str]) -> Iterator[Path]:
    """The files below a directory, sorted; hidden files and links back to a parent directory are skipped."""
    above = above | {os.path.realpath(folder)}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise file_error("read", folder, error) from error
    for path in entries:
        if path.name.startswith((".", "__MACOSX")) or path.name.lower() in SYSTEM_FILES:
            continue
        if not path.is_dir():
            yield path
        elif os.path.realpath(path) not in above:
            yield from _walk(path, above)
