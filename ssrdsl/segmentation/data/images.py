"""Image files: opened as one of five formats, and checked before their pixels are decoded."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from ssrdsl.errors import UserError
from ssrdsl.files import file_error
from ssrdsl.segmentation.data.sizes import Size

__all__ = ["LARGEST_PIXELS", "Picture", "read_marks", "read_picture", "stored_size"]

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
LARGEST_PIXELS = 1 << 27
"""Pixels of the largest image that is decoded: 134 million, 8192 x 16384."""
PICTURE_MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"})
DEEP_GREY = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
LABEL_MODES = frozenset({"1", "L", "P", "I", *DEEP_GREY})
NARROW_GREY = {"L;2": 85, "L;4": 17}
"""Grey of two and four bits, which Pillow spreads over 0 to 255 by these factors."""
REPLACE = "replace the file, or remove it; in data, with its partner"
ORIENTATION = 0x0112
UPRIGHT = 1
SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Picture:
    """An RGB image of 8 bits, and what was done to the file's pixels to get it.

    `turned`: it was rotated or mirrored as its EXIF orientation says. `peak`: of an image with 16 bits a channel its
    highest value (65535 where that is not known), of others None.
    """

    image: Image.Image
    turned: bool
    peak: int | None

    @property
    def size(self) -> Size:
        """Height and width."""
        return self.image.height, self.image.width


def read_picture(path: Path) -> Picture:
    """An image as RGB of 8 bits, turned as its EXIF orientation says; alpha is dropped, 16 bits become the upper 8.

    Raises `UserError` where the file is not a PNG, JPEG, WebP, BMP or TIFF image, damaged, or too large.
    """
    with _opened(path) as image:
        deep, turned = ";16" in _raw_mode(image), _orientation(image) != UPRIGHT
        if image.mode not in PICTURE_MODES | DEEP_GREY:
            raise UserError(
                f"{path} has pixels of the kind {image.mode}",
                help="save it as RGB or grey, with 8 or 16 bits a channel",
            )
        upright = _upright(path, image)
        peak = None
        if image.mode in DEEP_GREY:
            values = np.asarray(upright).astype(np.uint16)
            peak = int(values.max(initial=0))
            upright = Image.fromarray((values >> 8).astype(np.uint8))
        elif deep:
            peak = 0xFFFF
        return Picture(_as_rgb(path, upright), turned, peak)


def read_marks(path: Path) -> npt.NDArray[np.integer[Any]]:
    """The numbers of a label image, [H, W], as they are stored; of a palette image its indices.

    Raises `UserError` where they cannot be exact: JPEG, or more than one channel.
    """
    with _opened(path) as image:
        if image.format in ("JPEG", "MPO") or image.info.get("compression") in ("jpeg", "webp"):
            raise UserError(
                f"{path} is a JPEG image: its compression changes class numbers",
                help="store labels as PNG, and make them again from their source: JPEG has already changed them",
            )
        raw = _raw_mode(image)
        if image.mode not in LABEL_MODES:
            raise UserError(
                f"{path} is a {image.mode} image: labels are class numbers in one channel",
                help="store the class numbers as an 8-bit grey or palette PNG",
            )
        if "I" in raw.partition(";")[2] and image.mode in ("1", "L"):
            raise UserError(f"{path} stores white as 0", help="store the class numbers as an 8-bit grey or palette PNG")
        marks = np.asarray(_upright(path, image))
        return (marks.astype(np.uint8) if marks.dtype == bool else marks) // NARROW_GREY.get(raw, 1)


def stored_size(path: Path) -> Size:
    """Height and width of an image as it is shown: without decoding its pixels. Raises `UserError`."""
    with _opened(path) as image:
        # Pillow turns TIFF images by itself, and gives their size as they are shown.
        sideways = _orientation(image) in SIDEWAYS and image.format != "TIFF"
        return (image.width, image.height) if sideways else (image.height, image.width)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The header of an image file, checked. Pillow's warnings about odd files are left out: it reads them or fails."""
    with _regular(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(stream, formats=FORMATS)
            pages = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
        except Image.DecompressionBombError as error:
            raise _too_large(path) from error
        except Exception as error:  # decoders raise whatever the bytes make them stumble on
            raise _unreadable(path, error) from error
        if image.width * image.height > LARGEST_PIXELS:
            raise _too_large(path)
        if pages > 1:
            raise UserError(f"{path} holds {pages} images", help="save each image in a file of its own")
        yield image


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """A file opened for reading; never a pipe or a device, whose reading may not end. Raises `UserError`."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _special(path)
        stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise file_error("read", path, error) from error
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise _special(path)
        yield stream


def _special(path: Path) -> UserError:
    what = "a directory" if path.is_dir() else "a pipe or device"
    return UserError(f"cannot read {path}: it is {what}, not an image file", help=REPLACE)


def _upright(path: Path, image: Image.Image) -> Image.Image:
    """The image, decoded, as its EXIF orientation says."""
    try:
        image.load()
        return ImageOps.exif_transpose(image) if _orientation(image) != UPRIGHT else image
    except Exception as error:
        raise _unreadable(path, error) from error


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1 also where the file has no EXIF data, or damaged ones."""
    try:
        value = image.getexif().get(ORIENTATION)
    except Exception:
        return UPRIGHT
    return value if isinstance(value, int) and 1 <= value <= 8 else UPRIGHT


def _as_rgb(path: Path, image: Image.Image) -> Image.Image:
    try:
        return image.convert("RGB")
    except Exception as error:
        raise _unreadable(path, error) from error


def _raw_mode(image: Image.Image) -> str:
    """How the file stores its pixels, before Pillow makes `image.mode` of them; empty where it does not say."""
    for tile in getattr(image, "tile", ()):
        arguments = tile[3]
        raw = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
        return raw if isinstance(raw, str) else ""
    return ""


def _unreadable(path: Path, error: Exception) -> UserError:
    if isinstance(error, UnidentifiedImageError):
        empty = path.stat().st_size == 0
        reason = "it is empty" if empty else "it is not a PNG, JPEG, WebP, BMP or TIFF image"
    else:
        reason = str(error) or "damaged"
    return UserError(f"cannot read {path}: {reason}", help=REPLACE)


def _too_large(path: Path) -> UserError:
    return UserError(
        f"cannot read {path}: it has more than {LARGEST_PIXELS:,} pixels", help="cut it into smaller images"
    )
