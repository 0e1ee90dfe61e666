"""The manifest of a run: command, space, settings and versions, stored in the run's directory."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ssrdsl import __version__
from ssrdsl.errors import UserError
from ssrdsl.files import read_json, write_atomically

MANIFEST_NAME = "manifest.json"


class Manifest(BaseModel):
    """The record of one run. `space_sha256` is that of the space's text, `settings` are the command's own.

    `torch` is None if the command that wrote the manifest did not use torch.
    """

    model_config = ConfigDict(frozen=True)

    command: str
    command_line: str
    seed: int | None
    space: str | None
    space_sha256: str | None
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    ssrdsl: str
    python: str
    torch: str | None
    platform: str
    created: datetime

    def write(self, folder: str | PathLike[str]) -> None:
        """Write the manifest into a run directory. Raises `UserError` if that fails."""
        write_atomically(Path(folder) / MANIFEST_NAME, self.text())

    def with_settings(self, **settings: JsonValue) -> Manifest:
        """The manifest with some of its settings replaced."""
        return self.model_copy(update={"settings": _printable({**self.settings, **settings})})

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def manifest(
    command: str,
    *,
    seed: int | None = None,
    space: str | None = None,
    space_text: str | None = None,
    settings: Mapping[str, JsonValue] | None = None,
) -> Manifest:
    """The manifest of a command started now in this process, for a space and the text of its `.ssr` file."""
    return Manifest(
        command=command,
        command_line=printable(shlex.join(["ssrdsl", *sys.argv[1:]])),
        seed=seed,
        space=space,
        space_sha256=None if space_text is None else text_sha256(space_text),
        settings=_printable(settings or {}),
        ssrdsl=__version__,
        python=platform.python_version(),
        torch=_torch_version(),
        platform=platform.platform(),
        created=datetime.now(UTC).replace(microsecond=0),
    )


def read_manifest(folder: str | PathLike[str], expected: str = "a run") -> Manifest:
    """The manifest of a run directory, `expected` in messages. Raises `UserError` if there is none or it is damaged."""
    path = Path(folder) / MANIFEST_NAME
    if not Path(folder).exists():
        raise UserError(f"there is no directory {folder}", help=f"give the --out directory of {expected}")
    if Path(folder).is_dir() and not path.exists():
        message = f"{folder} is not a run directory: it has no {MANIFEST_NAME}"
        raise UserError(message, help=f"give the --out directory of {expected}")
    damaged = "restore the file, or start a new run in another directory"
    try:
        held = read_json(path)
    except UserError as error:
        if not path.is_file():
            raise
        raise UserError(f"{path} is damaged: {error.message}", help=damaged) from error
    try:
        return Manifest.model_validate(held)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise UserError(f"{path} is damaged: {place}: {first['msg']}", help=damaged) from error


def text_sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def printable(text: str) -> str:
    """A text with bytes that are not UTF-8, which file names may contain, as escapes: `r\\xff`."""
    return os.fsencode(text).decode("utf-8", "backslashreplace") if not text.isascii() else text


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case Mapping():
            return {printable(name): _printable(each) for name, each in value.items()}
        case list() | tuple():
            return [_printable(each) for each in value]
    return value


def _torch_version() -> str | None:
    # Taken from the modules already loaded: a manifest does not load torch.
    torch = sys.modules.get("torch")
    return None if torch is None else str(torch.__version__)
