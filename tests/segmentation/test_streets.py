"""The generated scenes."""

import hashlib

import numpy as np
import pytest
import torch

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.registry import open_dataset
from ssrdsl.segmentation.data.streets import COLOURS, Label, draw_scene
from ssrdsl.segmentation.data.streets.chance import lookup, lookup_smooth, texture


def test_a_seed_gives_the_same_scene_on_every_machine() -> None:
    digest = hashlib.sha256()
    for index in range(4):
        for part in draw_scene((11, index), 48, 96):
            digest.update(part.tobytes())
    assert digest.hexdigest()[:16] == "c08c5f7e5d7c110e"


def test_scenes_differ_between_indices_and_splits() -> None:
    scenes = {draw_scene((seed, index), 32, 64)[0].tobytes() for seed in (11, 22) for index in range(5)}
    assert len(scenes) == 10


def test_a_scene_has_the_size_and_kinds_of_a_data_set() -> None:
    image, label = draw_scene((1, 2), 33, 50)
    assert image.shape == (33, 50, 3)
    assert label.shape == (33, 50)
    assert image.dtype == label.dtype == np.uint8


def test_every_class_occurs_and_the_rare_ones_are_rare() -> None:
    labels = np.stack([draw_scene((3, index), 96, 192)[1] for index in range(30)])
    shares = np.bincount(labels.ravel(), minlength=len(Label)) / labels.size
    assert len(shares) == len(Label) == len(COLOURS)
    assert (shares > 0.002).all()
    assert shares[Label.POLE] < 0.05
    assert shares[Label.PERSON] < 0.05
    assert shares[Label.ROAD] > 0.2


def test_road_and_pavement_cannot_be_told_apart_by_colour_alone() -> None:
    """Thresholds on brightness, the best of them for each scene, leave many pixels wrong somewhere."""
    wrong = []
    for index in range(20):
        image, label = draw_scene((4, index), 48, 96)
        grey = image.astype(int).sum(2)
        road, pavement = grey[label == Label.ROAD], grey[label == Label.PAVEMENT]
        best = min((road > cut).mean() + (pavement <= cut).mean() for cut in range(0, 766, 5))
        wrong.append(min(best, 2 - best) / 2)
    assert np.mean([share > 0.1 for share in wrong]) > 0.3


def test_the_texture_repeats_without_a_seam() -> None:
    tile = texture()
    assert tile.min() == 0
    assert tile.max() == 1
    inside = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 2 * inside
    place = np.array([[0.25]], dtype=np.float32)
    assert lookup(place, place) == lookup(place + 8, place - 8) == lookup_smooth(place, place)


def test_streets_is_a_data_set_of_the_size_asked_for() -> None:
    data = open_dataset("streets:5", "train", (32, 48))
    assert len(data) == 5
    assert data.size == (32, 48)
    assert data.images.dtype == data.labels.dtype == torch.uint8
    assert data.classes[2] == "road"
    assert int(data.histogram().sum()) == 5 * 32 * 48
    joined = open_dataset("streets:2", "train+val", (16, 24))
    assert len(joined) == 2 + 64


@pytest.mark.parametrize(
    ("name", "split", "size", "words"),
    [
        ("streets:none", "train", None, "is not a valid number of scenes"),
        ("streets:0", "train", None, "is not a valid number of scenes"),
        ("streets", "training", None, "has no split 'training'"),
        ("streets", "train", (8, 200), "cannot be drawn below 16"),
    ],
)
def test_wrong_requests_are_told(name: str, split: str, size: tuple[int, int] | None, words: str) -> None:
    with pytest.raises(UserError, match=words):
        open_dataset(name, split, size)
