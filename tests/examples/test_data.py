"""The page about data: its examples are read as described."""

import re
from pathlib import Path

import pytest

from ssrdsl.segmentation.data.classes import ClassList, read_classes
from ssrdsl.segmentation.data.images import LARGEST_PIXELS
from ssrdsl.segmentation.data.listing import read_list

PAGE = (Path(__file__).parents[2] / "examples" / "data" / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def read(tmp_path: Path, text: str) -> ClassList:
    (tmp_path / "classes.txt").write_text(text)
    return read_classes(tmp_path)


def test_class_files_mean_what_the_page_says(tmp_path: Path) -> None:
    plain, mapped, masks = (read(tmp_path, text) for text in blocks("classes"))
    assert plain.names == ("ground", "weed", "crop")
    assert plain.numbers() == {0: 0, 1: 1, 2: 2, 255: 255}
    assert mapped.names == ("wall", "building", "vehicle")
    assert mapped.numbers() == {1: 0, 2: 1, 4: 2, 7: 2, 8: 2, 9: 2, 0: 255, 255: 255}
    assert masks.numbers() == {0: 0, 255: 1}


def test_the_list_is_read(tmp_path: Path) -> None:
    names = ["train/a.png", "trainannot/a.png", "train/b.jpg", "trainannot/b.png", "train/field2/c.png"]
    names.append("trainannot/field2/c.png")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "train.txt").write_text(blocks("list")[0])
    pairs = read_list(tmp_path, tmp_path / "train.txt")
    assert [str(path.relative_to(tmp_path)) for pair in pairs for path in pair] == names


@pytest.mark.parametrize("figure", [f"{LARGEST_PIXELS // 10**6} million pixels"])
def test_figures_are_those_of_the_code(figure: str) -> None:
    assert figure in PAGE
