"""Checkpoints: the state of a search in a file, from which it continues as if it had not stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ssrdsl.runs.checkpoints import read_checkpoint, restoring
from ssrdsl.runs.identity import check_identity
from ssrdsl.runs.tensors import save_tensors
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State, Tally

FORMAT = "ssrdsl-search-4"


def save_checkpoint(path: Path, state: State, identity: Mapping[str, Any]) -> None:
    """Replace the checkpoint atomically. Raises `UserError`."""
    content = {
        "format": FORMAT,
        "identity": dict(identity),
        "survivors": {name: list(indices) for name, indices in state.survivors.items()},
        "step": state.step,
        "seconds": state.seconds,
        "tally": asdict(state.tally),
        "multipliers": dict(state.multipliers.values),
        "memory": state.memory,
        "net": state.net.state_dict(),
        "weights": state.weights.state_dict(),
        "architecture": None if state.architecture is None else state.architecture.state_dict(),
    }
    save_tensors(path, content)


def load_checkpoint(path: Path, identity: Mapping[str, Any], begin: Callable[[Survivors], State]) -> State | None:
    """Load the saved state; None if there is no checkpoint yet.

    `identity` identifies the search by plain values, and `begin` creates the state for given survivors. Raises
    `UserError` if the file is damaged or belongs to another search.
    """
    if not path.exists():
        return None
    content = read_checkpoint(path, "search", FORMAT)
    check_identity(path.parent, "search", content.get("identity"), identity)
    with restoring(path):
        survivors = {name: tuple(indices) for name, indices in content["survivors"].items()}
        state = begin(survivors)
        state.net.load_state_dict(content["net"])
        state.weights.load_state_dict(content["weights"])
        if state.architecture is not None:
            state.architecture.load_state_dict(content["architecture"])
        state.multipliers.values = dict(content["multipliers"])
        state.memory = content["memory"]
        state.step, state.seconds, state.tally = content["step"], content["seconds"], Tally(**content["tally"])
    return state
