"""Lists of pairs: splitting a line into two files."""

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.listing import read_list

Form = Literal["NFC", "NFD"]


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def read(root: Path, text: str | bytes) -> list[tuple[str, str]]:
    listing = root / "train.txt"
    listing.write_bytes(text if isinstance(text, bytes) else text.encode())
    pairs = read_list(root, listing)
    return [(str(image.relative_to(root)), str(label.relative_to(root))) for image, label in pairs]


@pytest.mark.parametrize(
    "line",
    ["train/a.png trainannot/a.png", "train/a.png\ttrainannot/a.png", "train/a.png,trainannot/a.png",
     "train/a.png , trainannot/a.png", "train/a.png;trainannot/a.png", '"train/a.png" "trainannot/a.png"',
     "  train/a.png   trainannot/a.png  ", "train\\a.png trainannot\\a.png", ".\\train\\a.png .\\trainannot\\a.png",
     "C:\\data\\camvid\\train\\a.png C:\\data\\camvid\\trainannot\\a.png",
     "/SegNet/CamVid/train/a.png /SegNet/CamVid/trainannot/a.png"],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_two_paths_are_read_however_they_are_separated(tmp_path: Path, line: str, end: str) -> None:
    touch(tmp_path, "train/a.png", "trainannot/a.png")
    assert read(tmp_path, f"\ufeff{line}{end}") == [("train/a.png", "trainannot/a.png")]


@pytest.mark.parametrize("name", ["weed (00).png", "a, b.png", "two  spaces.png", "semi;colon.png", "it's.png"])
@pytest.mark.parametrize("between", [" ", "\t", ",", ", "])
def test_names_may_hold_what_separates(tmp_path: Path, name: str, between: str) -> None:
    touch(tmp_path, f"train/{name}", f"trainannot/{name}")
    assert read(tmp_path, f"train/{name}{between}trainannot/{name}\n") == [(f"train/{name}", f"trainannot/{name}")]


def test_quotes_surround_names(tmp_path: Path) -> None:
    touch(tmp_path, "train/a b.png", "trainannot/a b.png")
    expected = [("train/a b.png", "trainannot/a b.png")]
    assert read(tmp_path, '"train/a b.png" "trainannot/a b.png"\n') == expected
    assert read(tmp_path, '"train/a b.png","trainannot/a b.png"\n') == expected


def test_a_backslash_may_be_a_part_of_a_name(tmp_path: Path) -> None:
    touch(tmp_path, "train\\a.png", "trainannot\\a.png", "train/a.png", "trainannot/a.png")
    assert read(tmp_path, "train\\a.png trainannot\\a.png\n") == [("train\\a.png", "trainannot\\a.png")]


def test_folders_below_are_found_by_the_end_of_a_path(tmp_path: Path) -> None:
    touch(tmp_path, "train/aachen/a.png", "trainannot/aachen/a.png")
    line = "/other/city/train/aachen/a.png /other/city/trainannot/aachen/a.png\n"
    assert read(tmp_path, line) == [("train/aachen/a.png", "trainannot/aachen/a.png")]


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("listed", ["NFC", "NFD"])
def test_letters_may_be_composed_in_another_way(tmp_path: Path, stored: Form, listed: Form) -> None:
    names = [unicodedata.normalize(stored, name) for name in ("train/ä/ö.png", "trainannot/ä/ö.png")]
    touch(tmp_path, *names)
    line = unicodedata.normalize(listed, "train/ä/ö.png trainannot/ä/ö.png\n")
    assert read(tmp_path, line) == [(names[0], names[1])]


def test_a_line_of_several_readings_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a", "b c", "a b", "c")
    with pytest.raises(UserError, match=r"train\.txt:1: the line can be split into two paths in 2 ways"):
        read(tmp_path, "a b c\n")
    assert read(tmp_path, "a\tb c\n") == [("a", "b c")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.png\n", "1: expected an image and its labels"),
        ("\na.png none.png\n", "2: file not found: none.png"),
        ("none.png\ta.png\n", "1: file not found: none.png"),
        ("a.png a.png 3\n", "1: the line does not contain two existing files"),
        ("\n \n", " has no pairs"),
        ("a " * 5000 + "\n", "1: the line is too long"),
        (f"{'a' * 5000} a.png\n", "1: file not found: aaa"),
        ("a\0.png a.png\n", "1: file not found: a\0.png"),
    ],
)
def test_wrong_lines_are_reported(tmp_path: Path, text: str, message: str) -> None:
    touch(tmp_path, "a.png")
    with pytest.raises(UserError) as raised:
        read(tmp_path, text)
    assert message in raised.value.message
