"""The input images of a command, given as files and directories, and the names of their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import check_readable
from ssrdsl.segmentation.data.folders import image_files


@dataclass(frozen=True, slots=True)
class InputImage:
    """An image file, and its name: in a directory the path below it, without suffix."""

    path: Path
    name: str


def find_sources(paths: Sequence[Path], apart: Path) -> list[InputImage]:
    """The images of files and directories, in order; those below `apart`, the output directory, are skipped.

    Raises `UserError` if one is missing, a directory has none, or two images have the same name.
    """
    sources: dict[str, InputImage] = {}
    for path in paths:
        for source in _below(path, apart.resolve()) if path.is_dir() else [_single(path)]:
            if source.name in sources and sources[source.name].path.resolve() != source.path.resolve():
                raise UserError(
                    f"{sources[source.name].path} and {source.path} have the same result name '{source.name}'",
                    help="rename one of them, or use another --out for each",
                )
            sources.setdefault(source.name, source)
    return list(sources.values())


def _single(path: Path) -> InputImage:
    if path.is_file() or not path.exists():
        check_readable(path)
    return InputImage(path, path.stem)


def _below(folder: Path, apart: Path) -> list[InputImage]:
    found = [
        InputImage(path, name) for name, path in image_files(folder).items() if not path.resolve().is_relative_to(apart)
    ]
    if not found:
        raise UserError(f"{folder} contains no images", help="put PNG, JPEG, WebP, BMP or TIFF images there")
    return found
