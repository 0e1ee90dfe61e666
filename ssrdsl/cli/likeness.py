"""The options `--like` and `--parameters-within`: random networks of the cost of those that searches found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from statistics import fmean
from typing import Any

import click

from ssrdsl.cli.windows import WITHIN, read_share
from ssrdsl.errors import UserError
from ssrdsl.runs.names import GAP_NAME


def like_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command."""
    options = (
        click.option(
            "--like", metavar="RUN[,RUN...]", help="Draw networks with the mean MACs of those that searches found."
        ),
        click.option("--parameters-within", metavar="PERCENT", help="Match the parameters of --like, too."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def like_windows(like: str | None, within: str | None, parameters_within: str | None) -> dict[str, tuple[float, float]]:
    """The windows around the mean costs of the networks found, none without `like`. Raises `UserError`."""
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
    """The mean MACs and parameters of the networks that searches found; unfinished searches are left out.

    Raises `UserError` where no search is finished.
    """
    from ssrdsl.cli.console import tell
    from ssrdsl.cli.runs import read_run
    from ssrdsl.files import read_object

    finished = [run for run in runs if (run / GAP_NAME).exists()]
    for run in runs:
        if run not in finished:
            if len(runs) == 1:
                read_run(run, "search")
            tell("warning", f"{run} has not ended; its network is left out")
    if not finished:
        raise UserError("no search of --like has ended", help="continue it with `ssrdsl search ... --resume`")
    held = [read_object(run / GAP_NAME) for run in finished]
    return {cost: fmean(float(each[cost]) for each in held) for cost in ("macs", "parameters")}
