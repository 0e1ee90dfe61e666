"""The SegNet layout on disk: which image belongs to which label image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.files import read_text

__all__ = ["Pair", "check_folder", "find_pairs"]

SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
SPLITS = ("train", "val", "test")
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of one image and of its labels."""

    image: Path
    label: Path

    @property
    def stem(self) -> str:
        """The name of the image without folder and suffix."""
        return self.image.stem


def check_folder(root: Path) -> None:
    """Raises `UserError` where there is no such folder."""
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise UserError(f"{root} {what}", help="name the folder that holds train/ and trainannot/")


def find_pairs(root: Path, split: str) -> list[Pair]:
    """The pairs of a split, in the order of their names (or of the list file); `train+val` joins splits.

    `SPLIT.txt`, where it exists, lists pairs, an image and its labels a line. Otherwise the images of `SPLIT/` and the
    labels of `SPLITannot/` are matched by stem. Raises `UserError` where folders or partners are missing.
    """
    check_folder(root)
    pairs: list[Pair] = []
    for part in split.split("+"):
        if part not in SPLITS:
            raise UserError(f"there is no split '{part}'", help=f"the splits are {', '.join(SPLITS)}, and train+val")
        listing = root / f"{part}.txt"
        pairs += _listed(root, listing) if listing.is_file() else _matched(root, part)
    return pairs


def _matched(root: Path, part: str) -> list[Pair]:
    images, labels = (_by_stem(root, folder, part) for folder in (part, f"{part}annot"))
    for left, right, folder in ((images, labels, f"{part}annot"), (labels, images, part)):
        if missing := sorted(left.keys() - right.keys()):
            names = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else "")
            counts = f"{len(images)} images and {len(labels)} label images"
            raise UserError(
                f"{root} has {counts} in '{part}': no {folder}/ file for {names}",
                help="each image needs a label image of the same name",
            )
    if not images:
        raise UserError(f"{root / part} holds no images", help="put PNG or JPEG images there")
    return [Pair(images[stem], labels[stem]) for stem in sorted(images)]


def _by_stem(root: Path, folder: str, part: str) -> dict[str, Path]:
    place = root / folder
    if not place.is_dir():
        present = [name for name in SPLITS if (root / name).is_dir()]
        hint = (
            f"it has {', '.join(present)}" if present else "the SegNet layout has train/, trainannot/, val/, valannot/"
        )
        raise UserError(f"{root} has no folder {folder}/ for the split '{part}'", help=hint)
    files: dict[str, Path] = {}
    for path in sorted(place.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in files:
            raise UserError(f"{place} holds {files[path.stem].name} and {path.name}", help="remove one of the two")
        files[path.stem] = path
    return files


def _listed(root: Path, listing: Path) -> list[Pair]:
    pairs = []
    for number, line in enumerate(read_text(listing).splitlines(), start=1):
        if not line.strip():
            continue
        words = line.split()
        if len(words) != 2:
            raise UserError(f"{listing}:{number}: expected an image and its labels", help="write two paths a line")
        image, label = (_locate(root, word, f"{listing}:{number}") for word in words)
        pairs.append(Pair(image, label))
    if not pairs:
        raise UserError(f"{listing} lists no pairs", help="write two paths a line, or remove the file")
    return pairs


def _locate(root: Path, word: str, where: str) -> Path:
    """A listed file: as written, below the root, or by its last two parts there.

    The published lists name absolute paths of the machine they were made on.
    """
    written = Path(word)
    for path in (root / written, root.joinpath(*written.parts[-2:])):
        if path.is_file():
            return path
    raise UserError(f"{where}: there is no file {word}", help=f"paths are read relative to {root}")
