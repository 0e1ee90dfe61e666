"""`ssrdsl emit`: write one network of a space as a plain PyTorch file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssrdsl.cli.collection import pause_collection
from ssrdsl.cli.options import PATH, read_overrides, set_option
from ssrdsl.cli.runs import kept_space, read_run
from ssrdsl.cli.windows import cost_options, read_windows
from ssrdsl.errors import UserError
from ssrdsl.runs.names import ARCHITECTURE_NAME, SPACE_NAME, WEIGHTS_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ssrdsl.emission import Model
    from ssrdsl.segmentation.weights import Weights
    from ssrdsl.space import Graph, Program


EMITTED = "emitted"
"""The entry in the provenance of emitted weights: the name of their Python file."""


@click.command(short_help="Write one network of a space as a plain PyTorch file.")
@click.argument("source", type=PATH, metavar="RUN_OR_FILE")
@click.option("--model-py", required=True, type=PATH, metavar="FILE", help="Output file.")
@click.option("--weights", type=PATH, metavar="FILE", help="Also write the weights of a run to FILE.")
@click.option("--sample", type=int, metavar="SEED", help="Emit a random architecture, sampled with this seed.")
@click.option(
    "--by", type=click.Choice(["decisions", "architectures"]),
    help="Sample uniformly over the options of every decision, or over all architectures. [default: decisions]",
)  # fmt: skip
@cost_options
@click.option("--architecture", type=PATH, metavar="FILE", help="Emit this architecture.")
@set_option
@click.option("--force", is_flag=True, help="Overwrite any existing file.")
def emit(
    source: Path,
    model_py: Path,
    weights: Path | None,
    sample: int | None,
    by: str | None,
    macs: str | None,
    parameters: str | None,
    within: str | None,
    architecture: Path | None,
    settings: tuple[str, ...],
    force: bool,
) -> None:
    """Write the network that a search found, or one network of a space, as a Python file that only needs PyTorch.

    RUN_OR_FILE is the --out directory of a search, or a .ssr file. If a .ssr file has decisions, select the network
    with --sample, or with --architecture and a file written by `ssrdsl sample -o` or a search; the parameters recorded
    in that file are then used. --by, --macs, --parameters and --within are for --sample. To time the network, run the
    written file with Python. An existing file is overwritten only if this command wrote it and it has not been edited
    since; --force overwrites any file.

    \b
    ssrdsl emit runs/streets --model-py model.py --weights model.pt
    ssrdsl emit spaces/realtime.ssr --sample 7 --model-py model.py
    ssrdsl emit spaces/erfnet.ssr --set classes=11 --model-py model.py
    """
    pause_collection()
    overrides = read_overrides(settings)
    if not force:
        _check_replaceable(model_py)
        if weights is not None and source.is_dir():
            _check_own_weights(weights)
    if by is not None and sample is None:
        raise UserError("--by needs --sample", help="add --sample SEED")
    windows = read_windows(macs, parameters, within)
    if windows and sample is None:
        raise UserError(f"--{next(iter(windows))} needs --sample", help="add --sample SEED")
    if source.is_dir():
        _refuse(sample is not None, "--sample", "a .ssr file", source)
        _refuse(architecture is not None, "--architecture", "a .ssr file", source)
        chosen = _of_run(source, overrides)
    else:
        _refuse(weights is not None, "--weights", "the run of a search", source)
        chosen = _of_file(source, overrides, sample, by or "decisions", architecture, windows)
    _write(chosen, model_py, weights, source)


def _check_replaceable(path: Path) -> None:
    """Raise `UserError` if the file was not written by this command, or was edited since."""
    from ssrdsl.emission import is_as_emitted
    from ssrdsl.files import read_bytes

    if path.is_file() and (content := read_bytes(path)):
        text = content.decode("utf-8", "replace").replace("\r\n", "\n")
        if not is_as_emitted(text):
            raise UserError(
                f"{path} exists, and was edited or not written by `ssrdsl emit`",
                help="use another file, or add --force to overwrite it",
            )


def _check_own_weights(path: Path) -> None:
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


def _refuse(given: bool, option: str, help: str, source: Path) -> None:
    if given:
        raise UserError(f"{option} cannot be used with {source}", help=f"use it with {help}")


@dataclass(frozen=True, slots=True)
class _SelectedNetwork:
    """One network: its space, its graph, the name of its space's file, and its origin."""

    program: Program
    graph: Graph
    file: str
    origin: str


