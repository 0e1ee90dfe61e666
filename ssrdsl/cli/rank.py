"""`ssrdsl rank`: score architectures with the weights of a supernet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssrdsl.cli.options import PATH, device_option
from ssrdsl.errors import counted

if TYPE_CHECKING:
    from ssrdsl.cli.search_job import Job
    from ssrdsl.search.state import State


@click.command()
@click.argument("run", type=PATH)
@click.option(
    "--architectures", required=True, type=PATH, metavar="DIR",
    help="Directory of architecture files, written by `ssrdsl sample -o DIR`.",
)  # fmt: skip
@click.option("-o", "--out", required=True, type=PATH, metavar="FILE", help="Output file.")
@device_option
def rank(run: Path, architectures: Path, out: Path, device: str) -> None:
    """Score architectures with the weights of the supernet of the search RUN, before options were removed.

    RUN is the --out directory of `ssrdsl search --keep-supernet`. Scores are computed as in the selection of a search:
    batch norms are recalibrated for every architecture, and the images are the training images that the search held
    out. FILE is JSON with the scores by file name.

    \b
    ssrdsl search examples/demo/streets.ssr --data streets --keep-supernet --out runs/search
    ssrdsl sample examples/demo/streets.ssr -n 20 -o random
    ssrdsl rank runs/search --architectures random --out rank.json
    """
    from ssrdsl.cli.runs import architecture_files, kept_space, read_run, recorded
    from ssrdsl.files import make_folder, write_atomically

    begun = read_run(run, "search")
    files = architecture_files(architectures)
    from ssrdsl.cli.search_job import prepare

    job = prepare(kept_space(run, begun), {**recorded(begun, "options"), "device": device})
    state = job.search.load_supernet(run)
    scores = _scores(job, state, files)
    make_folder(out.parent)
    record = {
        "run": str(run),
        "step": state.step,
        "split": job.task.choice_set.split + (", held out" if job.task.images_held_out else ""),
        "scores": scores,
    }
    write_atomically(out, json.dumps(record, indent=2) + "\n")
    scored = counted(len(scores), "architecture")
    click.echo(f"{out}: scores of {scored} after step {state.step} of {job.search.schedule.steps}")


def _scores(job: Job, state: State, files: list[Path]) -> dict[str, float]:
    from rich.progress import track

    from ssrdsl.cli.console import stderr_console
    from ssrdsl.search.scoring import score_path
    from ssrdsl.space.architecture import read_architecture, resolve

    net, scores = state.net.eval(), {}
    for file in track(files, "Scoring", console=stderr_console()):
        assignment = resolve(job.search.program.graph, read_architecture(file))
        scores[file.name] = score_path(net, job.task, assignment)
    return scores
