"""`ssrdsl budget`: how long random networks can be trained at the cost of a search."""

from __future__ import annotations

from pathlib import Path

import click

from ssrdsl.cli.options import PATH
from ssrdsl.runs.names import GAP_NAME, RESULT_NAME


@click.command()
@click.argument("run", type=PATH)
@click.option(
    "--training", required=True, type=PATH, metavar="TRAIN_RUN",
    help="Training run of a network of about the same cost; its seconds per epoch are used.",
)  # fmt: skip
@click.option(
    "--candidates", type=click.IntRange(1), default=8, show_default=True, metavar="N", help="Number of networks."
)
@click.option(
    "--architectures", type=PATH, metavar="DIR",
    help="Directory of the architecture files of the networks, instead of --candidates.",
)  # fmt: skip
@click.option(
    "--share", default="100%", show_default=True, metavar="PERCENT",
    help="Share of the images of --training that each network is trained on.",
)  # fmt: skip
@click.option(
    "--times", type=PATH, metavar="FILE",
    help="steps.jsonl of a study. If it contains both runs, use their CPU time instead of wall-clock time.",
)  # fmt: skip
@click.option("-o", "--out", type=PATH, metavar="FILE", help="Write the number of epochs to FILE.")
def budget(
    run: Path,
    training: Path,
    candidates: int,
    architectures: Path | None,
    share: str,
    times: Path | None,
    out: Path | None,
) -> None:
    """Compute for how many epochs each of N networks can be trained in the time that the search RUN took.

    The result is seconds of the search / (N x seconds per epoch), rounded, at least 1. The start of the commands is
    not included in either.

    \b
    ssrdsl budget runs/search --training runs/trained --candidates 8
    """
    from ssrdsl.cli.runs import architecture_files, read_run
    from ssrdsl.cli.windows import read_share
    from ssrdsl.errors import UserError, counted
    from ssrdsl.files import make_folder, read_object, write_atomically
    from ssrdsl.study.journal import cpu_shares

    part = float(read_share("--share", share))
    if not 0 < part <= 1:
        raise UserError(f"--share {share}: expected more than 0% and at most 100%", help="for example --share 80%")
    if architectures is not None:
        candidates = len(architecture_files(architectures))
    read_run(run, "search")
    read_run(training, "train")
    search, trained = read_object(run / GAP_NAME), read_object(training / RESULT_NAME)
    taken = (float(search["seconds"]), float(trained["seconds"]))
    if times is not None and (shares := cpu_shares(times, run, training)):
        taken = (taken[0] * shares[0], taken[1] * shares[1])
    epochs = max(1, round(taken[0] / (candidates * part * taken[1] / int(trained["epochs"]))))
    if out is not None:
        make_folder(out.parent)
        write_atomically(out, f"{epochs}\n")
    click.echo(f"{counted(epochs, 'epoch')} for each of {counted(candidates, 'network')}")
