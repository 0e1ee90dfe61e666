"""The input of `ssrdsl search`: a space and a data set, opened and matched to each other."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ssrdsl.cli.console import warn
from ssrdsl.cli.data import open_data
from ssrdsl.cli.options import set_threads
from ssrdsl.cli.runs import SpaceTexts
from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.parse import parse
from ssrdsl.segmentation.data.sizes import Size, format_size, parse_size
from ssrdsl.space import Graph, Program, open_space
from ssrdsl.space.prove import prove
from ssrdsl.space.ranges.extremes import Extremes
from ssrdsl.space.setting_overrides import with_settings

if TYPE_CHECKING:
    from ssrdsl.search.search import Searcher
    from ssrdsl.segmentation.data.dataset import Dataset
    from ssrdsl.segmentation.task import SegmentationTask

DEFAULT_EPOCHS = 128
DEFAULT_BATCH = 8
SHAPES = "E02"
"""The beginning of the codes of errors in shapes, which can depend on the size of the images."""
FACTORS = (8, 16, 32, 64)
"""Factors of the sizes that are suggested if a space is not valid at a size."""


@dataclass(slots=True)
class Job:
    """Everything that a search needs."""

    search: Searcher
    task: SegmentationTask
    texts: SpaceTexts
    resolved: dict[str, Any]
    """The values of options that were not given."""


def prepare(texts: SpaceTexts, given: dict[str, Any]) -> Job:
    """Open space and data and match them to each other. Raises `UserError` and `DiagnosticError`."""
    spaces = Spaces(texts, dict(given["settings"]), given["search_settings"])
    size = parse_size(given["size"]) if given["size"] else spaces.fixed_size()
    _check_kind(spaces.open() if size is None else spaces.open_at(size))
    from ssrdsl.search.loop import Options
    from ssrdsl.search.search import Searcher
    from ssrdsl.segmentation.devices import check_device
    from ssrdsl.segmentation.task import SegmentationTask

    device = check_device(given["device"])
    threads = set_threads(given["threads"])
    train_set, val_set = open_data(given["data"], [given["train_split"], given["val_split"]], size)
    spaces.take_classes(len(train_set.classes))
    reference = spaces.open()
    program = spaces.open_at(train_set.size)
    _check_classes(program, train_set)
    costed = _reference(reference, program)
    batch = given["batch"] or program.settings.batch or DEFAULT_BATCH
    epochs = given["epochs"] or program.settings.epochs or DEFAULT_EPOCHS
    held_out = program.settings.selection.held_out
    task = SegmentationTask(train_set, val_set, batch, given["seed"], device, held_out=held_out)
    if held_out and not task.images_held_out:
        warn(
            f"{train_set.split} has too few labelled images to hold out {held_out:.0%}: architectures are selected on"
            " the images that weights are trained on"
        )
    options = Options(epochs, given["finish"], given["checkpoint_every"])
    search = Searcher(program, costed, task, options, given["seed"], device)
    resolved = {"batch": batch, "epochs": epochs, "device": str(device), "threads": threads}
    return Job(search, task, texts, resolved)


class Spaces:
    """One space at several sizes; `search_settings` replace those of its search block.

    A parameter `classes` that `overrides` do not set is 2 until the data are opened.
    """

    def __init__(self, texts: SpaceTexts, overrides: dict[str, str], search_settings: Mapping[str, str]) -> None:
        self.texts = texts
        self.overrides = overrides
        self.search_settings = search_settings
        items = parse(texts.read(texts.main)).items
        spaces = [item for item in items if isinstance(item, syntax.Space)]
        self.parameters = {parameter.name for space in spaces for parameter in space.parameters}
        self._has_free_classes = "classes" in self.parameters - overrides.keys()
        self.take_classes(2)

    def take_classes(self, classes: int) -> None:
        """Set the number of classes if the space has a free parameter for it."""
        if self._has_free_classes:
            self.overrides["classes"] = str(classes)

    def open(self, **sides: str) -> Program:
        """Open the space with the overrides and its size, and the search settings of the command line."""
        program = open_space(self.texts.main, {**self.overrides, **sides}, read=self.texts.read)
        return with_settings(program, self.search_settings)

    @property
    def is_sized(self) -> bool:
        """Whether the command sets its size: it has parameters for it that `--set` does not set."""
        sides = {"height", "width"}
        return sides <= self.parameters and not sides & self.overrides.keys()

    def fixed_size(self) -> Size | None:
        """The size that the space requires, if the command cannot set it."""
        return None if self.is_sized else _image(self.open().graph)[1:]

    def open_at(self, size: Size) -> Program:
        """The space at an image size, proved.

        Raises `UserError` if it requires another size, and `DiagnosticError` if it is not valid at this one; the help
        then names a size near it at which the space is valid, if there is one.
        """
        try:
            program = self._proved_at(size)
        except DiagnosticError as error:
            of_shapes = all(each.code.startswith(SHAPES) for each in error.diagnostics)
            near = self._valid_near(size) if of_shapes else None
            if near is None:
                raise
            raise _with_remedy(error, near) from error
        taken = _image(program.graph)[1:]
        if taken != size:
            raise UserError(
                f"`{program.name}` takes images of {taken[0]}x{taken[1]}, not {size[0]}x{size[1]}",
                help="omit --size, or add parameters `height` and `width` to the space",
            )
        return program

    def _proved_at(self, size: Size) -> Program:
        sides = {"height": str(size[0]), "width": str(size[1])} if self.is_sized else {}
        program = self.open(**sides)
        prove(program.graph).raise_errors()
        return program

    def _valid_near(self, size: Size) -> Size | None:
        """The size rounded to multiples of a power of two, the smallest for which the space is valid."""
        for factor in FACTORS if self.is_sized else ():
            height, width = (max(1, round(side / factor)) * factor for side in size)
            with suppress(DiagnosticError):
                self._proved_at((height, width))
                return height, width
        return None


def _with_remedy(error: DiagnosticError, near: Size) -> DiagnosticError:
    """The errors of a space that is not valid at a size, with a size at which it is valid in the help."""
    remedy = f"use another size of images, such as --size {format_size(near)}"
    return DiagnosticError(
        tuple(
            replace(each, help=f"{remedy}, or change the space: {each.help}" if each.help else remedy)
            for each in error.diagnostics
        )
    )


def _image(graph: Graph) -> tuple[int, int, int]:
    """Channels, height and width of the only input; if they are decided, the largest, which is resized to the others.

    Raises `UserError` if it is not an image.
    """
    if len(graph.inputs) != 1:
        raise UserError(f"`{graph.name}` has {len(graph.inputs)} inputs", help="search a space with one image as input")
    extremes = Extremes(graph)
    channels, height, width = (extremes(extent)[1] for extent in graph.inputs[0].shapes[0])
    if channels != 3:
        raise UserError(
            f"the input of `{graph.name}` is not an RGB image", help="make it `input image: 3, height, width`"
        )
    return channels, height, width


def _check_kind(program: Program) -> None:
    """Raise `UserError` if the space has no segmentation networks, or only one."""
    graph = program.graph
    outputs = [output for output in graph.outputs if not output.auxiliary]
    if len(outputs) != 1:
        raise UserError(f"`{graph.name}` has {len(outputs)} outputs", help="search a space with one output")
    if outputs[0].shapes[0][1:] == (1, 1) and _image(graph)[1:] != (1, 1):
        raise UserError(
            f"`{graph.name}` is a space of classifiers: its output is 1x1 for the whole image",
            help="search a space whose output is a map of class scores",
        )
    if not graph.open_decisions:
        raise UserError(
            f"`{graph.name}` has no decisions: there is nothing to search",
            help=f"write its network with `ssrdsl emit {program.source.name} --model-py model.py`",
        )


def _check_classes(program: Program, data: Dataset) -> None:
    """Raise `UserError` if the networks have another number of classes than the data."""
    graph = program.graph
    extremes = Extremes(graph)
    output = next(output for output in graph.outputs if not output.auxiliary)
    channels, most = extremes(output.shapes[0].channels)
    if channels != most:
        raise UserError(
            f"the networks of `{graph.name}` have {channels} to {most} classes, depending on decisions",
            help=f"give the output a fixed number of channels: {len(data.classes)} for {data.name}",
        )
    if channels != len(data.classes):
        raise UserError(
            f"`{graph.name}` has {channels} classes, {data.name} has {len(data.classes)}",
            help=f"set it with --set ...={len(data.classes)}, or add a parameter `classes` to the space",
        )
    for auxiliary in (output for output in graph.outputs if output.auxiliary):
        least, most = extremes(auxiliary.shapes[0].channels)
        if not least == most == len(data.classes):
            found = f"{least}" if least == most else f"{least} to {most}"
            raise UserError(
                f"the auxiliary head `{auxiliary.name}` of `{graph.name}` has {found} classes, "
                f"{data.name} has {len(data.classes)}",
                help="give every auxiliary head as many classes as the output",
            )


def _reference(reference: Program, program: Program) -> Graph:
    """The graph that defines costs: at the file's size, if the same decisions are made there."""
    from ssrdsl.search.costs import same_decisions

    if same_decisions(reference.graph, program.graph):
        return reference.graph
    warn(
        "at the size of the images the space has other decisions than at its own size; "
        "costs are computed at the size of the images"
    )
    return program.graph
