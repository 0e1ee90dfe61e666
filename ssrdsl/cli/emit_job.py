"""The output of `ssrdsl emit`: one network of a run or of a space, and its weights."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.console import show_message
from ssrdsl.cli.opening import open_with
from ssrdsl.cli.runs import kept_space, read_run, recorded, resume_command
from ssrdsl.emission import ExpectedInput, Heading, Model, emit, figures, is_as_emitted, model, parameter_names
from ssrdsl.errors import UserError
from ssrdsl.files import read_bytes, read_object, write_atomically
from ssrdsl.runs.names import ARCHITECTURE_NAME, GAP_NAME, SPACE_NAME, WEIGHTS_NAME
from ssrdsl.space import Graph, Program, activity
from ssrdsl.space.architecture import apply, read_architecture
from ssrdsl.space.decisions import only
from ssrdsl.space.prove import prove
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from ssrdsl.space.zero_channels import zero_channels

if TYPE_CHECKING:
    from ssrdsl.segmentation.weights import Weights

EMITTED = "emitted"
"""The entry in the provenance of emitted weights: the name of their Python file."""


def check_replaceable(path: Path) -> None:
    """Raise `UserError` if the file was not written by this command, or was edited since."""
    if path.is_file() and (content := read_bytes(path)):
        text = content.decode("utf-8", "replace").replace("\r\n", "\n")
        if not is_as_emitted(text):
            raise UserError(
                f"{path} exists, and was edited or not written by `ssrdsl emit`",
                help="use another file, or add --force to overwrite it",
            )


def check_own_weights(path: Path) -> None:
    """Raise `UserError` if a file exists that is not a weights file of this command."""
    from ssrdsl.segmentation.weights import load_weights

    if not path.is_file() or path.stat().st_size == 0:
        return
    try:
        own = EMITTED in load_weights(path).provenance
    except UserError:
        own = False
    if not own:
        raise UserError(
            f"{path} exists, and was not written by `ssrdsl emit`",
            help="use another file, or add --force to overwrite it",
        )


@dataclass(frozen=True, slots=True)
class SelectedNetwork:
    """One network: its space, its graph, the name of its space's file, its origin, the options of the data searched."""

    program: Program
    graph: Graph
    file: str
    origin: str
    data: str | None = None


def network_of_run(run: Path, overrides: Mapping[str, str]) -> SelectedNetwork:
    """The network that a search found. Raises `UserError`."""
    manifest = read_run(run, "search")
    if not (run / ARCHITECTURE_NAME).exists():
        raise UserError(
            f"{run} has no {ARCHITECTURE_NAME}: its search has not finished",
            help=f"continue it with `{resume_command('search', run)}`",
        )
    program = kept_space(run, manifest).open(overrides)
    graph = apply(program.graph, read_architecture(run / ARCHITECTURE_NAME))
    file = manifest.settings.get("file")
    seed = "" if manifest.seed is None else f", seed {manifest.seed}"
    origin = f"Found by ssrdsl search in {run.resolve().name}{seed}."
    name = recorded(manifest, "options").get("data")
    size = read_object(run / GAP_NAME).get("size") if (run / GAP_NAME).exists() else None
    data = f"--data {shlex.quote(str(name))} --size {size}" if name and size else None
    return SelectedNetwork(program, graph, Path(str(file)).name if file else SPACE_NAME, origin, data)


def network_of_file(
    path: Path,
    overrides: Mapping[str, str],
    sample: int | None,
    by: str,
    architecture: Path | None,
    windows: Mapping[str, tuple[Any, Any]],
) -> SelectedNetwork:
    """One network of a space. Raises `UserError` if the options do not select one."""
    if sample is not None and architecture is not None:
        raise UserError("--sample and --architecture cannot be used together", help="omit one of them")
    program, named = open_with(path, overrides, architecture)
    prove(program.graph).raise_errors()
    if architecture is not None and named is not None:
        graph = apply(program.graph, named)
        return SelectedNetwork(program, graph, path.name, f"The architecture of {architecture.name}.")
    if sample is not None:
        assignment = Sampler(program.graph, by, windows).draw(Random(sample))
        origin = f"A random architecture, sampled over {by} with seed {sample}."
        return SelectedNetwork(program, restrict(program.graph, only(assignment)), path.name, origin)
    decisions = len(program.graph.open_decisions)
    if decisions:
        raise UserError(
            f"`{program.name}` has {decisions:,} open decisions",
            help="add --sample SEED or --architecture FILE, or search the space first",
        )
    return SelectedNetwork(program, restrict(program.graph, {}), path.name, "")


