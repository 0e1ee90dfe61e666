"""Loss, confusion matrix, preprocessing, evaluation and recalibration."""

import math
import warnings
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.segmentation.confusion import ConfusionMatrix
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.sampling import batches
from ssrdsl.segmentation.evaluation import evaluate, mode, predict, recalibrate
from ssrdsl.segmentation.loss import class_weights, segmentation_loss, split_output
from ssrdsl.segmentation.preprocessing import Preprocessing


@pytest.fixture(scope="module")
def metrics() -> ModuleType:
    """`torchmetrics.classification`, which takes seconds to load."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("torchmetrics.classification")


def drawn(seed: int, classes: int, *, ignored: float = 0.1) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    predictions = torch.randint(classes, (2, 6, 7), generator=generator)
    labels = torch.randint(classes, (2, 6, 7), generator=generator)
    labels[torch.rand(labels.shape, generator=generator) < ignored] = 255
    return predictions, labels


@given(seed=st.integers(0, 2**31), classes=st.integers(2, 12), absent=st.integers(0, 6))
def test_scores_are_those_of_torchmetrics(metrics: ModuleType, seed: int, classes: int, absent: int) -> None:
    matrix = ConfusionMatrix(classes + absent, 255)
    jaccard = metrics.MulticlassJaccardIndex(classes + absent, ignore_index=255, average="none")
    mean = metrics.MulticlassJaccardIndex(classes + absent, ignore_index=255)
    accuracy = metrics.MulticlassAccuracy(classes + absent, ignore_index=255, average="micro")
    for part in range(3):
        predictions, labels = drawn(seed + part, classes)
        matrix.update(predictions, labels)
        for oracle in (jaccard, mean, accuracy):
            oracle.update(predictions, labels)
    assert [value or 0.0 for value in matrix.iou()] == pytest.approx(jaccard.compute().tolist(), abs=1e-6)
    assert matrix.mean_iou() == pytest.approx(float(mean.compute()), abs=1e-6)
    assert matrix.pixel_accuracy() == pytest.approx(float(accuracy.compute()), abs=1e-6)


def test_classes_that_occur_nowhere_are_left_out_of_the_mean() -> None:
    matrix = ConfusionMatrix(4, 255)
    matrix.update(torch.tensor([[[0, 1, 1, 0]]]), torch.tensor([[[0, 1, 0, 255]]]))
    assert matrix.counts.dtype == torch.int64
    assert matrix.iou() == [0.5, 0.5, None, None]
    assert matrix.mean_iou() == 0.5
    assert matrix.pixel_accuracy() == 2 / 3
    assert matrix.summary("abcd") == {
        "miou": 0.5, "pixel_accuracy": 2 / 3, "iou": {"a": 0.5, "b": 0.5, "c": None, "d": None}, "pixels": 3,
    }  # fmt: skip


def test_a_score_of_nothing_is_null() -> None:
    matrix = ConfusionMatrix(2, 255)
    matrix.update(torch.tensor([[[0, 1]]]), torch.tensor([[[255, 255]]]))
    assert matrix.summary("ab") == {"miou": None, "pixel_accuracy": None, "iou": {"a": None, "b": None}, "pixels": 0}


def test_scores_at_the_labels_count_their_own_pixels(val_set: Dataset) -> None:
    model, preprocessing = small_network(), Preprocessing.of(val_set)
    small = replace(val_set, images=val_set.images[:, :, ::2, ::2], labels=val_set.labels[:, ::2, ::2])
    assert val_set.own_labels is not None
    matrix = evaluate(model, small, preprocessing, batch=3, at="labels")
    expected = ConfusionMatrix(3, 255)
    with mode(model, training=False):
        logits = model(preprocessing(small.images))
    predictions = F.interpolate(logits, size=(24, 32), mode="bilinear", align_corners=False).argmax(1)
    expected.update(predictions, torch.stack([val_set.own_labels[place] for place in range(len(val_set))]))
    assert torch.equal(matrix.counts, expected.counts)
    assert int(matrix.counts.sum()) == int((val_set.labels != 255).sum())
    same = evaluate(model, val_set, preprocessing, at="labels")
    assert torch.equal(same.counts, evaluate(model, val_set, preprocessing).counts)


def test_logits_that_are_not_numbers_are_refused(val_set: Dataset) -> None:
    model = small_network()
    with torch.no_grad():
        model[3].bias[1] = math.nan  # type: ignore[operator]
    with pytest.raises(UserError, match=r"output of the network is NaN"):
        evaluate(model, val_set, Preprocessing.of(val_set))


def test_auxiliary_logits_may_be_a_dictionary_or_more_outputs() -> None:
    main, side = torch.randn(2, 5, 6, 7), torch.randn(2, 5, 3, 3)
    _, labels = drawn(3, 5)
    expected = segmentation_loss((main, {"side": side}), labels, ignore=255)
    assert segmentation_loss((main, side), labels, ignore=255) == expected
    assert segmentation_loss({"out": main, "aux": side}, labels, ignore=255) == expected
    wrongs: list[Any] = [{"logits": main}, (main, 3), ([main], {})]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="does not return logits"):
            split_output(wrong)


def test_grey_input_is_the_luminance(train_set: Dataset) -> None:
    preprocessing = Preprocessing.of(train_set, channels=1)
    values = preprocessing(train_set.images)
    assert values.shape == (12, 1, 24, 32)
    assert abs(float(values.mean())) < 1e-4
    assert abs(float(values.std()) - 1) < 1e-3
    red, green, blue = (train_set.images[3, channel, 5, 7].item() / 255 for channel in range(3))
    grey = (0.299 * red + 0.587 * green + 0.114 * blue - preprocessing.mean[0]) / preprocessing.deviation[0]
    assert float(values[3, 0, 5, 7]) == pytest.approx(grey, abs=1e-5)
    assert Preprocessing.from_dict(preprocessing.to_dict()) == preprocessing


@pytest.mark.parametrize(
    "wrong",
    [{"size": [0, 8]}, {"size": [8, 10**6]}, {"deviation": [0.1, 0.0, 0.1]}, {"mean": [0.1, math.nan, 0.1]},
     {"mean": [0.1]}, {"order": "L"}],
)  # fmt: skip
def test_a_damaged_record_of_the_input_is_refused(wrong: dict[str, object]) -> None:
    record = Preprocessing((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), (24, 32)).to_dict()
    with pytest.raises(ValueError, match=r"unknown input|invalid image size"):
        Preprocessing.from_dict({**record, **wrong})


def test_counts_are_exact_beyond_float32() -> None:
    matrix = ConfusionMatrix(2, 255)
    matrix.counts += 2**24
    matrix.update(torch.tensor([1]), torch.tensor([0]))
    assert int(matrix.counts[0, 1]) == 2**24 + 1


def test_the_loss_is_the_weighted_mean_over_counted_pixels() -> None:
    generator = torch.Generator().manual_seed(0)
    logits, (_, labels) = torch.randn(2, 5, 6, 7, generator=generator), drawn(1, 5)
    weights = torch.rand(5, generator=generator) + 0.5
    plain = segmentation_loss(logits, labels, ignore=255)
    assert plain.item() == pytest.approx(F.cross_entropy(logits, labels, ignore_index=255).item(), rel=1e-6)
    weighted = segmentation_loss(logits, labels, ignore=255, class_weights=weights)
    expected = F.cross_entropy(logits, labels, weight=weights, ignore_index=255)
    assert weighted.item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_batch_of_padding_has_no_loss_and_no_gradient() -> None:
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    loss = segmentation_loss(logits, torch.full((1, 4, 4), 255), ignore=255)
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


def test_coarse_logits_are_resized_or_the_labels_are() -> None:
    logits, (_, labels) = torch.randn(2, 5, 3, 4, generator=torch.Generator().manual_seed(0)), drawn(2, 5)
    enlarged = F.interpolate(logits, size=(6, 7), mode="bilinear", align_corners=False)
    assert segmentation_loss(logits, labels, ignore=255) == segmentation_loss(enlarged, labels, ignore=255)
    rows, columns = [1, 3, 5], [0, 2, 4, 6]
    reduced = labels[:, rows][:, :, columns]
    fine = segmentation_loss(logits, labels, ignore=255, resize="labels")
    assert fine.item() == pytest.approx(F.cross_entropy(logits, reduced, ignore_index=255).item(), rel=1e-6)


def test_auxiliary_outputs_are_added_with_their_weight() -> None:
    main, side = torch.randn(2, 5, 6, 7), torch.randn(2, 5, 3, 3)
    _, labels = drawn(3, 5)
    parts = [segmentation_loss(logits, labels, ignore=255).item() for logits in (main, side)]
    both = segmentation_loss((main, {"side": side}), labels, ignore=255, auxiliary_weight=0.3)
    assert both.item() == pytest.approx(parts[0] + 0.3 * parts[1], rel=1e-6)


def test_class_weights_follow_the_formula(train_set: Dataset) -> None:
    counts = [int((train_set.labels == value).sum()) for value in range(3)]
    expected = [1 / math.log(1.02 + count / sum(counts)) for count in counts]
    assert class_weights(train_set).tolist() == pytest.approx(expected, rel=1e-6)


def test_preprocessing_centres_its_data_and_survives_its_record(train_set: Dataset) -> None:
    preprocessing = Preprocessing.of(train_set)
    values = preprocessing(train_set.images)
    assert values.dtype == torch.float32
    assert values.mean((0, 2, 3)).abs().max() < 1e-4
    assert (values.std((0, 2, 3)) - 1).abs().max() < 1e-3
    assert Preprocessing.from_dict(preprocessing.to_dict()) == preprocessing
    with pytest.raises(ValueError, match="BGR"):
        Preprocessing.from_dict({**preprocessing.to_dict(), "order": "BGR"})


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Conv2d(4, 3, 1))


def test_evaluation_counts_every_pixel_and_leaves_the_modes_alone(val_set: Dataset) -> None:
    model, preprocessing = small_network().train(), Preprocessing.of(val_set)
    model[1].eval()
    statistics = model[1].running_mean.clone()  # type: ignore[operator]
    matrix = evaluate(model, val_set, preprocessing, batch=3)
    assert int(matrix.counts.sum()) == int((val_set.labels != 255).sum())
    single = evaluate(model, val_set, preprocessing, batch=1)
    assert (matrix.counts - single.counts).abs().sum() <= 4  # other kernels may decide a tie of two scores differently
    assert [module.training for module in model] == [True, False, True, True]
    assert torch.equal(model[1].running_mean, statistics)  # type: ignore[arg-type]
    with mode(model, training=False):
        expected = F.interpolate(model(preprocessing(val_set.images)), size=val_set.size, mode="bilinear").argmax(1)
        assert torch.equal(predict(model, val_set.images, preprocessing), expected)


def test_recalibration_averages_the_statistics_of_its_batches(train_set: Dataset) -> None:
    model, preprocessing = small_network(), Preprocessing.of(train_set)
    norm = model[1]
    assert isinstance(norm, nn.BatchNorm2d)
    with torch.no_grad():
        for batch in batches(train_set, 4, seed=9, epoch=0):
            model(preprocessing(batch.images))
    recalibrate(model, train_set, preprocessing, batches=3, batch=4, seed=2)
    seen = [
        model[0](preprocessing(batch.images))
        for batch in batches(train_set, 4, seed=2, epoch=0, stream="recalibration")
    ]
    means = torch.stack([features.mean((0, 2, 3)) for features in seen]).mean(0)
    variances = torch.stack([features.transpose(0, 1).flatten(1).var(1) for features in seen]).mean(0)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert torch.allclose(norm.running_mean, means, atol=1e-6)
    assert torch.allclose(norm.running_var, variances, atol=1e-6)
    assert norm.momentum == 0.1
    assert all(module.training for module in model)
