"""What the codes of diagnostics mean: one small file for each, with an example of the mistake and one without it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means. `wrong` is a text of which it is the first finding, `right` one without findings.

    The wrong example stands `times` times after itself, where it takes a long text to make the mistake.
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
    """What a code means. Raises `KeyError` if there is no such code."""
    if code not in codes():
        raise KeyError(code)
    held = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Explanation(
        code, held["title"], held["explanation"].strip(), held["wrong"], held["right"], held.get("times", 1)
    )