def write(chosen: SelectedNetwork, model_py: Path, weights: Path | None, run: Path) -> None:
    """Write the model file; with `weights` also those of a run, by their names in the model. Raises `UserError`."""
    made = model(chosen.graph)
    heading = Heading(
        chosen.file,
        chosen.program.sha256,
        parameters=tuple(sorted(chosen.program.overrides.items())),
        origin=chosen.origin,
        summary=_summary(chosen.program),
    )
    if weights is None:
        write_atomically(model_py, emit(made, heading))
    else:
        from ssrdsl.segmentation.weights import save_weights

        held = _network_weights(run, made)
        given = held.expected_input()
        expected = ExpectedInput(given.mean, given.deviation, given.size)
        write_atomically(model_py, emit(made, replace(heading, weights=weights.name, expected=expected)))
        provenance = {**held.provenance, EMITTED: model_py.name}
        save_weights(weights, held.state_dict, given, held.classes or (), provenance)
    click.echo(f"{model_py}: {chosen.program.name}, {figures(made.graph)}")
    _note_zeros(made.graph)
    if chosen.data is not None:
        click.echo(f"Next: ssrdsl train {shlex.quote(str(model_py))} {chosen.data} --out DIR")


def _note_zeros(graph: Graph) -> None:
    """Print a note on the cost of channels filled by `zero`, once for each place in the source."""
    found: dict[str, list[int]] = {}
    for concat, zeros, channels, macs in zero_channels(graph):
        place = f"{concat.span.source.name}:{concat.span.line}"
        text = f"`zero` fills {zeros:,} of the {channels:,} channels of `concat` at {place}"
        found.setdefault(text, []).append(macs)
    for text, spent in found.items():
        times = f", {len(spent)} times" if len(spent) > 1 else ""
        show_message("note", f"{text}{times}; the next layers spend {sum(spent):,} MACs on them")


def _summary(program: Program) -> str:
    """The header of a space's file without its figures; of a searched space only the first sentence."""
    text = re.split(r"^(?:architectures|configurations|parameters)\b", program.file.comment, maxsplit=1, flags=re.M)[0]
    if not program.graph.open_decisions:
        return text
    first = re.split(r"(?<=\.)\s+(?=[A-Z])|\n\s*\n", text.strip(), maxsplit=1)[0]
    return f"One network of the space {program.name}. {' '.join(first.split())}".strip()


def _network_weights(run: Path, made: Model) -> Weights:
    """The weights of a run, by their names in the emitted network. Raises `UserError`.

    The tensors are those of the network without its auxiliary heads, which only training uses.
    """
    from ssrdsl.segmentation.weights import load_weights

    path = run / WEIGHTS_NAME
    if not path.exists():
        raise UserError(f"{run} has no {WEIGHTS_NAME}", help="omit --weights, or finish the search")
    held = load_weights(path)
    names = parameter_names(made)
    needed = activity.network_nodes(made.graph)
    renamed, found = {}, set()
    for key, tensor in held.state_dict.items():
        node, _, name = key.rpartition(".")
        if node in names:
            found.add(node)
            if node in needed:
                renamed[f"{names[node]}.{name}"] = tensor
    missing = next((node for node in names if node not in found), None)
    if missing is not None:
        raise UserError(f"{path} lacks the weights of `{missing}`", help="restore the file, or repeat the search")
    return replace(held, state_dict=renamed)
