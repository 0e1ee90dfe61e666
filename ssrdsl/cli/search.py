"""`ssrdsl search`: search a space for a network on a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.names import check_names
from ssrdsl.cli.overrides import read_overrides
from ssrdsl.cli.runs import read_run, resumed_options
from ssrdsl.cli.shell import INTERRUPTED
from ssrdsl.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssrdsl.cli.search_job import Job
    from ssrdsl.search.outcome import Outcome
    from ssrdsl.search.progress import Observer
    from ssrdsl.search.run import RunDirectory
    from ssrdsl.search.state import State
    from ssrdsl.space import Program

# What a resumed run may change: where it runs, and how often it saves.
FREE = frozenset({"device", "checkpoint_every"})


@click.command(short_help="Search a space for a network on a data set.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data", metavar="NAME", help="Data: streets, camvid:PATH, or a folder in the SegNet layout.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Directory of the run.")
@click.option("--resume", is_flag=True, help="Continue the search in --out; its options need not be repeated.")
@click.option("--epochs", type=click.IntRange(1), metavar="N", help="At most that many. [default: the file's, or 60]")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Images per step. [default: the file's, or 8]")
@click.option("--size", metavar="HxW", help="Size of the images. [default: the data's own, or what the space takes]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the space.")
@click.option(
    "--train-split", default="train", show_default=True, metavar="SPLIT",
    help="Weights and gates learn on it; train:0-80 is a part in percent.",
)  # fmt: skip
@click.option("--val-split", default="val", show_default=True, metavar="SPLIT", help="Scored at the end.")
@click.option(
    "--keep-supernet", is_flag=True, help="Keep the supernet as it is at the end of the warm-up, for `ssrdsl rank`."
)
@click.option("--finish", is_flag=True, help="After the last decision, train the weights for the epochs left.")
@click.option("--device", default="cpu", show_default=True, metavar="NAME", help="cpu, cuda or cuda:N.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. [default: one a core]")
@click.option("--seed", default=0, show_default=True, metavar="SEED", help="Seed of everything random.")
@click.option(
    "--checkpoint-every", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS",
    help="Save the state within an epoch, too, after so long.",
)  # fmt: skip
@click.pass_context
def search(ctx: click.Context, /, file: Path, out: Path, resume: bool, **_: object) -> None:
    """Search the space of FILE for the network that does best on a data set at the cost that the file asks for.

    Where --set does not say otherwise, the parameters `classes`, `height` and `width` follow the data.

    Weights and gates of a supernet learn in turn; after each epoch options with small gates are dropped and the
    supernet is rebuilt without them, until one network is left. If the epochs run out first, the largest gates decide.

    --out gets the space, a manifest, events, a checkpoint, and at the end architecture.json, weights.pt and gap.json. A
    search that was stopped, in whatever way, goes on with --resume, on a CPU to the same bits.

    \b
    ssrdsl search spaces/realtime.ssr --data streets --out runs/streets
    ssrdsl search spaces/realtime.ssr --data camvid:PATH --size 192x256 --epochs 80 --out runs/camvid
    """
    # Large spaces have more architectures than Python writes digits of a number by default.
    sys.set_int_max_str_digits(0)
    given = _options(ctx, out, resume)
    if not given["data"]:
        raise UserError(
            "it is not said on which data to search", help="add --data streets, --data camvid:PATH or a folder"
        )
    check_names(given["device"], given["data"], [given["size"]])
    from ssrdsl.cli.search_job import prepare

    job = prepare(file, given)
    _announce(job, given["settings"])
    outcome = _run(job, out, resume, file, given)
    _show(job, outcome, out)


def _options(ctx: click.Context, out: Path, resume: bool) -> dict[str, Any]:
    """The options as plain values; of a resumed search, those it was begun with."""
    given = {name: value for name, value in ctx.params.items() if name not in ("out", "resume", "file")}
    given["settings"] = read_overrides(given["settings"])
    from ssrdsl.search.run import RunDirectory

    run = RunDirectory(out)
    run.check(resume)
    if run.is_finished:
        raise UserError(f"the search in {out} has ended", help=f"go on with `ssrdsl emit {out} --model-py model.py`")
    return _resumed(ctx, out, given) if resume else given


def _resumed(ctx: click.Context, out: Path, given: dict[str, Any]) -> dict[str, Any]:
    begun = dict(read_run(out, "search").settings.get("options") or {})  # type: ignore[arg-type]
    return resumed_options(ctx, out, given, begun, FREE)


def _announce(job: Job, settings: Mapping[str, str]) -> None:
    """Tells what is searched; `settings` are those of `--set`, the other parameters that are set follow the data."""
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.segmentation.data.sizes import format_size

    graph, data = job.search.program.graph, job.train_set
    stderr_console().print(
        f"{graph.name}: {len(graph.open_decisions)} decisions; {data.name}: {len(data)} images of "
        f"{format_size(data.size)}, {len(data.classes)} classes; {job.search.schedule.steps} steps of {job.task.batch}",
        soft_wrap=True,
    )
    followed = [f"{name}={value}" for name, value in job.overrides.items() if name not in settings]
    if followed:
        stderr_console().print(f"as the data have it: {', '.join(followed)}", soft_wrap=True)


def _run(job: Job, out: Path, resume: bool, file: Path, given: dict[str, Any]) -> Outcome:
    """The search itself, from its start or its last checkpoint, and its results on disk."""
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.cli.search_progress import search_display
    from ssrdsl.search.interrupts import held_back
    from ssrdsl.search.loop import Stopped
    from ssrdsl.search.run import EventWriter, RunDirectory
    from ssrdsl.segmentation.data.sizes import format_size
    from ssrdsl.segmentation.training.events import EventLog

    run = RunDirectory(out)
    if resume:
        _check_text(run, job.search.program, file)
    # The supernet comes first: where the space cannot be relaxed no directory is left behind.
    state = (job.search.resume(run) if resume else None) or job.search.begin()
    _begin(run, job, resume, file, given)
    console = stderr_console()
    with EventLog(out, state.step or None) as log, held_back() as stop:
        try:
            with search_display(console, job.search, state.step) as display:
                observers: tuple[Observer, ...] = (EventWriter(log), display, *_keeper(job, run, state, given))
                job.search.run(run, state, observers, stop)
        except Stopped:
            again = f"ssrdsl search {file} --out {out} --resume"
            console.print(f"stopped, and saved; go on with: {again}", soft_wrap=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        facts = {"data": job.train_set.name, "split": job.task.val_set.split, "size": format_size(job.train_set.size)}
        with console.status("Scoring supernet, discretized and recalibrated network"):
            return job.search.conclude(run, state, facts)


def _keeper(job: Job, run: RunDirectory, state: State, given: dict[str, Any]) -> tuple[Observer, ...]:
    """The observer that --keep-supernet asks for, if any."""
    from ssrdsl.search.supernet import SupernetKeeper

    return (SupernetKeeper(run.path, job.search, state),) if given["keep_supernet"] else ()


def _check_text(run: RunDirectory, program: Program, file: Path) -> None:
    from ssrdsl.manifest import read_manifest

    if read_manifest(run.path).space_sha256 != program.sha256:
        raise UserError(
            f"{run.path} is a search of another text than {file}",
            help=f"resume it with {run.path / 'space.ssr'}, or start a new run in another --out",
        )


def _begin(run: RunDirectory, job: Job, resume: bool, file: Path, given: dict[str, Any]) -> None:
    """The directory with manifest and sources."""
    import torch

    from ssrdsl.manifest import manifest

    program = job.search.program
    run.prepare(resume)
    if not resume:
        options = {**given, "threads": given["threads"] or torch.get_num_threads()}
        settings: dict[str, Any] = {"set": job.overrides, "file": file.name, "options": options}
        manifest(
            "search", seed=given["seed"], space=program.name, space_text=program.source.text, settings=settings
        ).write(run.path)
    run.keep_sources(str(file), job.sources)


def _show(job: Job, outcome: Outcome, out: Path) -> None:
    from ssrdsl.cli.console import stdout_console
    from ssrdsl.cli.search_progress import architecture_table, gap_table

    console = stdout_console()

    def tell(line: str) -> None:
        console.print(line, soft_wrap=True)

    console.print(architecture_table(job.search.program, outcome))
    console.print(gap_table(outcome))
    if not outcome.converged:
        tell(
            f"The epochs ran out with {outcome.undecided} decisions open; the largest gates decided "
            f"(up to {outcome.mass:.0%} of a mixture was dropped). More --epochs let the search decide."
        )
    for bound in outcome.broken:
        tell(f"warning: the network found does not keep `{bound}`; raise target.weight in the search block")
    tell(f"{outcome.steps} steps in {outcome.seconds:.0f} s; architecture, weights and scores are in {out}")
    tell(f"Next: ssrdsl emit {out} --model-py model.py --weights model.pt")
