"""Generated scenes cached in files, for processes that need the same scenes.

If SSRDSL_STREETS_CACHE is set to a directory, scenes are read from there, and written there once generated.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ssrdsl.errors import UserError
from ssrdsl.files import atomic_path, make_folder
from ssrdsl.segmentation.data.sizes import Size, format_size

CACHE_VARIABLE = "SSRDSL_STREETS_CACHE"

Scenes = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
"""Pictures [N, h, w, 3] and labels [N, h, w]."""


def kept_scenes(part: str, count: int, size: Size, draw: Callable[[], Scenes]) -> Scenes:
    """The scenes of a split from the cache directory, generated if they are not there yet.

    Damaged files are replaced; if the directory cannot be written to, nothing is cached.
    """
    folder = os.environ.get(CACHE_VARIABLE)
    if not folder:
        return draw()
    path = Path(folder) / f"{part}-{count}-{format_size(size)}-{_version()}.npz"
    damaged = (BadZipFile, EOFError, KeyError, OSError, ValueError)
    with suppress(*damaged), path.open("rb") as file, np.load(file, allow_pickle=False) as held:
        return held["pictures"], held["labels"]
    scenes = draw()
    with suppress(UserError):
        make_folder(folder)
        with atomic_path(path) as partial:
            np.savez(partial, pictures=scenes[0], labels=scenes[1])
    return scenes


@cache
def _version() -> str:
    """A hash of the source of the generator, since another version draws other scenes."""
    digest = hashlib.sha256()
    for file in sorted((Path(__file__).parent / "streets").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
