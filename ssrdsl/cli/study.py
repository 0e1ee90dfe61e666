"""`ssrdsl study`: compare searches of a space with random networks of the same cost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ssrdsl.cli.options import MOST_THREADS, PATH, data_option, device_option, require_data, set_option_as, size_option
from ssrdsl.cli.runs import given_options, resumed_options
from ssrdsl.errors import UserError

# Options that a resumed study may change: they add steps, or change how steps run. Finished steps are kept.
FREE = frozenset(
    {"jobs", "device", "strategies", "variants", "seeds", "random", "matched", "train_epochs", "train_seeds", "rank"}
)


@click.command()
@click.argument("file", required=False, type=PATH)
@data_option
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Directory of the study.")
@click.option(
    "--strategies", default="paths,random", show_default=True, metavar="NAMES",
    help="Strategies to compare. random trains random networks for as long as a search of the first strategy takes.",
)  # fmt: skip
@click.option(
    "--variant", "variants", multiple=True, metavar="NAME:KEY=VALUE[,KEY=VALUE...]",
    help="Also search with these settings, and report the results as NAME.",
)  # fmt: skip
@click.option(
    "--seeds", type=click.IntRange(1), default=3, show_default=True, metavar="N",
    help="Number of searches per strategy.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, metavar="SEED",
    help="Random seed of the first search; another one also draws other random networks.",
)  # fmt: skip
@click.option(
    "--random", type=click.IntRange(0), default=20, show_default=True, metavar="N",
    help="Number of random networks with the same MACs.",
)  # fmt: skip
@click.option(
    "--matched", type=click.IntRange(0), metavar="N",
    help="Number of random networks with the mean MACs and parameters of the networks that searches of the first "
    "strategy find. [default: half of --random]",
)  # fmt: skip
@click.option(
    "--match", type=click.Choice(["target", "found"]),
    help="Match --random to target.macs, or to the mean MACs of the networks found. [default: target]",
)  # fmt: skip
@click.option(
    "--train-epochs", default="40,160", show_default=True, metavar="N[,N...]", help="Epochs of the final trainings."
)
@click.option(
    "--train-seeds", type=click.IntRange(1), default=1, show_default=True, metavar="N",
    help="Number of trainings per network.",
)  # fmt: skip
@click.option(
    "--search-epochs", type=click.IntRange(1), metavar="N", help="Epochs of a search. [default: from FILE, else 128]"
)
@click.option(
    "--candidates", type=click.IntRange(1), default=8, show_default=True, metavar="N",
    help="Number of networks that the strategy random trains per search.",
)  # fmt: skip
@click.option(
    "--held-out", type=click.IntRange(1, 99), default=20, show_default=True, metavar="PERCENT",
    help="Share of the training split that searches hold out to select architectures.",
)  # fmt: skip
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Batch size. [default: as for search and train]")
@size_option
@set_option_as("overrides")  # their name in plan.json
@click.option(
    "--search", "search_settings", multiple=True, metavar="KEY=VALUE", help="Override a setting of the search block."
)
@click.option(
    "--train", "train_options", multiple=True, metavar="NAME=VALUE",
    help="Set an option of `ssrdsl train`, such as lr=0.002.",
)  # fmt: skip
@click.option(
    "--rank/--no-rank", default=True, show_default=True,
    help="Also score the random networks with the weights of a supernet.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Number of parallel processes. [default: cores / --threads]"
)
@click.option(
    "--threads", type=click.IntRange(1, MOST_THREADS), default=1, show_default=True, metavar="N",
    help="Number of CPU threads per process.",
)  # fmt: skip
@device_option
@click.option("--resume", is_flag=True, help="Continue the study in --out, with the options it was started with.")
@click.option("--dry-run", is_flag=True, help="Print the commands of the study without running them.")
@click.pass_context
def study(ctx: click.Context, /, file: Path | None, out: Path, resume: bool, dry_run: bool, **_: object) -> None:
    """Compare searches of the space in FILE with random networks of the same cost, all trained with one recipe.

    A study runs ordinary commands (search, sample, emit, train), each in its own directory. Searches select
    architectures on a held-out part of the training split. Every network is then trained on the whole training split
    and scored on the validation split. study.html, study.json and a log of every command are written to --out.

    `ssrdsl study --out DIR --resume` continues a stopped study without repeating finished commands. More seeds,
    networks, strategies or numbers of training epochs can be added when resuming, but not networks that match those
    found so far (--matched, and --random without target.macs).

    \b
    ssrdsl study examples/demo/streets.ssr --data streets --out runs/study
    ssrdsl study spaces/realtime.ssr --data camvid:PATH --size 192x256 --out runs/study --dry-run
    """
    sys.set_int_max_str_digits(0)
    given = _options(ctx, out, resume)
    if file is None and not resume:
        raise click.UsageError("Missing argument 'FILE'.", ctx)
    require_data(given["data"])
    from ssrdsl.cli.study_job import kept_file, prepare
    from ssrdsl.cli.study_run import conclude, print_plan, run

    job = prepare(file or kept_file(out), out, given, copied=not dry_run)
    if dry_run:
        print_plan(job.plan, job.settings)
        return
    with job.opened(given, resume=resume) as lock:
        failures = run(job, given["jobs"], lock)
        conclude(job, failures)


def _options(ctx: click.Context, out: Path, resume: bool) -> dict[str, Any]:
    """The options as plain values; of a resumed study, those it was started with, and the changes."""
    given = given_options(ctx, "out", "resume", "file", "dry_run")
    from ssrdsl.cli.study_job import begun_error
    from ssrdsl.study.journal import read_identity

    known = read_identity(out)
    if resume and known is None:
        where = "" if out.exists() else f"there is no directory {out}; "
        raise UserError(f"{out} has no study to resume", help=f"{where}omit --resume to start a study")
    if known is None:
        return given
    if not resume and not ctx.params["dry_run"]:
        raise begun_error(out)
    return resumed_options(ctx, out, given, known["options"], FREE) if resume else given
