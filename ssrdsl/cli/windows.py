"""Options for windows on the costs of the networks drawn: given, or around the costs of networks found by searches."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

import click

from ssrdsl.cli.options import together
from ssrdsl.errors import UserError
from ssrdsl.runs.names import GAP_NAME

CostRange: TypeAlias = tuple[Fraction | float, Fraction | float]
"""The least and the greatest value of a cost."""
COUNTS = {None, "", "k", "K", "M", "G", "T"}
"""The units of a count."""
WITHIN = "2%"
METAVAR = "N|N..N"

cost_options = together(
    click.option("--macs", metavar=METAVAR, help="MACs of the networks: 40M, or a range: 38M..42M, 38M.. or ..42M"),
    click.option("--parameters", metavar=METAVAR, help="Parameters of the networks, in the same form."),
    click.option("--within", metavar="PERCENT", help=f"Tolerance for --macs N and --parameters N. [default: {WITHIN}]"),
)
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


def read_windows(macs: str | None, parameters: str | None, within: str | None) -> dict[str, CostRange]:
    """The windows of the costs that were given. Raises `UserError`."""
    given = {name: text for name, text in (("macs", macs), ("parameters", parameters)) if text is not None}
    if within is not None and all(".." in text for text in given.values()):
        help = "for example `--macs 40M --within 2%`"
        raise UserError("--within needs a single value for --macs or --parameters", help=help)
    tolerance = read_share("--within", within or WITHIN)
    if tolerance >= 1:
        raise UserError(f"--within {within}: expected less than 100%", help="for example `--within 2%`")
    return {name: _window(name, text, tolerance) for name, text in given.items()}


def _window(name: str, text: str, tolerance: Fraction) -> CostRange:
    least, dots, greatest = text.partition("..")
    if not dots:
        return _around(_number(name, text, text), tolerance)
    if not least.strip() and not greatest.strip():
        raise _unreadable(name, text)
    found = (
        _number(name, least, text) if least.strip() else -inf,
        _number(name, greatest, text) if greatest.strip() else inf,
    )
    if found[0] > found[1]:
        raise UserError(f"--{name} {text}: the range is empty", help="write the smaller value first")
    return found


def _number(name: str, text: str, whole: str) -> Fraction:
    """A number as the language writes it: `40M` or `1.5G`."""
    from ssrdsl.language.diagnostics import Diagnostics
    from ssrdsl.language.numbers import read_number
    from ssrdsl.language.source import Source, Span

    digits = text.strip()
    found = Diagnostics()
    read = read_number(digits, Span(Source("", digits), 0, len(digits)), found)
    is_unread = read.value == 0 and digits.strip("0.") != ""
    if found.found or is_unread or read.unit not in COUNTS:
        raise _unreadable(name, whole)
    return Fraction(read.value)


def _unreadable(name: str, text: str) -> UserError:
    return UserError(
        f"--{name} {text}: expected a number or a range", help=f"for example `--{name} 40M` or `--{name} 38M..42M`"
    )


def read_share(option: str, text: str) -> Fraction:
    """The share written as `2%` or `0.02`, from 0% to 100%. Raises `UserError`."""
    digits = text.strip().removesuffix("%")
    try:
        value = Fraction(digits) / (100 if digits != text.strip() else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(f"{option} {text}: expected a percentage", help=f"for example `{option} 2%`") from error
    if not 0 <= value <= 1:
        raise UserError(f"{option} {text}: expected a percentage from 0% to 100%", help=f"for example `{option} 2%`")
    return value


def like_windows(like: str | None, within: str | None, parameters_within: str | None) -> dict[str, CostRange]:
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


def _around(value: Fraction | float, share: Fraction) -> CostRange:
    return value * (1 - share), value * (1 + share)


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
