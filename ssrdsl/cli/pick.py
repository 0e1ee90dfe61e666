"""`ssrdsl pick`: keep the best of several trained networks."""

from __future__ import annotations

from pathlib import Path

import click

from ssrdsl.cli.options import PATH
from ssrdsl.runs.names import RESULT_NAME


@click.command()
@click.argument("networks", nargs=-1, required=True, metavar="ARCHITECTURE=TRAIN_RUN...")
@click.option("-o", "--out", required=True, type=PATH, metavar="FILE", help="Output file.")
def pick(networks: tuple[str, ...], out: Path) -> None:
    """Copy the architecture file whose training reached the highest mean IoU to FILE.

    Each ARCHITECTURE must be that of the network trained in TRAIN_RUN, which is not checked. Trainings that have not
    finished or have no mean IoU are skipped.

    \b
    ssrdsl pick random/streets-0.json=runs/0 random/streets-1.json=runs/1 -o best.json
    """
    from ssrdsl.cli.console import warn
    from ssrdsl.errors import UserError
    from ssrdsl.files import make_folder, read_object
    from ssrdsl.space.architecture import read_architecture, write_architecture

    scores: dict[str, float] = {}
    used: set[str] = set()
    for network in networks:
        architecture, equals, run = network.rpartition("=")
        if not equals:
            raise UserError(
                f"'{network}' is not of the form ARCHITECTURE=TRAIN_RUN", help="give the --out directory of a training"
            )
        for name in (architecture, run):
            if name in used:
                raise UserError(f"{name} is given twice", help="give every architecture once, with its own training")
        used |= {architecture, run}
        result = Path(run) / RESULT_NAME
        if not result.exists():
            warn(f"{run} has no finished training; {architecture} is skipped")
        elif (score := read_object(result).get("miou")) is None:
            warn(f"{run} has no mean IoU; {architecture} is skipped")
        else:
            scores[architecture] = float(score)
    if not scores:
        raise UserError(
            "none of the trainings has finished with a score", help="continue them with `ssrdsl train ... --resume`"
        )
    best = max(scores, key=lambda name: scores[name])
    make_folder(out.parent)
    write_architecture(out, read_architecture(best))
    click.echo(f"{out}: {best}, mIoU {scores[best]:.2%}, the best of {len(scores)}")
