"""`ssrdsl sample`: draw random architectures of a space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.options import PATH, read_overrides, seed_option, set_option
from ssrdsl.cli.windows import cost_options, like_options, like_windows, read_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssrdsl.space import Program
    from ssrdsl.space.sample import Sampler

SHOWN = 5
"""Number of decisions in a row of the table."""


@click.command()
@click.argument("file", type=PATH)
@click.option(
    "-n", "count", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Number of architectures."
)
@click.option(
    "--by", type=click.Choice(["decisions", "architectures"]), default="decisions", show_default=True,
    help="Sample uniformly over the options of every decision, or over all architectures.",
)  # fmt: skip
@cost_options
@like_options
@click.option(
    "--distinct", is_flag=True, help="Do not sample an architecture twice; sample fewer than N if there are no more."
)
@seed_option
@set_option
@click.option(
    "--json", "as_lines", is_flag=True, help="Print one architecture per line, in the format of architecture.json."
)
@click.option("-o", "--out", type=PATH, metavar="DIR", help="Write one file per architecture to DIR.")
def sample(
    file: Path,
    count: int,
    by: str,
    macs: str | None,
    parameters: str | None,
    within: str | None,
    like: str | None,
    parameters_within: str | None,
    distinct: bool,
    seed: int,
    settings: tuple[str, ...],
    as_lines: bool,
    out: Path | None,
) -> None:
    """Sample random architectures of the space in FILE that meet its requirements, including bounds on costs.

    With --macs and --parameters, sample only architectures with these costs. The same seed gives the same
    architectures. Pass a file written with -o to `compile`, `show` or `emit` as --architecture.

    \b
    ssrdsl sample spaces/realtime.ssr -n 20
    ssrdsl sample spaces/darts.ssr -n 100 --by architectures --json
    ssrdsl sample spaces/realtime.ssr -n 20 --macs 7.8G --within 2% --distinct -o random
    ssrdsl sample spaces/realtime.ssr --macs ..6G --parameters 500k..600k
    """
    import random

    from ssrdsl.cli.console import show_message
    from ssrdsl.errors import counted
    from ssrdsl.space import open_space
    from ssrdsl.space.prove import prove
    from ssrdsl.space.sample import Sampler

    plain = like is None or macs is not None or parameters is not None
    windows: dict[str, tuple[Any, Any]] = {
        **like_windows(like, within, parameters_within),
        **read_windows(macs, parameters, within if plain else None),
    }
    program = open_space(file, read_overrides(settings))
    prove(program.graph).raise_errors()
    sampler = Sampler(program.graph, by, windows)
    draw = sampler.draw_distinct if distinct else sampler.draw_many
    drawn = draw(random.Random(seed), count)
    if len(drawn) < count:
        show_message(
            "warning",
            f"found only {counted(len(drawn), 'distinct architecture')} of `{program.name}` instead of {count}",
            "sample fewer, or widen the windows of costs",
        )
    if out is not None:
        _write(program, drawn, count, out)
    if as_lines:
        _print_lines(program, drawn)
    else:
        _print_table(sampler, drawn)


def _write(program: Program, drawn: Sequence[dict[str, int]], count: int, out: Path) -> None:
    """Write the architectures of a draw of `count`, the first one last: once it exists, so do all."""
    from ssrdsl.files import make_folder
    from ssrdsl.space.architecture import describe, write_architecture

    folder = make_folder(out)
    digits = len(str(count - 1))
    for number, assignment in reversed(list(enumerate(drawn))):
        write_architecture(folder / f"{program.name}-{number:0{digits}}.json", describe(program, assignment))


def _print_lines(program: Program, drawn: Sequence[dict[str, int]]) -> None:
    import json
    from dataclasses import asdict

    from ssrdsl.space.architecture import describe

    for assignment in drawn:
        click.echo(json.dumps(asdict(describe(program, assignment)), ensure_ascii=False))


def _print_table(sampler: Sampler, drawn: Sequence[dict[str, int]]) -> None:
    from rich.table import Column, Table

    from ssrdsl.cli.console import stdout_console
    from ssrdsl.space.architecture import labels

    named = [labels(sampler.graph, assignment) for assignment in drawn]
    figures = [Column(name, justify="right", no_wrap=True) for name in ("", "MACs", "parameters")]
    last = "decisions" if len(drawn) == 1 else "decisions that differ"
    table = Table(*figures, last, box=None, pad_edge=False)
    for number, (assignment, taken) in enumerate(zip(drawn, named, strict=True)):
        costs = (f"{sampler.cost(cost, assignment):,}" for cost in ("macs", "parameters"))
        table.add_row(str(number), *costs, _differing(taken, named))
    stdout_console().print(table, markup=False)


def _differing(taken: dict[str, str], every: Sequence[dict[str, str]]) -> str:
    """The decisions in which an architecture differs from others, the first ones by name; for a single one, all."""
    texts = [
        f"{name} = {label}"
        for name, label in taken.items()
        if len(every) == 1 or any(other.get(name) != label for other in every)
    ]
    more = [f"... {len(texts) - SHOWN} more"] if len(texts) > SHOWN else []
    return ", ".join([*texts[:SHOWN], *more])
