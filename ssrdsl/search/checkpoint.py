"""The state of a search in a file, from which it goes on as if it had not stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from ssrdsl.errors import UserError
from ssrdsl.files import atomic_path, file_error
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State, Tally

FORMAT = "ssrdsl-search-1"


def save_checkpoint(path: Path, state: State, identity: Mapping[str, Any]) -> None:
    """Writes the checkpoint in the place of the one before, whole or not at all. Raises `UserError`."""
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
    with atomic_path(path) as partial:
        torch.save(content, partial)


def load_checkpoint(path: Path, identity: Mapping[str, Any], begin: Callable[[Survivors], State]) -> State | None:
    """The state that was saved; None where there is no checkpoint yet.

    `identity` says what the search is one of, plain values by name, and `begin` gives the state of one with some
    options left. Raises `UserError` where the file is damaged or that of another search.
    """
    if not path.exists():
        return None
    content = _read(path)
    check_identity(path.parent, content.get("identity"), identity)
    try:
        survivors = {name: tuple(indices) for name, indices in content["survivors"].items()}
        state = begin(survivors)
        state.net.load_state_dict(content["net"])
        state.weights.load_state_dict(content["weights"])
        if state.architecture is not None:
            state.architecture.load_state_dict(content["architecture"])
        state.multipliers.values = dict(content["multipliers"])
        state.memory = content.get("memory", {})
        state.step, state.seconds, state.tally = content["step"], content["seconds"], Tally(**content["tally"])
    except (AttributeError, KeyError, IndexError, RuntimeError, TypeError, ValueError) as error:
        raise _damaged(path) from error
    return state


def _read(path: Path) -> dict[str, Any]:
    """The content of a checkpoint; nothing in it is executed."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        # Of a file that was cut short torch tells the system's reason, without a name.
        raise _damaged(path) if error.filename is None else file_error("read", path, error) from error
    except Exception as error:  # unpicklers raise whatever the bytes make them stumble on
        raise _damaged(path) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{path} is not the checkpoint of a search", help="name the --out of a search")
    return content


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is damaged", help="restore it, remove it to begin anew, or start a new run elsewhere")


def check_identity(run: Path, stored: Any, wanted: Mapping[str, Any]) -> None:
    """Raises `UserError` naming the first respect in which a run was one of something else."""
    held = stored if isinstance(stored, Mapping) else {}
    for name, value in wanted.items():
        if held.get(name) != value:
            raise UserError(
                f"{run} is a search with another {name} ({_short(held.get(name))}, not {_short(value)})",
                help="resume it with what it was begun with, or start a new run in another --out",
            )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
