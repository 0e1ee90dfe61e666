"""A training run on disk: from a model file and data to weights, scores and a picture in one directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ssrdsl.files import make_folder, remove_partials, write_atomically
from ssrdsl.manifest import manifest
from ssrdsl.segmentation.data.dataset import Dataset, check_labelled
from ssrdsl.segmentation.data.sizes import format_size
from ssrdsl.segmentation.model_check import check_model, check_training, input_channels
from ssrdsl.segmentation.model_file import ModelFile
from ssrdsl.segmentation.pictures import save_predictions
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.seeding import seed_for
from ssrdsl.segmentation.training.directory import check_run_dir
from ssrdsl.segmentation.training.loop import Progress, TrainingResult, train
from ssrdsl.segmentation.training.options import TrainingOptions
from ssrdsl.segmentation.weights import Weights, install_weights, save_weights
from ssrdsl.timing.macs import count_macs

__all__ = ["TrainedRun", "train_model"]

WEIGHTS_NAME = "weights.pt"
RESULT_NAME = "result.json"
PICTURE_NAME = "predictions.png"


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """A finished run: its network, without auxiliary heads, what that expects, and how it scored."""

    model: nn.Module
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    result: TrainingResult


def train_model(
    file: ModelFile,
    train_set: Dataset,
    val_set: Dataset,
    options: TrainingOptions,
    run_dir: Path,
    *,
    device: torch.device,
    weights: Weights | None = None,
    settings: Mapping[str, Any] | None = None,
    resume: bool = False,
    observe: Callable[[Progress], None] | None = None,
) -> TrainedRun:
    """Train the network of a model file, from `weights` where given, else from its seed.

    `run_dir` gets manifest.json, events.jsonl, checkpoint.pt (each epoch), weights.pt (after the last epoch, without
    auxiliary heads), result.json and predictions.png. `settings` go to the manifest. Raises `UserError`.
    """
    classes = len(train_set.classes)
    # The same seed gives the same start, whatever was drawn before in this process.
    torch.manual_seed(seed_for("initialization", options.seed))
    plain = file.build(classes)
    channels = input_channels(plain, train_set.size)
    for size in dict.fromkeys([options.crop or train_set.size, train_set.size, val_set.size]):
        check_model(plain, size, classes, channels)
    model = file.build(classes, auxiliary=True) if file.accepts("auxiliary") else plain
    check_training(model, options.crop or train_set.size, classes, min(options.batch, len(train_set)), channels)
    check_labelled(train_set)
    preprocessing = Preprocessing.of(train_set, channels)
    if weights is not None:
        preprocessing = _start_from(model, plain, weights, preprocessing)
    check_run_dir(run_dir, resume=resume)
    remove_partials(make_folder(run_dir))
    if not resume:
        manifest("train", seed=options.seed, settings=dict(settings or {})).write(run_dir)
    identity = {"model": file.sha256, "data": train_set.fingerprint(), "preprocessing": preprocessing.to_dict()}
    result = train(
        model,
        train_set,
        val_set,
        options,
        run_dir,
        preprocessing=preprocessing,
        device=device,
        identity=identity,
        resume=resume,
        observe=observe,
    )
    state = model.state_dict()
    plain.to(device).load_state_dict({name: state[name] for name in plain.state_dict()})
    run = TrainedRun(plain, preprocessing, val_set.classes, result)
    _write_results(run, file, train_set, val_set, options, run_dir, device)
    return run


def _start_from(model: nn.Module, plain: nn.Module, weights: Weights, measured: Preprocessing) -> Preprocessing:
    """Install weights, with or without auxiliary heads; returns the input they expect."""
    if model is not plain and weights.state_dict.keys() == plain.state_dict().keys():
        install_weights(plain, weights)
        model.load_state_dict(plain.state_dict(), strict=False)
    else:
        install_weights(model, weights)
    if weights.preprocessing is None:
        return measured
    return Preprocessing(weights.preprocessing.mean, weights.preprocessing.deviation, measured.size)


def _write_results(
    run: TrainedRun,
    file: ModelFile,
    train_set: Dataset,
    val_set: Dataset,
    options: TrainingOptions,
    run_dir: Path,
    device: torch.device,
) -> None:
    scores = run.result.matrix.summary(val_set.classes)
    record = {
        "model": file.path.name,
        "model_sha256": file.sha256,
        "data": train_set.name,
        "trained_on": train_set.split,
        "evaluated_on": val_set.split,
        "size": format_size(train_set.size),
        "epochs": options.epochs,
        "parameters": sum(parameter.numel() for parameter in run.model.parameters()),
        "macs": count_macs(run.model, [torch.zeros(1, run.preprocessing.channels, *train_set.size, device=device)]),
        "seconds": round(run.result.seconds, 3),
        **scores,
    }
    provenance = {name: value for name, value in record.items() if name != "seconds"} | {"options": options.to_dict()}
    save_weights(run_dir / WEIGHTS_NAME, run.model.state_dict(), run.preprocessing, train_set.classes, provenance)
    save_predictions(run_dir / PICTURE_NAME, run.model, val_set, run.preprocessing, device=device)
    write_atomically(run_dir / RESULT_NAME, json.dumps(record, indent=2) + "\n")
