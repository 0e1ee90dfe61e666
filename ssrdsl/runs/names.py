"""File names in the directories of searches, trainings and studies."""

from __future__ import annotations

from typing import Final

WEIGHTS_NAME: Final = "weights.pt"
"""The weights of the network found by a search or trained."""

# Of a search

SPACE_NAME: Final = "space.ssr"
SUPERNET_NAME: Final = "supernet.pt"
ARCHITECTURE_NAME: Final = "architecture.json"
GAP_NAME: Final = "gap.json"
"""Scores from the supernet to the network, costs and seconds; written when the search is complete."""

# Of a training

MODEL_NAME: Final = "model.py"
BEST_NAME: Final = "best.pt"
PICTURE_NAME: Final = "predictions.png"
RESULT_NAME: Final = "result.json"
"""Scores and seconds; written when the training is complete."""

# Of a study

NETWORKS_NAME: Final = "networks"
"""The directory of the Python files of its networks."""
