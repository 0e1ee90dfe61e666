"""The options `--like` and `--parameters-within`: random networks with the cost of networks found by searches."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from statistics import fmean

import click

from ssrdsl.cli.options import together
from ssrdsl.cli.windows import WITHIN, read_share
from ssrdsl.errors import UserError
from ssrdsl.runs.names import GAP_NAME

like_options = together(
    click.option(
        "--like", metavar="RUN[,RUN...]",
        help="Sample networks with MACs within --within of the mean of the networks that these searches found.",
    ),
    click.option(
        "--parameters-within", metavar="PERCENT",
        help="Also match the mean parameters of the networks of --like, within this tolerance.",
    ),
)  # fmt: skip


def like_windows(like: str | None, within: str | None, parameters_within: str | None) -> dict[str, tuple[float, float]]:
    """The windows around the mean costs of the networks found; empty without `like`. Raises `UserError`."""
    if like is None:
        if parameters_within is not None:
            raise UserError("--parameters-within needs --like", help="add --like RUN, or omit it")
        return {}
    costs = mean_costs([Path(run) for run in like.split(",")])
    windows = {"macs": _around(costs["macs"], read_share("--within", within or WITHIN))}
    if parameters_within is not None:
        windows["parameters"] = _around(costs["parameters"], read_share("--parameters-within", parameters_within))
    return windows


def _around(value: float, share: Fraction) -> tuple[float, float]:
    return value * float(1 - share), value * float(1 + share)


def mean_costs(runs: Sequence[Path]) -> dict[str, float]:
    """The mean MACs and parameters of the networks that searches found; unfinished searches are skipped.

    Raises `UserError` if no search is finished.
    """
    from ssrdsl.cli.console import warn
    from ssrdsl.cli.runs import read_run
    from ssrdsl.files import read_object

    finished = [run for run in runs if (run / GAP_NAME).exists()]
    for run in runs:
        if run not in finished:
            if len(runs) == 1:
                read_run(run, "search")
            warn(f"{run} has not finished; its network is skipped")
    if not finished:
        raise UserError("no search of --like has finished", help="continue it with `ssrdsl search ... --resume`")
    held = [read_object(run / GAP_NAME) for run in finished]
    return {cost: fmean(float(each[cost]) for each in held) for cost in ("macs", "parameters")}
