"""Batches and augmentation as functions of seed, epoch and step."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ssrdsl.segmentation.data.augmentation import Augmentation
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sampling import batches, batches_per_epoch
from ssrdsl.segmentation.seeding import generator_for, seed_step

HEAVY = Augmentation(scale=(0.5, 2.0), jitter=0.3)


def drawn(data: Dataset, **options: object) -> list[Tensor]:
    return [batch.images for batch in batches(data, 4, **{"seed": 1, "epoch": 0, **options})]  # type: ignore[arg-type]


def same(left: list[Tensor], right: list[Tensor]) -> bool:
    return len(left) == len(right) and all(map(torch.equal, left, right))


def test_an_epoch_shows_every_image_once(train_set: Dataset) -> None:
    seen = torch.cat(drawn(train_set))
    assert sorted(image.sum().item() for image in seen) == sorted(image.sum().item() for image in train_set.images)


def test_batches_follow_from_seed_epoch_and_stream(train_set: Dataset) -> None:
    first = drawn(train_set, augmentation=HEAVY)
    torch.manual_seed(99)
    assert same(first, drawn(train_set, augmentation=HEAVY))
    for other in ({"seed": 2}, {"epoch": 1}, {"stream": "architecture"}):
        assert not same(first, drawn(train_set, augmentation=HEAVY, **other))


def test_an_epoch_can_be_resumed_at_any_step(train_set: Dataset) -> None:
    whole = drawn(train_set, augmentation=HEAVY)
    for start in range(4):
        assert same(whole[start:], drawn(train_set, augmentation=HEAVY, start=start))


def test_incomplete_batches_are_dropped_unless_there_is_no_other(train_set: Dataset) -> None:
    assert batches_per_epoch(train_set, 5) == 2
    assert [len(batch.images) for batch in batches(train_set, 5, seed=0, epoch=0)] == [5, 5]
    assert [len(batch.images) for batch in batches(train_set, 50, seed=0, epoch=0)] == [12]


def test_labels_come_as_int64_with_the_ignored_one(train_set: Dataset) -> None:
    batch = next(batches(train_set, 4, seed=0, epoch=0))
    assert batch.labels.dtype == torch.int64
    assert 255 in batch.labels.unique().tolist()


@given(
    scale=st.floats(0.3, 3.0), height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 2**31),
    cut=st.one_of(st.none(), st.tuples(st.integers(1, 50), st.integers(1, 50))),
)  # fmt: skip
def test_augmented_labels_stay_on_their_pixels(
    scale: float, height: int, width: int, seed: int, cut: tuple[int, int] | None
) -> None:
    """The image is painted from its labels in columns; a shift between the two would show."""
    label = (torch.arange(width) // 8 % 4).to(torch.uint8).expand(height, width).contiguous()
    image = (label * 60).expand(3, height, width).contiguous()
    augmentation = Augmentation(scale=(scale, scale), crop=cut)
    seen, marks = augmentation(image, label, 255, generator_for(seed))
    assert seen.shape == (3, *(cut or (height, width)))
    assert marks.shape == seen.shape[1:]
    assert seen.dtype == marks.dtype == torch.uint8
    kept = marks != 255
    assert kept.any()
    assert set(marks[kept].tolist()) <= {0, 1, 2, 3}
    # At most the pixels along the edges of the bands, where the image is smoothed, may differ.
    wrong = (seen[0].int() - marks.int() * 60).abs() > 45
    bands = marks.shape[1] / (8 * scale) + 2
    assert (wrong & kept).sum(1).max() <= 2 * bands


def test_enlarging_leaves_nothing_ignored_and_shrinking_frames() -> None:
    image = torch.full((3, 20, 30), 100, dtype=torch.uint8)
    label = torch.ones(20, 30, dtype=torch.uint8)
    enlarged = Augmentation(scale=(1.7, 1.7))(image, label, 255, generator_for(1))
    assert (enlarged[1] == 1).all()
    seen, marks = Augmentation(scale=(0.5, 0.5))(image, label, 255, generator_for(1))
    assert (marks == 1).sum() == 10 * 15
    assert (seen == 100).all()


def test_half_of_the_images_are_mirrored() -> None:
    image = torch.zeros(3, 4, 6, dtype=torch.uint8)
    image[:, :, 0] = 255
    label = image[0]
    flips = 0
    for seed in range(200):
        seen, marks = Augmentation(scale=(1, 1))(image, label, 254, generator_for(seed))
        assert torch.equal(seen[0], marks)
        flips += int(seen[0, 0, -1] == 255)
    assert 70 < flips < 130
    kept, _ = Augmentation(scale=(1, 1), flip=False)(image, label, 254, generator_for(0))
    assert torch.equal(kept, image)


def test_jitter_moves_brightness_within_its_range() -> None:
    image = torch.full((3, 4, 4), 100, dtype=torch.uint8)
    label = torch.zeros(4, 4, dtype=torch.uint8)
    values = [
        int(Augmentation(scale=(1, 1), jitter=0.2)(image, label, 255, generator_for(seed))[0][0, 0, 0])
        for seed in range(100)
    ]
    assert 80 <= min(values) < 90
    assert 110 < max(values) <= 120


def test_dropout_of_a_step_follows_from_seed_epoch_and_step() -> None:
    def draw(*key: int) -> Tensor:
        seed_step(*key)
        return torch.nn.functional.dropout(torch.ones(64))

    assert torch.equal(draw(1, 2, 3), draw(1, 2, 3))
    for other in ((0, 2, 3), (1, 0, 3), (1, 2, 0)):
        assert not torch.equal(draw(1, 2, 3), draw(*other))


@pytest.mark.parametrize("key", [("order", 1, 2), (1, 2), ("1", 2), (12,)])
def test_keys_do_not_run_into_each_other(key: tuple[str | int, ...]) -> None:
    others: list[tuple[str | int, ...]] = [("order", 12), (12, ""), ("12",), (1, "2")]
    numbers = {generator_for(*other).initial_seed() for other in others}
    assert generator_for(*key).initial_seed() not in numbers
