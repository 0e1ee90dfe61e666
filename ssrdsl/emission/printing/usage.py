"""The lines of a file's docstring about loading weights and the expected input."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ssrdsl.emission.code.layout import WIDTH
from ssrdsl.space.graph import Graph

WEIGHTS = "model.pt"
CHANNELS = {1: "grey", 3: "RGB"}


@dataclass(frozen=True, slots=True)
class ExpectedInput:
    """The input expected by weights: mean and deviation of each channel, and the height and width of training."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    size: tuple[int, int]


def usage(graph: Graph, network: str, weights: str, expected: ExpectedInput | None) -> list[str]:
    """The lines; `network` is the name of the class, `weights` the name of the file of its weights."""
    name = weights if weights.isprintable() and not set(weights) & set("\\\"'") else WEIGHTS
    return [
        "To load weights written by ssrdsl:",
        "",
        f'    saved = torch.load("{name}", weights_only=True)',
        f"    network = {network}()",
        '    network.load_state_dict(saved["state_dict"])',
        "",
        *textwrap.wrap(_input(graph, expected), WIDTH),
    ]


def _input(graph: Graph, expected: ExpectedInput | None) -> str:
    shapes = [node.shapes[0] for node in graph.inputs]
    sizes = " and ".join(f"[N, {', '.join(map(str, shape))}]" for shape in shapes)
    colours = CHANNELS.get(int(shapes[0].channels)) if len(shapes) == 1 else None
    if colours is None:
        return f"The input is float32 of {sizes}."
    text = f"The input is float32 of {sizes}: {colours} in 0..1, minus the mean, divided by the standard deviation"
    if expected is None:
        return f'{text}, both in saved["preprocessing"].'
    mean, deviation = (", ".join(f"{value:.6g}" for value in values) for values in (expected.mean, expected.deviation))
    height, width = expected.size
    return f"{text}: mean {mean}; standard deviation {deviation}; trained at {height} x {width} (height x width)."
