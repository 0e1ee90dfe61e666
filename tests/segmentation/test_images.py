"""Image files: formats, bit depths, orientation, and rejected files."""

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.images import read_marks, read_picture, stored_size

PIXELS = np.random.default_rng(3).integers(0, 256, (5, 7, 3), dtype=np.uint8)
NUMBERS = np.arange(35, dtype=np.uint8).reshape(5, 7) % 3
# What brings an upright image to the pixels that are stored with an orientation.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


def png(width: int, height: int, depth: int, colour: int, rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp"])
def test_formats_without_loss_are_read_exactly(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image.{suffix}"
    Image.fromarray(PIXELS).save(path, lossless=True)
    picture = read_picture(path)
    assert np.array_equal(np.asarray(picture.image), PIXELS)
    assert (picture.turned, picture.peak, picture.size) == (False, None, (5, 7))
    assert stored_size(path) == (5, 7)


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "image.bmp")
    (tmp_path / "image.bmp").rename(tmp_path / "image.png")
    assert np.array_equal(np.asarray(read_picture(tmp_path / "image.png").image), PIXELS)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_16_bits_become_the_upper_8(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image.{suffix}"
    grey = PIXELS[..., 0]
    Image.fromarray(grey.astype(np.uint16) * 257).save(path)
    picture = read_picture(path)
    assert np.array_equal(np.asarray(picture.image), grey[..., None].repeat(3, axis=2))
    assert picture.peak == int(grey.max()) * 257


def test_16_bits_of_colour_become_the_upper_8(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(png(7, 5, 16, 2, [row.tobytes() for row in (PIXELS.astype(">u2") * 257).astype(">u2")]))
    picture = read_picture(path)
    assert np.array_equal(np.asarray(picture.image), PIXELS)
    assert picture.peak == 65535


@pytest.mark.parametrize("suffix", ["png", "tiff", "webp"])
@pytest.mark.parametrize("orientation", list(STORED))
def test_images_and_labels_are_turned_as_their_orientation_says(tmp_path: Path, suffix: str, orientation: int) -> None:
    path, exif = tmp_path / f"image.{suffix}", Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](PIXELS))
    Image.fromarray(stored).save(path, exif=exif, lossless=True)
    assert stored_size(path) == (5, 7)
    picture = read_picture(path)
    assert np.array_equal(np.asarray(picture.image), PIXELS)
    assert picture.turned is (orientation != 1)
    if suffix != "webp":
        Image.fromarray(np.ascontiguousarray(STORED[orientation](NUMBERS))).save(path, exif=exif)
        assert np.array_equal(read_marks(path), NUMBERS)


@pytest.mark.parametrize(
    ("depth", "numbers"), [(1, [0, 1, 1, 0]), (2, [0, 1, 2, 3]), (4, [0, 1, 2, 15]), (8, [0, 1, 7, 255])]
)
def test_narrow_grey_labels_keep_their_numbers(tmp_path: Path, depth: int, numbers: list[int]) -> None:
    path = tmp_path / "label.png"
    bits = "".join(f"{number:0{depth}b}" for number in numbers).ljust(8, "0")
    path.write_bytes(png(4, 1, depth, 0, [int(bits, 2).to_bytes(len(bits) // 8, "big")]))
    assert read_marks(path).tolist() == [numbers]


def test_labels_of_16_bits_keep_their_numbers(tmp_path: Path) -> None:
    for suffix in ("png", "tiff"):
        Image.fromarray(np.array([[0, 300, 65535]], dtype=np.uint16)).save(tmp_path / f"label.{suffix}")
        assert read_marks(tmp_path / f"label.{suffix}").tolist() == [[0, 300, 65535]]


def test_labels_that_were_compressed_with_loss_are_refused(tmp_path: Path) -> None:
    Image.fromarray(NUMBERS).save(tmp_path / "label.jpg")
    Image.fromarray(NUMBERS).save(tmp_path / "label.tiff", compression="jpeg")
    Image.fromarray(NUMBERS).save(tmp_path / "named.png", format="JPEG")
    for name in ("label.jpg", "label.tiff", "named.png"):
        with pytest.raises(UserError, match="is a JPEG image: its compression changes class numbers"):
            read_marks(tmp_path / name)
        assert read_picture(tmp_path / name).size == (5, 7)


def test_pixels_of_32_bits_are_refused(tmp_path: Path) -> None:
    for kind, mode in ((np.int32, "I"), (np.float32, "F")):
        Image.fromarray(NUMBERS.astype(kind)).save(tmp_path / "image.tiff")
        with pytest.raises(UserError, match=f"has pixels of mode {mode}"):
            read_picture(tmp_path / "image.tiff")
    with pytest.raises(UserError, match="is a F image"):
        read_marks(tmp_path / "image.tiff")


@pytest.mark.parametrize(
    "content",
    [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\nshowpage\n", b"P6 1 1 255\n\0\0\0", b"GIF89a"],
)
def test_other_formats_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "image.png").write_bytes(content)
    with pytest.raises(UserError, match="it is not a PNG, JPEG, WebP, BMP or TIFF image"):
        read_picture(tmp_path / "image.png")


def test_ghostscript_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    (tmp_path / "image.png").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\nshowpage\n"
    )
    with pytest.raises(UserError):
        read_picture(tmp_path / "image.png")
    assert not (tmp_path / "started").exists()


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    for name in ("pipe.png", "link.png", "zero.png"):
        with pytest.raises(UserError, match="it is a pipe or device, not an image file"):
            read_picture(tmp_path / name)
    with pytest.raises(UserError, match="it is a directory"):
        read_picture(tmp_path)
    with pytest.raises(UserError, match="there is no such file"):
        read_marks(tmp_path / "none.png")


@pytest.mark.parametrize(("width", "height"), [(178_000_000, 1), (12_000, 12_000), (1_000_000, 1_000_000)])
def test_images_of_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(png(width, height, 8, 2, [b""]))
    for read in (read_picture, read_marks, stored_size):
        with pytest.raises(UserError, match="it has more than 134,217,728 pixels"):
            read(path)


def test_files_of_several_images_are_refused(tmp_path: Path) -> None:
    pages = [Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)]
    pages[0].save(tmp_path / "image.tiff", save_all=True, append_images=pages[1:])
    with pytest.raises(UserError, match="contains 2 images"):
        read_picture(tmp_path / "image.tiff")
    # The further ones of a camera's JPEG are previews.
    pages[0].save(tmp_path / "image.jpg", format="MPO", save_all=True, append_images=pages[1:], quality=95)
    seen = np.asarray(read_picture(tmp_path / "image.jpg").image).astype(int)
    assert abs(seen - PIXELS).mean() < abs(seen - (255 - PIXELS)).mean()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["PNG", "JPEG", "BMP", "TIFF", "WEBP"]), data=st.data())
def test_damaged_files_are_read_or_reported(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    path = tmp_path / "image"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(path, format=kind, exif=exif)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    for read in (read_picture, read_marks, stored_size):
        with suppress(UserError):
            read(path)
