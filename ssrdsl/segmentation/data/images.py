"""Image files in five formats, checked before their pixels are decoded."""

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

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
LARGEST_PIXELS = 1 << 27
"""Pixels of the largest image that is decoded: 134 million, 8192 x 16384."""
PICTURE_MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"})
DEEP_GREY = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
LABEL_MODES = frozenset({"1", "L", "P", "I", *DEEP_GREY})
NARROW_GREY = {"L;2": 85, "L;4": 17}
"""Grey of two and four bits, which Pillow scales to 0 to 255 by these factors."""
REPLACE = "replace the file, or remove it; in data, with its partner"
ORIENTATION = 0x0112
UPRIGHT = 1
SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Picture:
    """An 8-bit RGB image, and the changes to the pixels of the file.

    `turned`: it was rotated or mirrored according to its EXIF orientation. `peak`: the highest value of an image with
    16 bits per channel (65535 if not known), None for others.
    """

    image: Image.Image
    turned: bool
    peak: int | None

    @property
    def size(self) -> Size:
        """Height and width."""
        return self.image.height, self.image.width


def read_picture(path: Path) -> Picture:
    """An image as 8-bit RGB, turned by its EXIF orientation, without alpha; of 16 bits the upper 8 are used.

    Raises `UserError` if the file is not a PNG, JPEG, WebP, BMP or TIFF image, damaged, or too large.
    """
    with _opened(path) as image:
        deep, turned = ";16" in _raw_mode(image), _orientation(image) != UPRIGHT
        if image.mode not in PICTURE_MODES | DEEP_GREY:
            raise UserError(
                f"{path} has pixels of mode {image.mode}",
                help="save it as RGB or grey, with 8 or 16 bits per channel",
            )
        upright = _upright(path, image)
        peak = None
        if image.mode in DEEP_GREY:
            values = np.asarray(upright).astype(np.uint16)
            peak = int(values.max(initial=0))
            upright = Image.fromarray((values >> 8).astype(np.uint8))
        elif deep:
            peak = 0xFFFF
        with _decoding(path):
            return Picture(upright.convert("RGB"), turned, peak)


def read_marks(path: Path) -> npt.NDArray[np.integer[Any]]:
    """The stored values of a label image, [H, W]; for a palette image its indices.

    Raises `UserError` for JPEG, which is not exact, or more than one channel.
    """
    with _opened(path) as image:
        if image.format in ("JPEG", "MPO") or image.info.get("compression") in ("jpeg", "webp"):
            raise UserError(
                f"{path} is a JPEG image: its compression changes class numbers",
                help="create the labels again from their source as PNG: JPEG has already changed them",
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
    """Height and width of an image as displayed, without decoding its pixels. Raises `UserError`."""
    with _opened(path) as image:
        # Pillow turns TIFF images itself, and returns their size as displayed.
        sideways = _orientation(image) in SIDEWAYS and image.format != "TIFF"
        return (image.width, image.height) if sideways else (image.height, image.width)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Open an image file and check its header. Pillow's warnings about odd files are suppressed."""
    with _regular(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _decoding(path):
            image = Image.open(stream, formats=FORMATS)
            pages = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
        if image.width * image.height > LARGEST_PIXELS:
            raise _too_large(path)
        if pages > 1:
            raise UserError(f"{path} contains {pages} images", help="save each image in its own file")
        yield image


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Turn failures of Pillow into `UserError`; its decoders can raise any exception."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except Exception as error:
        raise _unreadable(path, error) from error


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading; never a pipe or a device, which may not end. Raises `UserError`."""
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
    """The decoded image, turned by its EXIF orientation."""
    with _decoding(path):
        image.load()
        return ImageOps.exif_transpose(image) if _orientation(image) != UPRIGHT else image


def _orientation(image: Image.Image) -> int:
    """The orientation, 1 to 8; 1 if there are no EXIF data or they are damaged."""
    try:
        value = image.getexif().get(ORIENTATION)
    except Exception:
        return UPRIGHT
    return value if isinstance(value, int) and 1 <= value <= 8 else UPRIGHT


def _raw_mode(image: Image.Image) -> str:
    """The pixel format in the file, before Pillow converts it to `image.mode`; empty if not known."""
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
