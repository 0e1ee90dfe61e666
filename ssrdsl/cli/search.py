"""`ssrdsl search`: search a space for a network on a data set."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ssrdsl.cli.overrides import read_overrides
from ssrdsl.errors import UserError

if TYPE_CHECKING:
    from ssrdsl.language.source import Source
    from ssrdsl.search import Outcome, RunDirectory, Search
    from ssrdsl.segmentation import Dataset, SegmentationTask, Size
    from ssrdsl.space import Graph, Program

DEFAULT_EPOCHS = 60
DEFAULT_BATCH = 8
# What a resumed run may change: where it runs, how often it saves, and that it is resumed.
FREE = frozenset({"out", "resume", "device", "checkpoint_every"})


@click.command(short_help="Search a space for a network on a data set.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data", metavar="NAME", help="Data: streets, camvid:PATH, or a folder in the SegNet layout.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Directory of the run.")
@click.option("--resume", is_flag=True, help="Continue the search in --out; its options need not be repeated.")
@click.option("--epochs", type=click.IntRange(1), metavar="N", help="At most that many. [default: the file's, or 60]")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Images per step. [default: the file's, or 8]")
@click.option("--size", metavar="HxW", help="Size of the images. [default: the data's own, or what the space takes]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of a parameter of the space.")
@click.option("--finish", is_flag=True, help="After the last decision, train the weights for the epochs left.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:N.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. [default: one a core]")
@click.option("--seed", default=0, show_default=True, help="Seed of everything random.")
@click.option(
    "--checkpoint-every", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS",
    help="Save the state within an epoch, too, after so long.",
)  # fmt: skip
@click.pass_context
def search(ctx: click.Context, /, file: Path, out: Path, resume: bool, **_: object) -> None:
    """Search the space of FILE for the network that does best on a data set at the cost that the file asks for.

    Weights and gates of a supernet learn in turn; after each epoch options with small gates are dropped and the
    supernet is rebuilt without them, until one network is left. If the epochs run out first, the largest gates decide.

    --out gets the space, a manifest, events, a checkpoint, and at the end architecture.json, weights.pt and gap.json. A
    search that was stopped, in whatever way, goes on with --resume, on a CPU to the same bits.

    \b
    ssrdsl search spaces/realtime.ssr --data streets --out runs/streets
    ssrdsl search spaces/realtime.ssr --data camvid:PATH --size 180x240 --epochs 80 --out runs/camvid
    """
    # Large spaces have more architectures than Python writes digits of a number by default.
    sys.set_int_max_str_digits(0)
    given = _options(ctx, out, resume)
    if not given["data"]:
        raise UserError(
            "it is not said on which data to search", help="add --data streets, --data camvid:PATH or a folder"
        )
    job = _prepare(file, given)
    _announce(job)
    outcome = _run(job, out, resume, file, given)
    _show(job, outcome, out)


def _options(ctx: click.Context, out: Path, resume: bool) -> dict[str, Any]:
    """The options as plain values; of a resumed search, those it was begun with."""
    given = {name: value for name, value in ctx.params.items() if name not in ("out", "resume", "file")}
    given["settings"] = read_overrides(given["settings"])
    from ssrdsl.search import RunDirectory

    run = RunDirectory(out)
    run.check(resume)
    if run.is_finished:
        raise UserError(f"the search in {out} has ended", help=f"go on with `ssrdsl emit {out} --model-py model.py`")
    return _resumed(ctx, out, given) if resume else given


def _resumed(ctx: click.Context, out: Path, given: dict[str, Any]) -> dict[str, Any]:
    from ssrdsl.manifest import read_manifest

    manifest = read_manifest(out)
    if manifest.command != "search":
        raise UserError(f"{out} is a run of `ssrdsl {manifest.command}`", help="name the --out of a search")
    stored = dict(manifest.settings.get("options") or {})  # type: ignore[arg-type]
    for name, value in given.items():
        if ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        if name not in FREE and stored.get(name) != value:
            option = "set" if name == "settings" else name.replace("_", "-")
            raise UserError(
                f"{out} was begun with --{option} {_written(stored.get(name))}, not {_written(value)}",
                help="leave the option away, or start a new search in another --out",
            )
        stored[name] = value
    return {**given, **stored}


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "nothing"
    return "its default" if value is None else str(value)


@dataclass(slots=True)
class _Job:
    """All that a search is made of."""

    search: Search
    task: SegmentationTask
    train_set: Dataset
    overrides: dict[str, str]
    sources: dict[str, str] = field(default_factory=dict)


def _prepare(file: Path, given: dict[str, Any]) -> _Job:
    """Opens space and data and fits them to each other. Raises `UserError` and `DiagnosticError`."""
    import torch

    from ssrdsl.search import Options, Search
    from ssrdsl.segmentation import SegmentationTask, check_device

    device = check_device(given["device"])
    if given["threads"] is not None:
        torch.set_num_threads(given["threads"])
    spaces = _Spaces(file, dict(given["settings"]))
    train_set, val_set = _open_data(spaces, given["data"], given["size"])
    spaces.take_classes(len(train_set.classes))
    reference = spaces.open()
    program = spaces.open_at(train_set.size)
    _check_fit(program, train_set)
    batch = given["batch"] or program.settings.batch or DEFAULT_BATCH
    epochs = given["epochs"] or program.settings.epochs or DEFAULT_EPOCHS
    task = SegmentationTask(train_set, val_set, batch, given["seed"], device)
    options = Options(epochs, given["finish"], given["checkpoint_every"])
    search = Search(program, _reference(reference, program), task, options, given["seed"], device)
    return _Job(search, task, train_set, dict(program.overrides), spaces.sources)


def _open_data(spaces: _Spaces, name: str, size_text: str | None) -> tuple[Dataset, Dataset]:
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.segmentation import open_dataset, parse_size

    size = parse_size(size_text) if size_text else spaces.fixed_size()
    with stderr_console().status(f"Opening {name}"):
        train_set, val_set = (open_dataset(name, split, size) for split in ("train", "val"))
    return train_set, val_set


class _Spaces:
    """One space at several sizes; `sources` collects the texts that it is made of, by path."""

    def __init__(self, file: Path, overrides: dict[str, str]) -> None:
        from ssrdsl.language import syntax
        from ssrdsl.language.parse import parse

        self.file = file
        self.overrides = overrides
        self.sources: dict[str, str] = {}
        items = parse(self._read(str(file))).items
        spaces = [item for item in items if isinstance(item, syntax.Space)]
        self.parameters = {parameter.name for space in spaces for parameter in space.parameters}

    def _read(self, path: str) -> Source:
        from ssrdsl.space.elaborate import read_source

        source = read_source(path)
        self.sources[path] = source.text
        return source

    def open(self, **more: str) -> Program:
        """The space under the overrides and further ones."""
        from ssrdsl.space import open_space

        return open_space(self.file, {**self.overrides, **more}, read=self._read)

    @property
    def is_sized(self) -> bool:
        """Whether its size is for the command to set: it has parameters for it that `--set` leaves free."""
        sides = {"height", "width"}
        return sides <= self.parameters and not sides & self.overrides.keys()

    def fixed_size(self) -> Size | None:
        """The size that the space takes where the command cannot set it."""
        if self.is_sized:
            return None
        shape = _image(self.open(**({"classes": "2"} if self._free_classes else {})).graph)
        return shape[1], shape[2]

    @property
    def _free_classes(self) -> bool:
        return "classes" in self.parameters and "classes" not in self.overrides

    def take_classes(self, classes: int) -> None:
        """Sets the number of classes where the space has a parameter for it that is free."""
        if self._free_classes:
            self.overrides["classes"] = str(classes)

    def open_at(self, size: Size) -> Program:
        """The space at a size of images, proved. Raises `UserError` where it takes another one."""
        from ssrdsl.space.prove import prove

        program = self.open(**({"height": str(size[0]), "width": str(size[1])} if self.is_sized else {}))
        prove(program.graph).raise_errors()
        taken = _image(program.graph)[1:]
        if taken != size:
            raise UserError(
                f"`{program.name}` takes images of {taken[0]}x{taken[1]}, not {size[0]}x{size[1]}",
                help="leave --size away, or give the space the parameters `height` and `width`",
            )
        return program


def _image(graph: Graph) -> tuple[int, int, int]:
    """Channels, height and width of the only input. Raises `UserError` where that is no picture."""
    if len(graph.inputs) != 1:
        raise UserError(f"`{graph.name}` has {len(graph.inputs)} inputs", help="search a space with one image as input")
    shape = graph.inputs[0].shapes[0]
    sides = [side for side in shape if isinstance(side, int)]
    if len(sides) != 3 or sides[0] != 3:
        raise UserError(
            f"the input of `{graph.name}` is no picture of a given size", help="make it `input image: 3, height, width`"
        )
    return sides[0], sides[1], sides[2]


def _check_fit(program: Program, data: Dataset) -> None:
    """Raises `UserError` where the space holds no segmentation networks for this data, or a single one."""
    graph = program.graph
    outputs = [output for output in graph.outputs if not output.auxiliary]
    if len(outputs) != 1:
        raise UserError(f"`{graph.name}` has {len(outputs)} outputs", help="search a space with one output")
    channels, height, width = outputs[0].shapes[0]
    if (height, width) == (1, 1) and data.size != (1, 1):
        raise UserError(
            f"`{graph.name}` is a space of classifiers: its output is one position for the whole image",
            help="search a space whose output is a map of classes",
        )
    if channels != len(data.classes):
        raise UserError(
            f"`{graph.name}` has {channels} classes, {data.name} has {len(data.classes)}",
            help=f"set it with --set ...={len(data.classes)}, or give the space a parameter `classes`",
        )
    if not graph.open_decisions:
        raise UserError(
            f"`{graph.name}` has no decisions: there is nothing to search",
            help=f"write its network with `ssrdsl emit {program.source.name} --sample 0 --model-py model.py`",
        )


def _reference(reference: Program, program: Program) -> Graph:
    """The graph that costs are taken from: at the file's size, where the same decisions are made there."""
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.search import same_decisions

    if same_decisions(reference.graph, program.graph):
        return reference.graph
    stderr_console().print(
        "warning: at the size of the images the space makes other decisions than at its own; "
        "costs are those at the size of the images",
        soft_wrap=True,
    )
    return program.graph


