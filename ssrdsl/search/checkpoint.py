"""Checkpoints: the state of a search in a file, from which it continues as if it had not stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.runs.identity import check_identity
from ssrdsl.runs.memory import is_out_of_memory
from ssrdsl.runs.tensors import load_tensors, save_tensors
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State, Tally

FORMAT = "ssrdsl-search-2"
NO_RESUMING = "restore it, remove it to start again, or start a new run in another directory"


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
    content = _read(path)
    check_identity(path.parent, "search", content.get("identity"), identity)
    try:
        survivors = {name: tuple(indices) for name, indices in content["survivors"].items()}
        state = begin(survivors)
        state.net.load_state_dict(content["net"])
        state.weights.load_state_dict(content["weights"])
        if state.architecture is not None:
            state.architecture.load_state_dict(content["architecture"])
        state.multipliers.values = dict(content["multipliers"])
        state.memory = content["memory"]
        state.step, state.seconds, state.tally = content["step"], content["seconds"], Tally(**content["tally"])
    except (AttributeError, KeyError, IndexError, RuntimeError, TypeError, ValueError) as error:
        if is_out_of_memory(error):
            raise
        raise _damaged(path) from error
    return state


def _read(path: Path) -> dict[str, Any]:
    """Read the content of a checkpoint without executing code."""
    try:
        content = load_tensors(path)
    except UserError as error:
        raise UserError(error.message, help=NO_RESUMING) from error
    if content.get("format") != FORMAT:
        raise UserError(f"{path} is not the checkpoint of a search", help="give the --out directory of a search")
    return content


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is damaged", help=NO_RESUMING)
