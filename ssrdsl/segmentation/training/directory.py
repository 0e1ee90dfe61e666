"""The directory of a training.

model.py           the network's file, byte for byte
manifest.json      command, seed, settings, versions
events.jsonl       loss and learning rate of every epoch, scores on the validation set
checkpoint.pt      the state, after every epoch
best.pt            the weights with the best score on the validation set so far
weights.pt         the weights after the last epoch, at the end
predictions.png    images, labels and predictions, at the end
result.json        scores, at the end
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ssrdsl.runs.directory import RunDirectory
from ssrdsl.runs.names import BEST_NAME, MODEL_NAME, PICTURE_NAME, RESULT_NAME, WEIGHTS_NAME


@dataclass(frozen=True, slots=True)
class TrainingDirectory(RunDirectory):
    """A directory of a training."""

    input_names: ClassVar[tuple[str, ...]] = (MODEL_NAME, BEST_NAME)
    result_names: ClassVar[tuple[str, ...]] = (WEIGHTS_NAME, PICTURE_NAME, RESULT_NAME)
