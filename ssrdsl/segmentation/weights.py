"""Weights files: tensors, preprocessing, class names, and provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.runs.tensors import load_tensors, save_tensors
from ssrdsl.segmentation.preprocessing import Preprocessing

FORMAT = "ssrdsl-weights-1"


@dataclass(frozen=True, slots=True)
class Weights:
    """The content of a weights file. A plain state_dict from another source has only tensors."""

    path: Path
    state_dict: dict[str, Tensor]
    preprocessing: Preprocessing | None
    classes: tuple[str, ...] | None
    provenance: dict[str, Any]

    def expected_input(self) -> Preprocessing:
        """The stored preprocessing. Raises `UserError` if the file has none."""
        if self.preprocessing is None:
            raise UserError(
                f"{self.path} has no preprocessing of the network's input",
                help="save it with ssrdsl.segmentation.weights.save_weights, or train with `ssrdsl train`",
            )
        return self.preprocessing


def save_weights(
    path: str | Path,
    state_dict: Mapping[str, Tensor],
    preprocessing: Preprocessing,
    classes: Sequence[str],
    provenance: Mapping[str, Any],
) -> None:
    """Write a weights file atomically. `provenance` has only plain values. Raises `UserError`."""
    content = {
        "format": FORMAT,
        # Copies: a view would save its whole storage.
        "state_dict": {name: tensor.detach().cpu().clone() for name, tensor in state_dict.items()},
        "preprocessing": preprocessing.to_dict(),
        "classes": list(classes),
        "provenance": dict(provenance),
    }
    save_tensors(path, content)


def load_weights(path: str | Path) -> Weights:
    """Read a weights file or a plain state_dict, without executing code. Raises `UserError`."""
    path = Path(path)
    content = load_tensors(path)
    if content.get("format") != FORMAT:
        if content and all(isinstance(value, Tensor) for value in content.values()):
            return Weights(path, content, None, None, {})
        raise UserError(
            f"{path} contains no weights",
            help="use a weights file such as weights.pt, or a state_dict saved with torch.save",
        )
    try:
        preprocessing = Preprocessing.from_dict(content["preprocessing"])
        state = _tensors(content["state_dict"])
        return Weights(path, state, preprocessing, tuple(map(str, content["classes"])), dict(content["provenance"]))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise UserError(f"{path} is damaged: {error!r}", help="write the file again") from error


def _tensors(held: Any) -> dict[str, Tensor]:
    """Check that a value is a state_dict. Raises TypeError otherwise."""
    if not isinstance(held, Mapping):
        raise TypeError(f"the state_dict is a {type(held).__name__}")
    for name, value in held.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise TypeError(f"'{name}' is a {type(value).__name__}, not a tensor")
    return dict(held)


def install_weights(model: nn.Module, weights: Weights) -> None:
    """Load weights into a network with exactly these entries.

    Raises `UserError` with the first entry that differs or contains NaN.
    """
    entries = model.state_dict()
    for name, tensor in entries.items():
        if name not in weights.state_dict:
            raise _misfit(weights, f"'{name}' of the network is missing in the file")
        found = weights.state_dict[name]
        if found.shape != tensor.shape:
            raise _misfit(weights, f"'{name}' is {list(found.shape)} in the file, {list(tensor.shape)} in the network")
        if found.is_floating_point() and found.isnan().any():
            raise UserError(
                f"{weights.path}: '{name}' contains NaN",
                help="use other weights: these are from a training that diverged",
            )
    for name in weights.state_dict:
        if name not in entries:
            raise _misfit(weights, f"'{name}' is not in the network")
    model.load_state_dict(weights.state_dict)


def _misfit(weights: Weights, reason: str) -> UserError:
    return UserError(f"{weights.path} does not fit the network: {reason}", help="use weights of this network")
