"""The input images of a command, given as files and directories, and the names of their results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import check_readable
from ssrdsl.segmentation.data.folders import image_files


def find_sources(paths: Sequence[Path], apart: Path) -> dict[str, Path]:
    """The images of files and directories by name, in order; those below `apart`, the output directory, are skipped.

    The name of an image in a directory is its path below it, without suffix. Raises `UserError` if one is missing, a
    directory has none, or two images have the same name.
    """
    sources: dict[str, Path] = {}
    for path in paths:
        for name, image in (_below(path, apart.resolve()) if path.is_dir() else _single(path)).items():
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


def _below(folder: Path, apart: Path) -> dict[str, Path]:
    found = {name: path for name, path in image_files(folder).items() if not path.resolve().is_relative_to(apart)}
    if not found:
        raise UserError(f"{folder} contains no images", help="put PNG, JPEG, WebP, BMP or TIFF images there")
    return found
