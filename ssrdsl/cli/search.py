"""`ssrdsl search`: search a space for a network on a data set."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.console import show_message, warn
from ssrdsl.cli.options import (
    PATH,
    check_names,
    data_option,
    device_option,
    read_overrides,
    require_data,
    run_option,
    seed_option,
    set_option,
    size_option,
    threads_option,
)
from ssrdsl.cli.runs import (
    SpaceTexts,
    check_recorded_data,
    continued_options,
    given_options,
    kept_space,
    read_run,
    recorded,
    resume_command,
)
from ssrdsl.cli.shell import INTERRUPTED
from ssrdsl.errors import UserError, counted
from ssrdsl.runs.names import GAP_NAME, SPACE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssrdsl.cli.search_job import Job
    from ssrdsl.manifest import Manifest
    from ssrdsl.search.outcome import Outcome
    from ssrdsl.search.progress import SearchObserver
    from ssrdsl.search.run import SearchDirectory
    from ssrdsl.search.state import State

# Options that a resumed run may change: device, place of the data, checkpoint interval and number of epochs.
FREE = frozenset({"device", "checkpoint_every", "data", "epochs"})


@click.command()
@click.argument("file", type=PATH, required=False)
@data_option
@run_option
@click.option("--resume", is_flag=True, help="Continue the search in --out, with the options it was started with.")
@click.option(
    "--epochs", type=click.IntRange(1), metavar="N",
    help="Largest number of epochs; can be raised with --resume. [default: from FILE, else 128]",
)  # fmt: skip
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Batch size. [default: from FILE, else 8]")
@size_option
@set_option
@click.option(
    "--search", "search_settings", multiple=True, metavar="KEY=VALUE",
    help="Override a setting of the search block, such as strategy=darts or target.macs=30M.",
)  # fmt: skip
@click.option(
    "--train-split", default="train", show_default=True, metavar="SPLIT",
    help="Split to train weights and gates on; train:0-80 selects a part in percent.",
)  # fmt: skip
@click.option("--val-split", default="val", show_default=True, metavar="SPLIT", help="Split to score at the end.")
@click.option("--keep-supernet", is_flag=True, help="Save the supernet before options are removed, for `ssrdsl rank`.")
@click.option(
    "--finish", is_flag=True, help="After the last decision, keep training the weights for the remaining epochs."
)
@device_option
@threads_option
@seed_option
@click.option(
    "--checkpoint-every", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS",
    help="Also save a checkpoint every N seconds within an epoch.",
)  # fmt: skip
@click.pass_context
def search(ctx: click.Context, /, file: Path | None, out: Path, resume: bool, **_: object) -> None:
    """Search the space in FILE for the best network on a data set at the target cost of the file.

    The parameters `classes`, `height` and `width` of the space are set from the data unless --set sets them.

    The default strategy trains one random sub-network of a supernet per step. Then random networks within 1 % of
    target.macs and target.parameters are scored on held-out training images, and the best ones are trained alone, from
    scratch. The one with the largest mIoU on held-out images minus training loss is selected. `require` bounds on costs
    always hold. --search strategy=NAME selects another method: ssr, darts, snas, fair_darts, pdarts, sdarts, sgas,
    sandwich, paths or random.

    Files written to --out: the space, manifest.json, events.jsonl, a checkpoint, and at the end architecture.json,
    weights.pt and gap.json. `ssrdsl search --out DIR --resume` continues a stopped search from its last checkpoint; on
    a CPU the result is identical to an uninterrupted search. FILE and other options are not needed. If the data have
    moved, give their new place with --data. A larger --epochs continues a search that has not made all decisions,
    unless it has begun to train the best networks alone.

    \b
    ssrdsl search spaces/realtime.ssr --data streets --out runs/streets
    ssrdsl search spaces/realtime.ssr --data camvid:PATH --size 192x256 --out runs/camvid
    """
    # Large spaces have numbers of architectures with more digits than Python prints by default.
    sys.set_int_max_str_digits(0)
    from ssrdsl.search.run import SearchDirectory

    run = SearchDirectory(out)
    run.check(resume)
    begun = read_run(out, "search") if resume else None
    given = _options(ctx, run, begun)
    if begun is not None and run.is_finished and not _is_extended(run, begun, given):
        show_message(
            "note", f"the search in {out} has finished", f"write its network: ssrdsl emit {out} --model-py model.py"
        )
        return
    if file is None and begun is None:
        raise click.UsageError("Missing argument 'FILE'.", ctx)
    require_data(given["data"])
    if begun is not None:
        check_recorded_data(out, given["data"])
    check_names(given["device"], given["data"], [given["size"]])
    from ssrdsl.cli.search_job import prepare

    texts = SpaceTexts(str(file)) if begun is None else kept_space(out, begun)
    if begun is not None and file is not None:
        _check_unchanged(out, texts, file)
    job = prepare(texts, given)
    _announce(job, given["settings"])
    outcome = _run(job, run, begun, given)
    _show(job, outcome, given["data"], out)


def _options(ctx: click.Context, run: SearchDirectory, begun: Manifest | None) -> dict[str, Any]:
    """The options as plain values; for a resumed search, those it was started with."""
    from ssrdsl.space.setting_overrides import read_settings

    given = given_options(ctx, "out", "resume", "file")
    given["settings"] = read_overrides(given["settings"])
    given["search_settings"] = read_settings(given["search_settings"])
    return given if begun is None else continued_options(ctx, run, given, recorded(begun, "options"), FREE)


def _is_extended(run: SearchDirectory, begun: Manifest, given: Mapping[str, Any]) -> bool:
    """Whether a finished search gets more epochs and has decisions left to make."""
    from ssrdsl.files import read_object

    gap = read_object(run.path / GAP_NAME)
    more = given["epochs"] != recorded(begun, "options").get("epochs")
    return more and (bool(given["finish"]) or not gap.get("converged"))


def _check_unchanged(out: Path, kept: SpaceTexts, file: Path) -> None:
    """Raise `UserError` if FILE is given with --resume and differs from the text that is searched."""
    from ssrdsl.files import read_text

    texts = {
        **{path: text for path, text in kept.texts.items() if Path(path).is_file()},
        str(file): kept.texts[kept.main],
    }
    for path, text in texts.items():
        if read_text(path) != text:
            raise UserError(
                f"{out} is a search of a different text than {path}",
                help="omit FILE to continue with the original text, or start a new run in another --out",
            )


def _announce(job: Job, settings: Mapping[str, str]) -> None:
    """Print what is searched; `settings` are those of `--set`, other parameters are set from the data."""
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.segmentation.data.sizes import format_size

    graph, data = job.search.program.graph, job.task.train_set
    stderr_console().print(
        f"space {graph.name}: {counted(len(graph.open_decisions), 'decision')}; data {data.name}: "
        f"{counted(len(data), 'image')} of {format_size(data.size)}, {counted(len(data.classes), 'class', 'classes')}; "
        f"{counted(job.search.schedule.steps, 'step')}, batch size {job.task.batch}",
        soft_wrap=True,
    )
    followed = [f"{name}={value}" for name, value in job.search.program.overrides.items() if name not in settings]
    if followed:
        stderr_console().print(f"set from the data: {', '.join(followed)}", soft_wrap=True)


def _run(job: Job, run: SearchDirectory, begun: Manifest | None, given: dict[str, Any]) -> Outcome:
    """Run the search from its start or its last checkpoint, and write its results."""
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.cli.search_progress import search_display
    from ssrdsl.runs.events import EventLog
    from ssrdsl.runs.interrupts import held_back
    from ssrdsl.search.goal import between_steps
    from ssrdsl.search.loop import Stopped
    from ssrdsl.search.run import EventWriter
    from ssrdsl.search.search import SupernetKeeper
    from ssrdsl.segmentation.data.sizes import format_size

    # Build the supernet first: if the space cannot be relaxed, no directory is left behind.
    state = (None if begun is None else _resumed(job, run, begun)) or job.search.begin()
    for missed in between_steps(job.search.program.settings.target, job.search.goal):
        warn(missed)
    console = stderr_console()
    with run.opened(resume=begun is not None):
        _record(run, job, begun, given, state)
        with EventLog(run, state.step or None, warn=warn) as log, held_back() as stop:
            try:
                with search_display(console, job.search, state.step) as display:
                    observers: list[SearchObserver] = [EventWriter(log), display]
                    if given["keep_supernet"]:
                        observers.append(SupernetKeeper(run, job.search, state))
                    job.search.run(run, state, observers, stop, display.scored)
            except Stopped:
                console.print(f"stopped and saved; continue with: {resume_command('search', run.path)}", soft_wrap=True)
                raise click.exceptions.Exit(INTERRUPTED) from None
            split = job.task.val_set.split
            facts = {
                "data": job.task.train_set.name,
                "split": split,
                "size": format_size(job.task.train_set.size),
                "images_held_out": job.task.images_held_out,
            }
            with console.status("Scoring the supernet and the discretized network"):
                return job.search.conclude(run, state, facts)


def _resumed(job: Job, run: SearchDirectory, begun: Manifest) -> State | None:
    """The state of the last checkpoint. Raises `UserError` for more epochs if they would change nothing."""
    from ssrdsl.search.strategies.trials import are_begun

    state = job.search.resume(run)
    before, epochs = recorded(begun, "options").get("epochs"), job.search.options.epochs
    if state is not None and are_begun(state) and before not in (None, epochs):
        raise UserError(
            f"--epochs {epochs}: {run.path} has begun to train single networks, for numbers of epochs that depend on "
            f"--epochs {before}",
            help="omit --epochs, or start a new run in another --out",
        )
    return state


def _record(run: SearchDirectory, job: Job, begun: Manifest | None, given: dict[str, Any], state: State) -> None:
    """Write sources and manifest of a new run; of a resumed one, the options that have changed."""
    from ssrdsl.manifest import MANIFEST_NAME, manifest
    from ssrdsl.runs.sources import keep_sources
    from ssrdsl.segmentation.data.registry import lasting_name

    options = {**given, **job.resolved, "data": lasting_name(given["data"])}
    if begun is None:
        program, main = job.search.program, job.texts.main
        kept = keep_sources(run, SPACE_NAME, main, job.texts.texts)
        settings: dict[str, Any] = {"set": dict(program.overrides), "file": Path(main).name, "options": options, **kept}
        begun = manifest(
            "search", seed=given["seed"], space=program.name, space_text=program.source.text, settings=settings
        )
    elif options == recorded(begun, "options"):
        return
    else:
        before = recorded(begun, "options").get("epochs")
        if before is not None and before != options["epochs"]:
            _note_extension(job, before, state)
        if run.is_finished:
            run.reopen()
        begun = begun.with_settings(options=options)
    run.write(MANIFEST_NAME, begun.text())


def _note_extension(job: Job, before: int, state: State) -> None:
    """Print what a larger number of epochs changes in the schedule."""
    from ssrdsl.search.schedule import Schedule

    strategy, after = job.search.strategy, job.search.schedule
    old = Schedule(before * job.task.steps_per_epoch, after.settings)
    rates = {"weights": [strategy.weight_rate(schedule, state) for schedule in (old, after)]}
    if strategy.has_gates:
        rates["architecture"] = [schedule.architecture_rate(state.step) for schedule in (old, after)]
    changes = (f"that of the {name} from {earlier:.2e} to {later:.2e}" for name, (earlier, later) in rates.items())
    epochs = job.search.options.epochs
    show_message(
        "note",
        f"--epochs {before} -> {epochs}: from step {state.step:,} on the schedule is that of {after.steps:,} steps "
        f"instead of {old.steps:,}, which changes the next learning rate: {', '.join(changes)}",
        f"the result differs from a search started with --epochs {epochs}",
    )


def _show(job: Job, outcome: Outcome, data: str, out: Path) -> None:
    from ssrdsl.cli.console import stdout_console
    from ssrdsl.cli.search_progress import architecture_table, costs_line, gap_table

    console = stdout_console()
    show = partial(console.print, soft_wrap=True)
    console.print(architecture_table(job.search.program, outcome))
    show(costs_line(outcome))
    console.print(gap_table(outcome, job.task.val_set))
    if not outcome.converged:
        show(
            f"Decisions still open at the end: {outcome.undecided}. Their options were selected by the largest "
            f"gates at the target cost; the gates of the dropped options sum to at most {outcome.mass:.0%}. Use more "
            "--epochs to let the search make these decisions."
        )
    for bound in outcome.broken:
        show_message("warning", f"the network found does not meet `{bound}`", "raise target.weight in the search block")
    show(f"{counted(outcome.steps, 'step')} in {outcome.seconds:.0f} s; architecture, weights and scores are in {out}")
    size = "x".join(map(str, outcome.size))
    show(f"Next: ssrdsl emit {shlex.quote(str(out))} --model-py model.py --weights model.pt")
    show(f"      ssrdsl train model.py --data {shlex.quote(data)} --size {size} --out DIR")
