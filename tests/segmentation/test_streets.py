"""The generated scenes."""

import hashlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.registry import open_dataset
from ssrdsl.segmentation.data.streets import COLOURS, PixelLabel, draw_scene
from ssrdsl.segmentation.data.streets.canvas import FINE, Canvas, draw_light
from ssrdsl.segmentation.data.streets.street import paint_street
from ssrdsl.segmentation.data.streets.things import paint_car, paint_lamp, paint_person, paint_sign, paint_tree


def test_a_seed_gives_the_same_scene_on_every_machine() -> None:
    digest = hashlib.sha256()
    for index in range(4):
        for part in draw_scene((11, index), 48, 96):
            digest.update(part.tobytes())
    assert digest.hexdigest()[:16] == "35e78b53281b5cd6"


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
    shares = np.bincount(labels.ravel(), minlength=len(PixelLabel)) / labels.size
    assert len(shares) == len(PixelLabel) == len(COLOURS)
    assert (shares > 0.002).all()
    assert shares[PixelLabel.POLE] < 0.05
    assert shares[PixelLabel.PERSON] < 0.05
    assert shares[PixelLabel.ROAD] > 0.2


@pytest.mark.parametrize("size", [(16, 16), (16, 201), (97, 17)])
def test_the_smallest_and_odd_sizes_are_painted(size: tuple[int, int]) -> None:
    """All of them show the road at the bottom, and no row or column is left black."""
    for index in range(4):
        image, label = draw_scene((5, index), *size)
        assert image.shape == (*size, 3)
        assert label.shape == size
        assert label.max() < len(PixelLabel)
        assert (label[-1] == PixelLabel.ROAD).any()
        assert image.max(axis=(0, 2)).min() > 0
        assert image.max(axis=(1, 2)).min() > 0


def test_the_splits_share_no_scene() -> None:
    splits = [open_dataset("streets:8", split, (16, 32)).images for split in ("train", "val", "test")]
    scenes = [{image.numpy().tobytes() for image in images} for images in splits]
    assert [len(part) for part in scenes] == [8, 64, 64]
    assert len(set.union(*scenes)) == 8 + 64 + 64


def _blank() -> Canvas:
    """Without a street: a level camera 1.5 m above the middle of the road."""
    light = draw_light(np.random.default_rng(1))
    pixels, labels = np.zeros((3, 192, 384), np.float32), np.zeros((192, 384), np.uint8)
    return Canvas(light, (0.0, 1.5), 250.0, 80.0, 192.0, pixels, labels)


def _shown(
    paint: Callable[[Canvas, np.random.Generator, float, float], None], x: float, z: float
) -> npt.NDArray[np.bool_]:
    canvas = _blank()
    paint(canvas, np.random.default_rng(2), x, z)
    return canvas.labels > 0


def test_a_near_person_hides_a_car_farther_away() -> None:
    canvas = _blank()
    paint_car(canvas, np.random.default_rng(2), 0.5, 20)
    before = canvas.labels.copy()
    paint_person(canvas, np.random.default_rng(2), 0.5, 10)
    person = canvas.labels == PixelLabel.PERSON
    assert (before[person] == PixelLabel.CAR).sum() > 20
    assert (canvas.labels[~person] == before[~person]).all()


@pytest.mark.parametrize("paint", [paint_car, paint_person, paint_tree, paint_lamp, paint_sign])
def test_half_the_distance_is_twice_the_height(paint: Callable[..., None]) -> None:
    near, far = (int(_shown(paint, 2.0, z).any(axis=1).sum()) for z in (24, 48))
    assert far >= 7
    assert near == pytest.approx(2 * far, abs=3)


def test_poles_are_thin_and_reach_the_final_picture() -> None:
    for z, widest in ((10, 6), (30, 3), (58, 3)):
        post = _shown(paint_lamp, 3.0, z)[FINE - 1 :: FINE, FINE - 1 :: FINE]
        across = post[post.any(axis=1)].sum(axis=1)
        assert 1 <= np.median(across) <= widest


def test_surfaces_have_texture() -> None:
    """Pixels of one class that are eight columns apart differ before the sensor adds noise."""
    canvas = _blank()
    paint_street(canvas, np.random.default_rng(3), 4.0, 7.0)
    grey = canvas.pixels.mean(axis=0)
    for label in (PixelLabel.BUILDING, PixelLabel.ROAD, PixelLabel.PAVEMENT):
        shown = canvas.labels == label
        assert shown.sum() > 500
        both = shown[:, 8:] & shown[:, :-8]
        assert np.abs(grey[:, 8:] - grey[:, :-8])[both].mean() > 0.004


def test_road_and_pavement_cannot_be_distinguished_by_colour_alone() -> None:
    """Thresholds on brightness, the best of them for each scene, leave many pixels wrong somewhere."""
    wrong = []
    for index in range(20):
        image, label = draw_scene((4, index), 48, 96)
        grey = image.astype(int).sum(2)
        road, pavement = grey[label == PixelLabel.ROAD], grey[label == PixelLabel.PAVEMENT]
        best = min((road > cut).mean() + (pavement <= cut).mean() for cut in range(0, 766, 5))
        wrong.append(min(best, 2 - best) / 2)
    assert np.mean([share > 0.1 for share in wrong]) > 0.3


def test_streets_is_a_data_set_of_the_size_asked_for() -> None:
    data = open_dataset("streets:5", "train", (32, 48))
    assert len(data) == 5
    assert data.size == (32, 48)
    assert data.images.dtype == data.labels.dtype == torch.uint8
    assert data.classes[2] == "road"
    assert int(data.histogram().sum()) == 5 * 32 * 48
    joined = open_dataset("streets:2", "train+val", (16, 32))
    assert len(joined) == 2 + 64


@pytest.mark.parametrize(
    ("name", "split", "size", "words"),
    [
        ("streets:none", "train", None, "is not a valid number of scenes"),
        ("streets:0", "train", None, "is not a valid number of scenes"),
        ("streets", "training", None, "has no split 'training'"),
        ("streets", "train", (8, 200), "cannot be generated below 16"),
    ],
)
def test_wrong_requests_are_reported(name: str, split: str, size: tuple[int, int] | None, words: str) -> None:
    with pytest.raises(UserError, match=words):
        open_dataset(name, split, size)
