"""Semantic segmentation: data, training and scores of networks, in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssrdsl.segmentation.augmentation import Augmentation
    from ssrdsl.segmentation.confusion import ConfusionMatrix
    from ssrdsl.segmentation.dataset import Dataset, check_classes
    from ssrdsl.segmentation.devices import check_device, check_device_name
    from ssrdsl.segmentation.directory import check_run_dir
    from ssrdsl.segmentation.evaluation import evaluate, predict, recalibrate
    from ssrdsl.segmentation.events import EventLog, read_events
    from ssrdsl.segmentation.loss import class_weights, segmentation_loss
    from ssrdsl.segmentation.model_file import ModelFile, check_model, load_model, read_model
    from ssrdsl.segmentation.options import TrainingOptions
    from ssrdsl.segmentation.pictures import draw_predictions, save_predictions
    from ssrdsl.segmentation.preprocessing import Preprocessing
    from ssrdsl.segmentation.registry import check_data_name, open_dataset
    from ssrdsl.segmentation.runs import TrainedRun, train_model
    from ssrdsl.segmentation.sampling import Batch, batches, batches_per_epoch
    from ssrdsl.segmentation.seeding import generator_for, seed_step
    from ssrdsl.segmentation.sizes import Size, format_size, parse_size
    from ssrdsl.segmentation.task import SegmentationTask
    from ssrdsl.segmentation.training import Progress, TrainingResult, train
    from ssrdsl.segmentation.weights import Weights, install_weights, load_weights, save_weights
else:
    from ssrdsl.lazy import names_of

    # Loaded when asked for: much of this needs torch, but not what tells a mistake on the command line.
    __getattr__ = names_of(__name__, {
        "augmentation": "Augmentation",
        "confusion": "ConfusionMatrix",
        "dataset": "Dataset check_classes",
        "devices": "check_device check_device_name",
        "directory": "check_run_dir",
        "evaluation": "evaluate predict recalibrate",
        "events": "EventLog read_events",
        "loss": "class_weights segmentation_loss",
        "model_file": "ModelFile check_model load_model read_model",
        "options": "TrainingOptions",
        "pictures": "draw_predictions save_predictions",
        "preprocessing": "Preprocessing",
        "registry": "check_data_name open_dataset",
        "runs": "TrainedRun train_model",
        "sampling": "Batch batches batches_per_epoch",
        "seeding": "generator_for seed_step",
        "sizes": "Size format_size parse_size",
        "task": "SegmentationTask",
        "training": "Progress TrainingResult train",
        "weights": "Weights install_weights load_weights save_weights",
    })  # fmt: skip

__all__ = [
    "Augmentation", "Batch", "ConfusionMatrix", "Dataset", "EventLog", "ModelFile", "Preprocessing", "Progress",
    "SegmentationTask", "Size", "TrainedRun", "TrainingOptions", "TrainingResult", "Weights", "batches",
    "batches_per_epoch", "check_classes", "check_data_name", "check_device", "check_device_name", "check_model",
    "check_run_dir", "class_weights", "draw_predictions", "evaluate", "format_size", "generator_for",
    "install_weights", "load_model", "load_weights", "open_dataset", "parse_size", "predict", "read_events",
    "read_model", "recalibrate", "save_predictions", "save_weights", "seed_step", "segmentation_loss", "train",
    "train_model",
]  # fmt: skip
