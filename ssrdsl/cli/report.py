"""`ssrdsl report`: create the HTML report of a search and the trainings of its network."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.options import PATH
from ssrdsl.cli.paths import refuse_foreign
from ssrdsl.cli.runs import kept_space, read_run, resume_command
from ssrdsl.errors import UserError
from ssrdsl.files import read_bytes, read_object, write_atomically
from ssrdsl.runs.names import ARCHITECTURE_NAME, GAP_NAME, PICTURE_NAME, RESULT_NAME

if TYPE_CHECKING:
    from ssrdsl.report.searches import RunContent, TrainedNetwork


@click.command()
@click.argument("run", type=PATH)
@click.option(
    "--network", "networks", multiple=True, metavar="[NAME=]TRAIN_RUN",
    help="Add a network trained with `ssrdsl train`; the first must be the network of the search. [default NAME: that "
    "of the directory]",
)  # fmt: skip
@click.option("-o", "--out", type=PATH, metavar="FILE", help="Output file. [default: RUN/report.html]")
def report(run: Path, networks: tuple[str, ...], out: Path | None) -> None:
    """Create an HTML page about the search in RUN: space, gates over time, remaining options, scores, predictions.

    \b
    ssrdsl report runs/streets --network searched=runs/streets-trained
    """
    from ssrdsl.cli.printing import echo
    from ssrdsl.report.searches import search_report

    target = out or run / "report.html"
    refuse_foreign(target, "<!doctype html>")
    record, trained = _record(run), [_trained(network) for network in networks]
    _check_first(run, record, trained)
    _write(target, search_report(record, trained))
    echo(f"{target} written")


def _write(target: Path, page: str) -> None:
    """Write the page; in a run directory under its lock, and never through a link out of it."""
    from ssrdsl.manifest import MANIFEST_NAME
    from ssrdsl.runs.directory import RunDirectory
    from ssrdsl.runs.lock import locked

    if not (target.parent / MANIFEST_NAME).exists():
        write_atomically(target, page)
        return
    with locked(target.parent):
        RunDirectory(target.parent).write(target.name, page)


def _record(run: Path) -> RunContent:
    """The data of a finished search."""
    from ssrdsl.report.picture import space_svg
    from ssrdsl.report.searches import RunContent
    from ssrdsl.runs.events import read_events
    from ssrdsl.space.architecture import read_architecture

    manifest = read_run(run, "search")
    if not (run / GAP_NAME).exists():
        raise UserError(
            f"the search in {run} has not finished", help=f"continue it with `{resume_command('search', run)}`"
        )
    program = kept_space(run, manifest).open()
    gap = _figures(run / GAP_NAME, "steps", "seconds", "parameters", "macs", "converged")
    return RunContent(
        name=program.name,
        text=program.source.text,
        picture=space_svg(program.graph, dark=False),
        facts=_facts(program.graph, gap),
        events=read_events(run),
        gap=gap,
        command_line=manifest.command_line,
        labels={
            name: {str(option.index): option.label for option in decision.options}
            for name, decision in program.graph.decisions.items()
        },
        architecture=read_architecture(run / ARCHITECTURE_NAME).decisions,
    )


def _check_first(run: Path, record: RunContent, trained: list[TrainedNetwork]) -> None:
    """Raise `UserError` if the first network is not that of the search: its number of parameters differs.

    Warns if only the MACs at the same size differ: those of a training are counted by torch, those of a search are the
    costs that the operators declare.
    """
    from ssrdsl.cli.console import warn

    if not trained:
        return
    first, result, gap = trained[0].name, trained[0].result, record.gap
    if result["parameters"] != gap["parameters"]:
        raise UserError(
            f"{first} is not the network of the search in {run}: it has {result['parameters']:,} parameters, the "
            f"network of the search has {gap['parameters']:,}",
            help="give the training of the network of the search first; other networks may follow",
        )
    macs = gap.get("search_macs", result["macs"])
    if result.get("size") == gap.get("size") and result["macs"] != macs:
        warn(
            f"{first} may not be the network of the search in {run}: it has {result['macs']:,} MACs, the network of "
            f"the search has {macs:,}"
        )


def _figures(path: Path, *names: str) -> dict[str, Any]:
    """The object in a file of a run that has numbers of these names. Raises `UserError`."""
    held = read_object(path)
    for name in names:
        if not isinstance(held.get(name), int | float):
            raise UserError(f"{path} is damaged: it has no number `{name}`", help="restore the file, or repeat the run")
    return held


def _facts(graph: Any, gap: dict[str, Any]) -> dict[str, str]:
    from ssrdsl.space.conditions.budget import TooWide
    from ssrdsl.space.size import architectures
    from ssrdsl.space.summary import count_text

    count: int | None = None
    with suppress(TooWide):
        count = architectures(graph)
    return {
        "decisions": str(len(graph.decisions)),
        "architectures": count_text(count),
        "steps": f"{gap['steps']:,}",
        "minutes": f"{gap['seconds'] / 60:.1f}",
        "parameters found": f"{gap['parameters']:,}",
        "GMACs found": f"{gap['macs'] / 1e9:.3f}",
        "ended": "converged" if gap["converged"] else "with open decisions",
    }


def _trained(network: str) -> TrainedNetwork:
    """The trained network of one `NAME=TRAIN_RUN`."""
    from ssrdsl.report.searches import TrainedNetwork

    name, _, folder = network.rpartition("=")
    run = Path(folder)
    if not (run / RESULT_NAME).exists():
        raise UserError(f"no finished training in {run}", help="give the --out directory of `ssrdsl train`")
    picture = run / PICTURE_NAME
    return TrainedNetwork(
        name or run.name,
        _figures(run / RESULT_NAME, "parameters", "macs"),
        read_bytes(picture) if picture.exists() else None,
    )
