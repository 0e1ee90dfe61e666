"""Parts of splits, such as `train:0-80`."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.registry import class_names, open_dataset
from ssrdsl.segmentation.data.splits import Split, parse_split
from ssrdsl.segmentation.evaluation import evaluate
from ssrdsl.segmentation.preprocessing import Preprocessing

SIZE = (16, 32)


def test_parts_are_disjoint_and_together_the_whole() -> None:
    whole, first, last = (open_dataset("streets:10", split, SIZE) for split in ("train", "train:0-80", "train:80-100"))
    assert (len(first), len(last)) == (8, 2)
    assert sorted((*first.stems, *last.stems)) == sorted(whole.stems)
    assert first.split == "train:0-80"
    # They are shuffled: not simply the first images.
    assert set(first.stems) != set(whole.stems[:8])
    place = whole.stems.index(last.stems[1])
    assert bool((last.images[1] == whole.images[place]).all())
    assert bool((last.labels[1] == whole.labels[place]).all())


def write_labelled(root: Path, count: int) -> None:
    """Images of different sizes, each of one grey that is 10 times the number of its class."""
    (root / "train").mkdir()
    (root / "trainannot").mkdir()
    (root / "classes.txt").write_text("\n".join(f"class{index}" for index in range(count)))
    for index in range(count):
        shape = (8 + 2 * index, 16 + index)
        Image.fromarray(np.full((*shape, 3), 10 * index, np.uint8)).save(root / "train" / f"{index}.png")
        Image.fromarray(np.full(shape, index, np.uint8)).save(root / "trainannot" / f"{index}.png")


class Exact(nn.Module):
    """Logits that are largest at the class of each grey of `write_labelled`."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, images: Tensor) -> Tensor:
        classes = (images[:, 0] * 255 / 10).round().long()
        return nn.functional.one_hot(classes, self.classes).permute(0, 3, 1, 2).float()


def test_parts_keep_the_stored_labels_of_their_own_images(tmp_path: Path) -> None:
    write_labelled(tmp_path, 10)
    whole = open_dataset(str(tmp_path), "train", (8, 16))
    raw = Preprocessing((0.0,) * 3, (1.0,) * 3, whole.size)
    for name in ("train:0-80", "train:80-100"):
        part = open_dataset(str(tmp_path), name, whole.size)
        assert part.own_labels is not None
        indices = [int(stem) for stem in part.stems]
        assert indices != list(range(len(part)))
        assert [tuple(part.own_labels[place].shape) for place in range(len(part))] == [
            (8 + 2 * i, 16 + i) for i in indices
        ]
        matrix = evaluate(Exact(10), part, raw, batch=3, at="labels")
        pixels = [(8 + 2 * i) * (16 + i) if i in indices else 0 for i in range(10)]
        assert torch.equal(matrix.counts, torch.tensor(pixels).diag())


def test_parts_are_the_same_every_time_and_may_be_of_joined_splits() -> None:
    one, two = (open_dataset("streets:4", "train+val:50-60", SIZE) for _ in range(2))
    assert one.stems == two.stems
    assert len(one) == 7
    assert one.fingerprint() == two.fingerprint()


def test_neighbouring_parts_share_no_image_whatever_the_rounding() -> None:
    for count in range(1, 40):
        bounds = [
            Split("train", first, first + 12.5).places(count) for first in (0, 12.5, 25, 37.5, 50, 62.5, 75, 87.5)
        ]
        assert [low for low, _ in bounds] == [0, *(high for _, high in bounds[:-1])]
        assert bounds[-1][1] == count


def test_names() -> None:
    assert parse_split("train+val") == Split("train+val")
    assert parse_split("train:0-100").is_whole
    assert parse_split("train:12.5-25") == Split("train", 12.5, 25.0)


@pytest.mark.parametrize(
    "text", ["train:", "train:80", "train:80-20", "train:0-101", "train:0-0", "train:a-b", "train:0-8:1"]
)
def test_what_is_not_a_part_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not a part of a split"):
        open_dataset("streets:4", text, SIZE)


def test_empty_parts_and_unknown_splits_are_refused() -> None:
    with pytest.raises(UserError, match="'train:0-5' of streets has no images: 'train' has 4"):
        open_dataset("streets:4", "train:0-5", SIZE)
    with pytest.raises(UserError, match="no split 'trian'"):
        open_dataset("streets:4", "trian:0-50", SIZE)


def test_class_names_are_those_of_the_data() -> None:
    assert class_names("streets:4") == open_dataset("streets:4", "train", SIZE).classes
