"""Lists of pairs such as `train.txt`, with an image and its labels per line."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import read_text

SEPARATOR = re.compile(r"\s*[\t,;]\s*|\s+")
QUOTED = re.compile(r"""\s*(?:"([^"]+)"|([^"\s,;]+))[\s,;]+(?:"([^"]+)"|([^"\s,;]+))\s*""")
LONGEST_LINE = 8192
MOST_WAYS = 256
HOW = "write two paths per line, separated by a tab, a comma or a space"


def read_list(root: Path, listing: Path) -> list[tuple[Path, Path]]:
    """The files of images and labels in a list, in its order. Raises `UserError` with the line.

    A line is split so that both files exist: paths may contain spaces and commas, backslashes are read as slashes, and
    paths may be quoted.
    """
    pairs = [
        _read_line(root, line, f"{listing}:{number}")
        for number, line in enumerate(read_text(listing).splitlines(), start=1)
        if line.strip()
    ]
    if not pairs:
        raise UserError(f"{listing} has no pairs", help="write two paths per line, or remove the file")
    return pairs


def _read_line(root: Path, line: str, where: str) -> tuple[Path, Path]:
    ways = list(_ways(line)) if len(line) <= LONGEST_LINE else []
    if len(line) > LONGEST_LINE or len(ways) > MOST_WAYS:
        raise UserError(f"{where}: the line is too long for two paths", help=HOW)
    found = {pair: None for way in ways if (pair := _both(root, way)) is not None}
    if len(found) == 1:
        return next(iter(found))
    if found:
        raise UserError(
            f"{where}: the line can be split into two paths in {len(found)} ways",
            help=HOW.replace("a tab, a comma or a space", "a tab"),
        )
    if len(ways) == 1:
        missing = next(word for word in ways[0] if _locate(root, word) is None)
        raise UserError(f"{where}: file not found: {missing}", help=f"paths are read relative to {root}")
    what = "expected an image and its labels" if not ways else "the line does not contain two existing files"
    raise UserError(f"{where}: {what}", help=f"{HOW}; paths are read relative to {root}")


def _ways(line: str) -> Iterator[tuple[str, str]]:
    """The ways to split a line into two paths: by quotes, by its only tab, else at every separator."""
    if '"' in line and (match := QUOTED.fullmatch(line)):
        yield match[1] or match[2], match[3] or match[4]
        return
    line = line.strip()
    separators = list(SEPARATOR.finditer(line))
    tabs = [match for match in separators if "\t" in match[0]]
    for match in tabs if len(tabs) == 1 else separators:
        left, right = line[: match.start()], line[match.end() :]
        if left and right:
            yield left, right


def _both(root: Path, way: tuple[str, str]) -> tuple[Path, Path] | None:
    image, label = _locate(root, way[0]), _locate(root, way[1])
    return (image, label) if image is not None and label is not None else None


def _locate(root: Path, word: str) -> Path | None:
    """A listed file: as written, or below the root by the end of its path (at least a directory and a name).

    The published lists have absolute paths of the machine they were made on.
    """
    for text in dict.fromkeys((word, word.replace("\\", "/"))):
        written = Path(text)
        if (found := _existing(root, written)) is not None:
            return found
        parts = [part for part in written.parts if part not in ("/", "..")]
        for start in range(len(parts) - 1):
            if (found := _existing(root, Path(*parts[start:]))) is not None:
                return found
    return None


def _existing(root: Path, path: Path) -> Path | None:
    """The file of a path, whose Unicode form on the disk (NFC, NFD) may differ from that in the list.

    Unlike pathlib, `os.path` accepts names that are too long or contain a null byte: there are no such files.
    """
    place = root / path
    if os.path.isfile(place):
        return place
    if str(path).isascii():
        return None
    place = Path(path.anchor) if path.is_absolute() else root
    for part in path.relative_to(path.anchor).parts:
        forms = (part, unicodedata.normalize("NFC", part), unicodedata.normalize("NFD", part))
        known = next((place / form for form in forms if os.path.exists(place / form)), None)
        if known is None:
            return None
        place = known
    return place if os.path.isfile(place) else None
