"""The file of a network's weights: tensors, the input the network expects, class names, and where they are from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.files import atomic_path, read_bytes
from ssrdsl.segmentation.preprocessing import Preprocessing

__all__ = ["Weights", "install_weights", "load_tensors", "load_weights", "save_weights"]

FORMAT = "ssrdsl-weights-1"


@dataclass(frozen=True, slots=True)
class Weights:
    """The content of a weights file. A plain state_dict that somebody else saved has nothing but its tensors."""

    path: Path
    state_dict: dict[str, Tensor]
    preprocessing: Preprocessing | None
    classes: tuple[str, ...] | None
    provenance: dict[str, Any]

    def expected_input(self) -> Preprocessing:
        """The stored preprocessing. Raises `UserError` where the file has none."""
        if self.preprocessing is None:
            raise UserError(
                f"{self.path} does not say what input its network expects",
                help="store it with ssrdsl.segmentation.save_weights, or train with `ssrdsl train`",
            )
        return self.preprocessing


def save_weights(
    path: str | Path,
    state_dict: Mapping[str, Tensor],
    preprocessing: Preprocessing,
    classes: Sequence[str],
    provenance: Mapping[str, Any],
) -> None:
    """Write a weights file, whole or not at all. `provenance` holds plain values only. Raises `UserError`."""
    content = {
        "format": FORMAT,
        # Copies: a view would drag the whole storage behind it into the file.
        "state_dict": {name: tensor.detach().cpu().clone() for name, tensor in state_dict.items()},
        "preprocessing": preprocessing.to_dict(),
        "classes": list(classes),
        "provenance": dict(provenance),
    }
    with atomic_path(path) as partial:
        torch.save(content, partial)


def load_weights(path: str | Path) -> Weights:
    """Read a weights file, or a plain state_dict. Nothing in the file is executed. Raises `UserError`."""
    path = Path(path)
    content = load_tensors(path)
    if content.get("format") != FORMAT:
        if content and all(isinstance(value, Tensor) for value in content.values()):
            return Weights(path, content, None, None, {})
        raise UserError(f"{path} holds no weights", help="name a weights.pt, or a state_dict saved with torch.save")
    try:
        preprocessing = Preprocessing.from_dict(content["preprocessing"])
        return Weights(path, content["state_dict"], preprocessing, tuple(content["classes"]), content["provenance"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} is damaged: {error!r}", help="write the file anew") from error


def load_tensors(path: Path) -> dict[str, Any]:
    """The dictionary that torch.save wrote to a file, on the CPU, without executing anything. Raises `UserError`."""
    data = io.BytesIO(read_bytes(path))
    try:
        content = torch.load(data, map_location="cpu", weights_only=True)
    except Exception as error:  # unpicklers raise whatever the bytes make them stumble on
        raise UserError(f"{path} is damaged, or not a file of PyTorch", help="restore it, or write it anew") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} holds a {type(content).__name__}, not weights", help="name a weights.pt")
    return content


def install_weights(model: nn.Module, weights: Weights) -> None:
    """Put weights into a network that has exactly these entries. Raises `UserError` naming the first that differs."""
    entries = model.state_dict()
    for name, tensor in entries.items():
        if name not in weights.state_dict:
            raise _misfit(weights, f"'{name}' of the network is missing there")
        found = weights.state_dict[name]
        if found.shape != tensor.shape:
            raise _misfit(weights, f"'{name}' is {list(found.shape)} there, {list(tensor.shape)} in the network")
    for name in weights.state_dict:
        if name not in entries:
            raise _misfit(weights, f"'{name}' is not in the network")
    model.load_state_dict(weights.state_dict)


def _misfit(weights: Weights, reason: str) -> UserError:
    return UserError(f"{weights.path} does not fit the network: {reason}", help="name the weights of this model.py")
