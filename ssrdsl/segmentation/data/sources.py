"""The images that a command is given, as files and folders, and what their results are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import check_readable
from ssrdsl.segmentation.data.folders import image_files

__all__ = ["Source", "find_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """An image file, and its name: of one in a folder its path below that, without the suffix."""

    path: Path
    name: str


def find_sources(paths: Sequence[Path], apart: Path) -> list[Source]:
    """The images of files and folders, in order; those below `apart`, where results go, are left out.

    Raises `UserError` where one is missing, a folder holds none, or two images have one name.
    """
    sources: dict[str, Source] = {}
    for path in paths:
        for source in _below(path, apart.resolve()) if path.is_dir() else [_single(path)]:
            if source.name in sources and sources[source.name].path.resolve() != source.path.resolve():
                raise UserError(
                    f"{sources[source.name].path} and {source.path} have one name, '{source.name}', for their results",
                    help="rename one of them, or use another --out for each",
                )
            sources.setdefault(source.name, source)
    return list(sources.values())


def _single(path: Path) -> Source:
    if path.is_file() or not path.exists():
        check_readable(path)
    return Source(path, path.stem)


def _below(folder: Path, apart: Path) -> list[Source]:
    found = [
        Source(path, name) for name, path in image_files(folder).items() if not path.resolve().is_relative_to(apart)
    ]
    if not found:
        raise UserError(f"{folder} holds no images", help="put PNG, JPEG, WebP, BMP or TIFF images there")
    return found
