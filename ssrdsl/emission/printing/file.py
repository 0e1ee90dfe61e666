"""The whole emitted file: docstring, imports, functions that the classes need, classes, timing, and a hash."""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from typing import cast

from ssrdsl import __version__
from ssrdsl.emission.classes.model import Model
from ssrdsl.emission.code.layout import WIDTH
from ssrdsl.emission.code.trees import calls, flat, is_literal_code, symbols
from ssrdsl.emission.printing.classes import Keywords, Writer, docstring
from ssrdsl.operators.construction import Code, Leaf
from ssrdsl.space import cost
from ssrdsl.space.expressions import Apply
from ssrdsl.space.expressions.formulas import atoms
from ssrdsl.space.graph import Graph

FUNCTIONS = {
    "match": '''
def match(x, channels):
    """x with its channels cut or zero-padded to the given number."""
    return F.pad(x, (0, 0, 0, 0, 0, channels - x.shape[1]))''',
    "round_to": '''
def round_to(value, divisor):
    """The multiple of the divisor nearest to the value, not below 90 % of it."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded''',
}
"""Functions that are added to a file that calls them."""
BILINEAR: Keywords = (("mode", Leaf("bilinear")), ("align_corners", Leaf(False)))
LINE = "# Written by ssrdsl emit. The sha256 of the lines above begins with "
DIGITS = 16
WEIGHTS = "model.pt"
CHANNELS = {1: "grey", 3: "RGB"}


@dataclass(frozen=True, slots=True)
class ExpectedInput:
    """The input expected by weights: mean and deviation of each channel, and the height and width of training."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Heading:
    """The header data of an emitted file: the space's file and its hash, parameters that were set, origin.

    `summary` is the docstring of the network's class if the space has no comment. `weights` is the name of its weights
    file, `expected` the input that they expect, if that is known.
    """

    file: str
    sha256: str
    parameters: tuple[tuple[str, str], ...] = ()
    origin: str = ""
    summary: str = ""
    weights: str = WEIGHTS
    expected: ExpectedInput | None = None


def emit(made: Model, heading: Heading) -> str:
    """The text of a Python file with a network.

    The file only imports torch and is formatted as by ruff; equal graphs give equal bytes. Nodes that only `zero` reads
    are not emitted or counted.
    """
    classes = [*made.blocks, made.space]
    codes = [code for block in classes for code in block.code()]
    norms = Counter(call.keywords for call in calls(codes) if call.target == "nn.BatchNorm2d" and call.keywords)
    resizings = Counter(call.keywords[1:] for call in calls(codes) if call.target == "resize")
    literal = Counter({options: n for options, n in resizings.items() if is_literal_code(options)})
    pen = Writer(
        classes={block.key: block for block in made.blocks},
        norm=next((options for options, n in norms.most_common() if n > 1 and is_literal_code(options)), None),
        resizing=literal.most_common(1)[0][0] if literal else BILINEAR if resizings else None,
        one_resizing=len(resizings) == len(literal) == 1,
    )
    _print_functions(pen, codes)
    for block in classes:
        pen.lines += ["", ""]
        pen.block(block, heading.summary if block is made.space else "")
    imports, timing = _protocol(functional=any("F." in line for line in pen.lines))
    shown = _usage(made.graph, made.space.name, heading.weights, heading.expected)
    lines = [*docstring(_docstring(made.graph, heading), "", shown), "", *imports, *pen.lines, *timing]
    lines += ["", "", 'if __name__ == "__main__":']
    lines.append(f"    benchmark({made.space.name}(), {_shapes(made.graph)})")
    return hashed("\n".join(lines) + "\n")


def _shapes(graph: Graph) -> str:
    shapes = [node.shapes[0] for node in graph.inputs]
    return ", ".join(f"({shape.channels}, {shape.height}, {shape.width})" for shape in shapes)


def _docstring(graph: Graph, heading: Heading) -> str:
    text = f"{figures(graph)}."
    if heading.parameters:
        text += f" Set: {', '.join(f'{name}={value}' for name, value in heading.parameters)}."
    written = f"{graph.name}, from {heading.file} (sha256 {heading.sha256[:8]}), written by ssrdsl {__version__}."
    return "\n\n".join([written, f"{text} {heading.origin}".strip()])


def _usage(graph: Graph, network: str, weights: str, expected: ExpectedInput | None) -> list[str]:
    """The lines about loading weights and the expected input.

    `network` is the name of the class, `weights` that of the file of its weights.
    """
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


def figures(graph: Graph) -> str:
    """The parameters of a network, and its MACs with the shapes of the inputs that they hold for."""
    sizes = " and ".join(" x ".join(map(str, node.shapes[0])) for node in graph.inputs)
    return f"{cost.parameters(graph):,} parameters, {cost.macs_text(cost.macs(graph))} at {sizes}"


def _print_functions(pen: Writer, codes: Sequence[Code]) -> None:
    """Print the functions between imports and classes."""
    if pen.norm is not None:
        options = "".join(f", {name}={flat(value)}" for name, value in pen.norm)
        pen.lines += ["", f"norm = partial(nn.BatchNorm2d{options})"]
    called = set(_called(codes))
    for name, source in FUNCTIONS.items():
        if name in called:
            pen.lines += ["", *source.split("\n")]
    if pen.resizing is not None:
        pen.lines += ["", "", *_resize(pen)]


def _called(codes: Sequence[Code]) -> Iterator[str]:
    """The functions that code calls, also inside numbers."""
    yield from (call.target for call in calls(codes))
    for symbol in symbols(codes):
        yield from (atom.function for atom in atoms(symbol.form) if isinstance(atom, Apply))


def _resize(pen: Writer) -> list[str]:
    options = dict(pen.resizing or ())
    if pen.one_resizing:
        given = "".join(f", {name}={flat(value)}" for name, value in options.items())
        parameters = ""
    else:
        aligned = flat(options["align_corners"]) if "align_corners" in options else "None"
        parameters = f", mode={flat(options['mode'])}, align_corners={aligned}"
        given = ", mode=mode, align_corners=align_corners"
    return [
        f"def resize(x, like{parameters}):",
        '    """x resized to the height and width of another tensor."""',
        f"    return F.interpolate(x, size=like.shape[2:]{given})",
    ]


def _protocol(functional: bool) -> tuple[list[str], list[str]]:
    """The lines of the timing protocol: its imports, with that of `F` if this is used, and those after them."""
    source = (resources.files("ssrdsl.timing") / "protocol.py").read_text(encoding="utf-8")
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines, first, last = source.splitlines(), imports[0].lineno, cast(int, imports[-1].end_lineno)
    head = lines[first - 1 : last]
    if functional:
        head.insert(head.index("import torch") + 1, "import torch.nn.functional as F")
    return head, lines[last:]


def hashed(text: str) -> str:
    """A file with its last line."""
    return f"{text}{LINE}{_digest(text)}\n"


def is_as_emitted(text: str) -> bool:
    """Whether a text is an emitted file that was not edited."""
    lines, found, digest = text.rpartition(LINE)
    return bool(found) and digest == f"{_digest(lines)}\n"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
