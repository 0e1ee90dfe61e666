"""Segmentation as the task of a search: the parts of its training set."""

from dataclasses import replace

import pytest
import torch

from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.registry import open_dataset
from ssrdsl.segmentation.data.splits import parse_split
from ssrdsl.segmentation.task import SegmentationTask

SIZE = (16, 32)


def task_of(train_set: Dataset) -> SegmentationTask:
    val_set = open_dataset("streets:2", "val", SIZE)
    return SegmentationTask(train_set, val_set, 2, 0, torch.device("cpu"))


def with_labels_only(images: Dataset, stems: tuple[str, ...]) -> Dataset:
    labels = images.labels.clone()
    for place, stem in enumerate(images.stems):
        if stem not in stems:
            labels[place] = images.ignore
    return replace(images, labels=labels)


def test_architectures_are_chosen_on_a_fifth_of_the_training_images() -> None:
    images = open_dataset("streets:20", "train", SIZE)
    task = task_of(images)
    assert (len(task.fit_set), len(task.choice_set)) == (16, 4)
    assert sorted((*task.fit_set.stems, *task.choice_set.stems)) == sorted(images.stems)


def test_images_are_held_out_that_are_fewer_than_a_batch() -> None:
    images = open_dataset("streets:10", "train", SIZE)
    task = SegmentationTask(images, images, 16, 0, torch.device("cpu"))
    assert task.images_held_out == 2
    assert (len(task.fit_set), len(task.choice_set), task.steps_per_epoch) == (8, 2, 1)
    assert [len(drawn) for drawn, _ in task.batches(0, "architecture", 0)] == [2]


@pytest.mark.parametrize("count", [2, 3, 9, 20])
@pytest.mark.parametrize("percent", [20, 58, 99])
def test_parts_of_small_sets_are_those_of_their_names(count: int, percent: int) -> None:
    """Each part has at least one image."""
    images = open_dataset(f"streets:{count}", "train", SIZE)
    task = SegmentationTask(images, images, 2, 0, torch.device("cpu"), held_out=percent / 100)
    kept = min(max(1, parse_split(f"train:0-{100 - percent}").places(count)[1]), count - 1)
    assert (len(task.fit_set), task.images_held_out) == (kept, count - kept)
    assert not set(task.fit_set.stems) & set(task.choice_set.stems)


def test_a_single_image_is_used_for_both() -> None:
    images = open_dataset("streets:1", "train", SIZE)
    task = task_of(images)
    assert task.images_held_out == 0
    assert task.fit_set is task.choice_set is images


def test_the_whole_set_is_used_for_both_where_a_part_has_no_labels() -> None:
    images = open_dataset("streets:20", "train", SIZE)
    parts = task_of(images)
    for labelled in (parts.fit_set, parts.choice_set):
        spoiled = with_labels_only(images, labelled.stems)
        task = task_of(spoiled)
        assert task.fit_set is task.choice_set is spoiled
        assert 0 <= task.choose(torch.nn.Conv2d(3, len(images.classes), 1)) <= 1
    one_each = with_labels_only(images, (parts.fit_set.stems[0], parts.choice_set.stems[0]))
    assert len(task_of(one_each).choice_set) == 4
