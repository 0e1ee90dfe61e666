"""A training run: from a model file and data to weights, scores and a picture in one directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ssrdsl.manifest import MANIFEST_NAME, manifest, read_manifest
from ssrdsl.runs.checkpoints import restoring
from ssrdsl.runs.identity import check_identity
from ssrdsl.runs.names import BEST_NAME, MODEL_NAME, PICTURE_NAME, RESULT_NAME, WEIGHTS_NAME
from ssrdsl.segmentation.data.dataset import Dataset, check_labelled
from ssrdsl.segmentation.data.sizes import format_size
from ssrdsl.segmentation.model_check import check_model, check_training, input_channels
from ssrdsl.segmentation.model_file import ModelFile
from ssrdsl.segmentation.pictures import save_predictions
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.seeding import seed_for
from ssrdsl.segmentation.training.checkpoint import Best, load_checkpoint
from ssrdsl.segmentation.training.directory import TrainingDirectory
from ssrdsl.segmentation.training.loop import Progress, Training, TrainingResult
from ssrdsl.segmentation.training.options import TrainingOptions
from ssrdsl.segmentation.weights import Weights, install_weights, save_weights
from ssrdsl.timing.macs import count_macs


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """A finished run: its network without auxiliary heads, its preprocessing, and its scores."""

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
    warn: Callable[[str], None] = lambda message: None,
) -> TrainedRun:
    """Train the network of a model file, from `weights` if given, else from the seed.

    The files listed in `directory` are written to `run_dir`, with weights without auxiliary heads. `settings` are part
    of the manifest. Raises `UserError`.
    """
    run = TrainingDirectory(run_dir)
    run.check(resume)
    networks = _build(file, train_set, val_set, options)
    check_labelled(train_set)
    preprocessing = Preprocessing.of(train_set, networks.channels)
    if weights is not None:
        preprocessing = _start_from(networks, weights, preprocessing)
    settings = dict(settings or {})
    facts = {
        "model": Path(str(settings.get("model") or file.path)).name,
        "model_sha256": file.sha256,
        "data": train_set.name,
        "trained_on": train_set.split,
        "evaluated_on": val_set.split,
        "size": format_size(train_set.size),
        "epochs": options.epochs,
    }
    with run.opened(resume):
        stored = load_checkpoint(run) if resume else None
        if stored is not None:
            with restoring(run.checkpoint):
                preprocessing = Preprocessing.from_dict(stored["identity"]["preprocessing"])
        identity = {
            "model": file.sha256,
            "data": train_set.fingerprint(),
            "validation set": val_set.fingerprint(),
            "preprocessing": preprocessing.to_dict(),
            "options": options.recipe(),
        }
        if stored is not None:
            check_identity(run.path, "run", stored["identity"], identity)
        _record(run, file, options, settings, resume)
        training = Training(
            networks.model,
            train_set,
            val_set,
            options,
            run,
            preprocessing,
            device,
            identity,
            stored,
            observe,
            keep_best=lambda best: _write_best(training, best, networks.plain_state(), facts),
        )
        result = training.run(warn)
        networks.plain.to(device).load_state_dict(networks.plain_state())
        trained = TrainedRun(networks.plain, preprocessing, val_set.classes, result)
        _write_results(training, trained, facts)
    return trained


@dataclass(frozen=True, slots=True)
class _Networks:
    """The network to train, the same without auxiliary heads, and the channels of its images.

    Both are one module if the network has no auxiliary heads.
    """

    model: nn.Module
    plain: nn.Module
    channels: int

    def plain_state(self) -> dict[str, torch.Tensor]:
        """The tensors of the trained network without those of its auxiliary heads."""
        state = self.model.state_dict()
        return {name: state[name] for name in self.plain.state_dict()}


def _build(file: ModelFile, train_set: Dataset, val_set: Dataset, options: TrainingOptions) -> _Networks:
    """Build the networks with weights from the seed. Raises `UserError` if they do not fit the data."""
    classes = len(train_set.classes)
    # The same seed gives the same initial weights, whatever was drawn before in this process.
    torch.manual_seed(seed_for("initialization", options.seed))
    plain = file.build(classes)
    channels = input_channels(plain, train_set.size)
    size = options.crop or train_set.size
    for each in dict.fromkeys([size, train_set.size, val_set.size]):
        check_model(plain, each, classes, channels)
    model = file.build(classes, auxiliary=True) if file.accepts("auxiliary") else plain
    check_training(model, size, classes, min(options.batch, len(train_set)), channels)
    return _Networks(model, plain, channels)


def _record(
    run: TrainingDirectory, file: ModelFile, options: TrainingOptions, settings: dict[str, Any], resume: bool
) -> None:
    """Write model file and manifest of a new run; of a resumed one, the settings that have changed."""
    if not resume:
        run.write(MODEL_NAME, file.source)
        record = manifest("train", seed=options.seed, settings=settings)
    else:
        record = read_manifest(run.path)
        if not settings or dict(record.settings) == settings:
            return
        if run.is_finished:
            run.reopen()
        record = record.with_settings(**settings)
    run.write(MANIFEST_NAME, record.text())


def _start_from(networks: _Networks, weights: Weights, measured: Preprocessing) -> Preprocessing:
    """Install weights, with or without auxiliary heads; returns their preprocessing."""
    model, plain = networks.model, networks.plain
    if model is not plain and weights.state_dict.keys() == plain.state_dict().keys():
        install_weights(plain, weights)
        model.load_state_dict(plain.state_dict(), strict=False)
    else:
        install_weights(model, weights)
    if weights.preprocessing is None:
        return measured
    return Preprocessing(weights.preprocessing.mean, weights.preprocessing.deviation, measured.size)


def _write_best(training: Training, best: Best, state: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> None:
    """Write the weights with the best score so far. Raises `UserError`."""
    provenance = {**facts, "epoch": best.epoch + 1, "miou": best.miou, "options": training.options.to_dict()}
    path, classes = training.directory.file(BEST_NAME), training.train_set.classes
    save_weights(path, state, training.preprocessing, classes, provenance)


def _write_results(training: Training, trained: TrainedRun, facts: Mapping[str, Any]) -> None:
    """Write weights, picture and scores of the last epoch. Raises `UserError`."""
    run, device, preprocessing = training.directory, training.device, trained.preprocessing
    model, best = trained.model, trained.result.best
    image = torch.zeros(1, preprocessing.channels, *training.train_set.size, device=device)
    record = {
        **facts,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "macs": count_macs(model, [image]),
        **trained.result.matrix.summary(trained.classes),
        "best": None if best is None else {"epoch": best.epoch + 1, "miou": best.miou},
    }
    provenance = {**record, "options": training.options.to_dict()}
    save_weights(run.file(WEIGHTS_NAME), model.state_dict(), preprocessing, training.train_set.classes, provenance)
    save_predictions(run.file(PICTURE_NAME), model, training.val_set, preprocessing, device=device)
    run.write(RESULT_NAME, json.dumps({**record, "seconds": round(trained.result.seconds, 3)}, indent=2) + "\n")
