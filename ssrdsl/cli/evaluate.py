"""`ssrdsl evaluate`: score a network and its weights on a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.console import stdout_console, warn
from ssrdsl.cli.data import open_data
from ssrdsl.cli.options import DATA, PATH, amp_option, check_names, device_option, weights_option

if TYPE_CHECKING:
    from torch import nn

    from ssrdsl.segmentation.confusion import ConfusionMatrix
    from ssrdsl.segmentation.data.dataset import Dataset
    from ssrdsl.segmentation.data.sizes import Size
    from ssrdsl.segmentation.evaluation import ScoreAt


@click.command()
@click.argument("model", type=PATH)
@weights_option
@click.option("--data", required=True, metavar="NAME", help=DATA)
@click.option(
    "--split", default="val", show_default=True, metavar="SPLIT",
    help="Split to score, such as val, train+val or train:0-80.",
)  # fmt: skip
@click.option("--size", metavar="HxW", help="Resize the data to this size. [default: the training size]")
@click.option(
    "--score-at", type=click.Choice(["network", "labels"]), default="network", show_default=True,
    help="Score at the size of the network's input, or resize the logits to the size of each label image.",
)  # fmt: skip
@click.option("--batch", type=click.IntRange(1), default=8, show_default=True, metavar="N", help="Batch size.")
@device_option
@amp_option
@click.option("--recalibrate", is_flag=True, help="First recompute the batch norm statistics on the train split.")
@click.option("--picture", type=PATH, metavar="FILE.png", help="Write a picture of predictions next to labels.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def evaluate(
    model: Path,
    weights: Path,
    data: str,
    split: str,
    size: str | None,
    score_at: ScoreAt,
    batch: int,
    device: str,
    amp: bool,
    recalibrate: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Score the network of MODEL with its weights: IoU of each class, mean IoU, pixel accuracy.

    Images are preprocessed as recorded in the weights file. Classes absent from labels and predictions are left out of
    the mean.
    MODEL is executed as Python code: use only files that you trust.

    \b
    ssrdsl evaluate model.py --weights runs/streets/weights.pt --data streets
    """
    check_names(device, data, [size], [model, weights])
    from ssrdsl.segmentation import evaluation
    from ssrdsl.segmentation.data.dataset import check_classes
    from ssrdsl.segmentation.data.registry import open_dataset
    from ssrdsl.segmentation.data.sizes import parse_size
    from ssrdsl.segmentation.devices import check_device
    from ssrdsl.segmentation.model_check import check_model
    from ssrdsl.segmentation.model_file import read_model
    from ssrdsl.segmentation.pictures import save_predictions
    from ssrdsl.segmentation.weights import load_weights

    resolved = check_device(device, amp=amp)
    file, stored = read_model(model), load_weights(weights)
    preprocessing = stored.expected_input()
    wanted = parse_size(size) if size else preprocessing.size
    [dataset] = open_data(data, [split], wanted)
    network = file.build_with(stored, len(stored.classes or dataset.classes))
    check_classes(dataset, len(stored.classes or dataset.classes))
    check_model(network, wanted, len(dataset.classes), preprocessing.channels)
    _warn_of_other_classes(stored.classes, dataset)
    network.to(resolved)
    if recalibrate:
        train_set = open_dataset(data, "train", wanted)
        evaluation.recalibrate(network, train_set, preprocessing, batch=batch, device=resolved)
    matrix = evaluation.evaluate(network, dataset, preprocessing, resolved, batch, amp, score_at)
    if as_json:
        record = _record(matrix, dataset, wanted, network, score_at, recalibrated=recalibrate)
        click.echo(json.dumps(record, indent=2))
    else:
        from ssrdsl.cli.scores import score_table

        stdout_console().print(score_table(matrix, dataset.classes, wanted if score_at == "network" else None))
    if picture is not None:
        save_predictions(picture, network, dataset, preprocessing, device=resolved)


def _warn_of_other_classes(trained: tuple[str, ...] | None, dataset: Dataset) -> None:
    if trained is None or trained == dataset.classes:
        return
    first = next(pair for pair in zip(trained, dataset.classes, strict=True) if pair[0] != pair[1])
    warn(f"trained on other classes: '{first[0]}' is '{first[1]}' in {dataset.name}")


def _record(
    matrix: ConfusionMatrix, dataset: Dataset, size: Size, network: nn.Module, score_at: ScoreAt, *, recalibrated: bool
) -> dict[str, Any]:
    """The content of the JSON object."""
    from ssrdsl.segmentation.data.sizes import format_size

    return {
        "data": dataset.name,
        "split": dataset.split,
        "images": len(dataset),
        "size": format_size(size),
        "scored_at": score_at,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "recalibrated": recalibrated,
        **matrix.summary(dataset.classes),
    }