def _of_run(run: Path, overrides: Mapping[str, str]) -> _SelectedNetwork:
    """The network that a search found. Raises `UserError`."""
    from ssrdsl.space.architecture import apply, read_architecture

    manifest = read_run(run, "search")
    if not (run / ARCHITECTURE_NAME).exists():
        raise UserError(
            f"{run} has no {ARCHITECTURE_NAME}: its search has not finished",
            help=f"continue it with `ssrdsl search --out {run} --resume`",
        )
    known = manifest.settings.get("set") or {}
    program = kept_space(run, manifest).open({**(known if isinstance(known, dict) else {}), **overrides})  # type: ignore[dict-item]
    graph = apply(program.graph, read_architecture(run / ARCHITECTURE_NAME))
    file = manifest.settings.get("file")
    seed = "" if manifest.seed is None else f", seed {manifest.seed}"
    origin = f"Found by ssrdsl search in {run.resolve().name}{seed}."
    return _SelectedNetwork(program, graph, Path(str(file)).name if file else SPACE_NAME, origin)


def _of_file(
    path: Path,
    overrides: Mapping[str, str],
    sample: int | None,
    by: str,
    architecture: Path | None,
    windows: Mapping[str, tuple[Any, Any]],
) -> _SelectedNetwork:
    """One network of a space. Raises `UserError` if the options do not select one."""
    from ssrdsl.cli.opening import open_with
    from ssrdsl.space.architecture import apply
    from ssrdsl.space.prove import prove
    from ssrdsl.space.restrict import restrict

    if sample is not None and architecture is not None:
        raise UserError("--sample and --architecture cannot be used together", help="omit one of them")
    program, named = open_with(path, overrides, architecture)
    prove(program.graph).raise_errors()
    if architecture is not None and named is not None:
        graph = apply(program.graph, named)
        return _SelectedNetwork(program, graph, path.name, f"The architecture of {architecture.name}.")
    if sample is not None:
        graph = _sampled(program, sample, by, windows)
        return _SelectedNetwork(
            program, graph, path.name, f"A random architecture, sampled over {by} with seed {sample}."
        )
    decisions = len(program.graph.open_decisions)
    if decisions:
        raise UserError(
            f"`{program.name}` has {decisions:,} open decisions",
            help="add --sample SEED or --architecture FILE, or search the space first",
        )
    return _SelectedNetwork(program, restrict(program.graph, {}), path.name, "")


def _sampled(program: Program, seed: int, by: str, windows: Mapping[str, tuple[Any, Any]]) -> Graph:
    from random import Random

    from ssrdsl.space.decisions import only
    from ssrdsl.space.restrict import restrict
    from ssrdsl.space.sample import Sampler

    assignment = Sampler(program.graph, by, windows).draw(Random(seed))
    return restrict(program.graph, only(assignment))


def _write(chosen: _SelectedNetwork, model_py: Path, weights: Path | None, run: Path) -> None:
    from ssrdsl.emission import ExpectedInput, Heading, figures, model
    from ssrdsl.emission import emit as emitted
    from ssrdsl.files import write_atomically

    made = model(chosen.graph)
    heading = Heading(
        chosen.file,
        chosen.program.sha256,
        parameters=tuple(sorted(chosen.program.overrides.items())),
        origin=chosen.origin,
        summary=_summary(chosen.program),
    )
    if weights is None:
        write_atomically(model_py, emitted(made, heading))
    else:
        from ssrdsl.segmentation.weights import save_weights

        held = _network_weights(run, made)
        given = held.expected_input()
        expected = ExpectedInput(given.mean, given.deviation, given.size)
        write_atomically(model_py, emitted(made, replace(heading, weights=weights.name, expected=expected)))
        provenance = {**held.provenance, EMITTED: model_py.name}
        save_weights(weights, held.state_dict, given, held.classes or (), provenance)
    click.echo(f"{model_py}: {chosen.program.name}, {figures(made.graph)}")
    _note_zeros(made.graph)


def _note_zeros(graph: Graph) -> None:
    """Print a note on the cost of channels filled by `zero`, once for each place in the source."""
    from ssrdsl.cli.console import show_message
    from ssrdsl.space.zero_channels import zero_channels

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
    from ssrdsl.emission import parameter_names
    from ssrdsl.segmentation.weights import load_weights
    from ssrdsl.space import activity

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
