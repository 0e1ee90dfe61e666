"""The file of a network's weights: tensors, the input the network expects, class names, and where they are from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.runs.tensors import load_tensors, save_tensors
from ssrdsl.segmentation.preprocessing import Preprocessing

__all__ = ["Weights", "install_weights", "load_weights", "save_weights"]

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
    save_tensors(path, content)


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
        state = _tensors(content["state_dict"])
        return Weights(path, state, preprocessing, tuple(map(str, content["classes"])), dict(content["provenance"]))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise UserError(f"{path} is damaged: {error!r}", help="write the file again") from error


def _tensors(held: Any) -> dict[str, Tensor]:
    """A state_dict. Raises TypeError where it is something else."""
    if not isinstance(held, Mapping):
        raise TypeError(f"the state_dict is a {type(held).__name__}")
    for name, value in held.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise TypeError(f"'{name}' is a {type(value).__name__}, not a tensor")
    return dict(held)


def install_weights(model: nn.Module, weights: Weights) -> None:
    """Put weights into a network that has exactly these entries.

    Raises `UserError` with the first entry that differs, or holds NaN.
    """
    entries = model.state_dict()
    for name, tensor in entries.items():
        if name not in weights.state_dict:
            raise _misfit(weights, f"'{name}' of the network is missing there")
        found = weights.state_dict[name]
        if found.shape != tensor.shape:
            raise _misfit(weights, f"'{name}' is {list(found.shape)} there, {list(tensor.shape)} in the network")
        if found.is_floating_point() and found.isnan().any():
            raise UserError(
                f"{weights.path}: '{name}' holds values that are not numbers (NaN)",
                help="name other weights: these are of a training that diverged",
            )
    for name in weights.state_dict:
        if name not in entries:
            raise _misfit(weights, f"'{name}' is not in the network")
    model.load_state_dict(weights.state_dict)


def _misfit(weights: Weights, reason: str) -> UserError:
    return UserError(f"{weights.path} does not fit the network: {reason}", help="name the weights of this model.py")
