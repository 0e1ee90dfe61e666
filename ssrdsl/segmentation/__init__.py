"""Semantic segmentation: data, training and scores of networks, in PyTorch."""

from ssrdsl.segmentation.augmentation import Augmentation
from ssrdsl.segmentation.confusion import ConfusionMatrix
from ssrdsl.segmentation.dataset import Dataset, Size, check_classes, format_size, parse_size
from ssrdsl.segmentation.devices import check_device
from ssrdsl.segmentation.evaluation import evaluate, predict, recalibrate
from ssrdsl.segmentation.events import EventLog, read_events
from ssrdsl.segmentation.loss import class_weights, segmentation_loss
from ssrdsl.segmentation.model_file import ModelFile, check_model, load_model, read_model
from ssrdsl.segmentation.options import TrainingOptions
from ssrdsl.segmentation.pictures import draw_predictions, save_predictions
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.registry import open_dataset
from ssrdsl.segmentation.runs import TrainedRun, train_model
from ssrdsl.segmentation.sampling import Batch, batches, batches_per_epoch
from ssrdsl.segmentation.seeding import generator_for, seed_step
from ssrdsl.segmentation.task import SegmentationTask
from ssrdsl.segmentation.training import Progress, TrainingResult, train
from ssrdsl.segmentation.weights import Weights, install_weights, load_weights, save_weights

__all__ = [
    "Augmentation", "Batch", "ConfusionMatrix", "Dataset", "EventLog", "ModelFile", "Preprocessing", "Progress",
    "SegmentationTask", "Size",
    "TrainedRun", "TrainingOptions", "TrainingResult", "Weights", "batches", "batches_per_epoch", "check_classes",
    "check_device", "check_model", "class_weights", "draw_predictions", "evaluate", "format_size", "generator_for",
    "install_weights", "load_model", "load_weights", "open_dataset", "parse_size", "predict", "read_events",
    "read_model", "recalibrate", "save_predictions", "save_weights", "seed_step", "segmentation_loss", "train",
    "train_model",
]  # fmt: skip
