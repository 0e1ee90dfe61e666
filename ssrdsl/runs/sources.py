"""The source texts of a space, stored in the run directory so that a run can be resumed without other files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssrdsl.files import read_text
from ssrdsl.manifest import printable
from ssrdsl.runs.directory import SOURCES_NAME, RunDirectory


def keep_sources(run: RunDirectory, main_name: str, main: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Write the texts, given by the paths they were read from, and return their record for the manifest.

    The text of `main` is written as `main_name`. If there are others, all are also written below `sources/`, in the
    same directory structure, and the record maps their paths to these. Raises `UserError`.
    """
    run.write(main_name, texts[main])
    if len(texts) == 1:
        return {}
    places = {path: os.path.abspath(path) for path in texts}
    root = os.path.commonpath([os.path.dirname(place) for place in places.values()])
    kept = {path: os.path.join(SOURCES_NAME, os.path.relpath(place, root)) for path, place in places.items()}
    for path, name in kept.items():
        run.write(name, texts[path])
    return {"main": printable(main), "sources": {printable(path): printable(name) for path, name in kept.items()}}


def read_sources(run: Path, main_name: str, recorded: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The original path of the main text, and the texts stored in a run by their original paths.

    Without a record the paths are those in the run. Raises `UserError`.
    """
    main, kept = recorded.get("main"), recorded.get("sources")
    if not isinstance(main, str) or not isinstance(kept, dict):
        path = str(run / main_name)
        return path, {path: read_text(path)}
    return main, {path: read_text(run / str(name)) for path, name in kept.items()}
