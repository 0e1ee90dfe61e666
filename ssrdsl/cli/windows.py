"""Windows of costs: what `ssrdsl sample` matches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from ssrdsl.errors import UserError

FACTORS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


def read_windows(
    macs: str | None, like: str | None, within: str, parameters_within: str | None
) -> Mapping[str, tuple[int, int]]:
    """The windows by cost; none where neither `macs` nor `like` is given. Raises `UserError`."""
    if macs is None and like is None:
        if parameters_within is not None:
            raise UserError("--parameters-within needs --like", help="add --like RUN, or leave it away")
        return {}
    costs = {"macs": float(read_quantity("--macs", macs))} if macs is not None else {}
    if like is not None:
        found = mean_costs([Path(run) for run in like.split(",")])
        costs = {**found, **costs}
    windows = {"macs": _around(costs["macs"], read_share("--within", within))}
    if parameters_within is not None:
        if "parameters" not in costs:
            raise UserError("--parameters-within needs --like", help="add --like RUN, or leave it away")
        share = read_share("--parameters-within", parameters_within)
        windows["parameters"] = _around(costs["parameters"], share)
    return windows


def _around(value: float, share: float) -> tuple[int, int]:
    return round(value * (1 - share)), round(value * (1 + share))


def read_share(option: str, text: str) -> float:
    """A percentage such as `2%` as a share. Raises `UserError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", text)
    if match is None:
        raise UserError(f"{option} {text}: expected a percentage", help=f"for example {option} 2%")
    return float(match[1]) / 100


def read_quantity(option: str, text: str) -> int:
    """A number such as `40M`. Raises `UserError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMG]?)\s*", text)
    if match is None:
        raise UserError(f"{option} {text}: expected a number", help=f"for example {option} 40M")
    return round(float(match[1]) * FACTORS[match[2]])


def mean_costs(runs: Sequence[Path]) -> dict[str, float]:
    """The mean MACs and parameters of the networks that searches found; unfinished searches are left out.

    Raises `UserError` where no search is finished.
    """
    import json

    from ssrdsl.cli.console import tell
    from ssrdsl.cli.runs import read_run
    from ssrdsl.files import read_text

    finished = [run for run in runs if (run / "gap.json").exists()]
    for run in runs:
        if run not in finished:
            if len(runs) == 1:
                read_run(run, "search")
            tell("warning", f"{run} has not ended; its network is left out")
    if not finished:
        raise UserError("no search of --like has ended", help="continue it with `ssrdsl search ... --resume`")
    held = [json.loads(read_text(run / "gap.json")) for run in finished]
    return {cost: fmean(float(each[cost]) for each in held) for cost in ("macs", "parameters")}
