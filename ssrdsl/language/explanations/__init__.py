"""Explanations of the codes of diagnostics: one file each, with a wrong and a right example."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of a code. `wrong` is a text whose first diagnostic has the code, `right` one without any.

    The wrong example is repeated `times` times if the error requires a long text.
    """

    code: str
    title: str
    text: str
    wrong: str
    right: str
    times: int = 1


def codes() -> tuple[str, ...]:
    """All codes, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("E*.toml")))


def explanation(code: str) -> Explanation:
    """The explanation of a code. Raises `KeyError` for an unknown code."""
    if code not in codes():
        raise KeyError(code)
    held = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Explanation(
        code, held["title"], held["explanation"].strip(), held["wrong"], held["right"], held.get("times", 1)
    )
