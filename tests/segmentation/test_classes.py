"""classes.txt: names, colours, labels and ignored labels."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.classes import ClassList, read_classes
from ssrdsl.segmentation.data.folders import LabelledImage
from ssrdsl.segmentation.data.reading import read_labels


def classes_of(tmp_path: Path, text: str) -> ClassList:
    (tmp_path / "classes.txt").write_text(text)
    return read_classes(tmp_path)


def labels_of(tmp_path: Path, classes: ClassList, numbers: list[int]) -> list[int]:
    path = tmp_path / "label.png"
    Image.fromarray(np.array([numbers], dtype=np.uint16)).save(path)
    return [int(label) for label in read_labels(LabelledImage(path, path, "label"), classes)[0]]


@pytest.mark.parametrize(
    ("text", "stored", "read"),
    [
        ("ground\nbox\n", [0, 1, 255], [0, 1, 255]),
        ("ground\nbox\nignore: 7\n", [0, 1, 7], [0, 1, 7]),
        ("ignore: 0\n1: wall\nbuilding\nsky\n", [0, 1, 2, 3], [255, 0, 1, 2]),
        ("wall\nbuilding\nignore: 2, 9, 1000..1002\n", [0, 1, 2, 9, 1001], [0, 1, 2, 2, 2]),
        ("wall\nbuilding\nignore: 2\nignore: 255\n", [1, 2, 255], [1, 2, 2]),
        ("7, 8: road #804080\n24..33: vehicle\nignore: 0..6\n", [7, 8, 24, 33, 0], [0, 0, 1, 1, 2]),
        ("ground\n255: box\n", [0, 255], [0, 1]),
        ("1000: a\nb\n", [1001, 1000, 255], [1, 0, 255]),
    ],
)
def test_labels_become_the_numbers_of_their_classes(
    tmp_path: Path, text: str, stored: list[int], read: list[int]
) -> None:
    classes = classes_of(tmp_path, text)
    assert labels_of(tmp_path, classes, stored) == read
    assert classes.ignore >= len(classes.names)


def test_a_label_of_no_class_is_reported_with_what_to_write(tmp_path: Path) -> None:
    classes = classes_of(tmp_path, "1: wall\n3: sky\nignore: 0, 255\n")
    with pytest.raises(UserError, match=r"label\.png contains the label 2, outside of the 2 classes") as raised:
        labels_of(tmp_path, classes, [1, 2, 3])
    assert raised.value.help == (
        "labels are 1 and 3, and 0 and 255 for ignored pixels; a classes.txt next to the directories defines other "
        "classes (`2: name`) and other ignored labels (`ignore: 2`)"
    )


def test_an_ignored_label_of_a_class_is_reported_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the ignored label 0 is the label of 'ground'") as raised:
        classes_of(tmp_path, "ground\nbox\nignore: 0\n")
    assert "`1: ground`" in (raised.value.help or "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("box\n", "has only one class, 'box'"),
        ("1: a\n1: b\n", "assigns the label 1 to 'a' and to 'b'"),
        ("1: a\n0: b\nc\n", "assigns the label 1 to 'a' and to 'c'"),
        ("a\nb\nignore: x\n", "txt:3: 'ignore: x' is not a class"),
        ("a\n70000: b\n", "txt:2: the label 70000 is too large"),
        ("a\n9..4: b\n", "txt:2: '9..4' is an empty range"),
        ("a\nb\nignore: 0..99999999999\n", "txt:3: the label 99999999999 is too large"),
    ],
)
def test_wrong_class_files_are_reported(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError) as raised:
        classes_of(tmp_path, text)
    assert words in raised.value.message
    assert raised.value.help