def _announce(job: _Job) -> None:
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.segmentation import format_size

    graph, data = job.search.program.graph, job.train_set
    stderr_console().print(
        f"{graph.name}: {len(graph.open_decisions)} decisions; {data.name}: {len(data)} images of "
        f"{format_size(data.size)}, {len(data.classes)} classes; {job.search.schedule.steps} steps of {job.task.batch}",
        soft_wrap=True,
    )


def _run(job: _Job, out: Path, resume: bool, file: Path, given: dict[str, Any]) -> Outcome:
    """The search itself, from its start or its last checkpoint, and its results on disk."""
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.cli.search_progress import search_display
    from ssrdsl.search import EventWriter, RunDirectory, Stopped, held_back
    from ssrdsl.segmentation import EventLog, format_size

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
                job.search.run(run, state, (EventWriter(log), display), stop)
        except Stopped:
            again = f"ssrdsl search {file} --out {out} --resume"
            console.print(f"stopped, and saved; go on with: {again}", soft_wrap=True)
            raise KeyboardInterrupt from None
        facts = {"data": job.train_set.name, "split": "val", "size": format_size(job.train_set.size)}
        with console.status("Scoring supernet, discretized and recalibrated network"):
            return job.search.conclude(run, state, facts)


def _check_text(run: RunDirectory, program: Program, file: Path) -> None:
    from ssrdsl.manifest import read_manifest

    if read_manifest(run.path).space_sha256 != program.sha256:
        raise UserError(
            f"{run.path} is a search of another text than {file}",
            help=f"resume it with {run.path / 'space.ssr'}, or start a new run in another --out",
        )


def _begin(run: RunDirectory, job: _Job, resume: bool, file: Path, given: dict[str, Any]) -> None:
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


def _show(job: _Job, outcome: Outcome, out: Path) -> None:
    from ssrdsl.cli.console import stdout_console
    from ssrdsl.cli.search_progress import architecture_table, gap_table

    console = stdout_console()
    tell: Callable[[str], None] = lambda line: console.print(line, soft_wrap=True)  # noqa: E731
    program = job.search.program
    console.print(architecture_table(program, outcome))
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
