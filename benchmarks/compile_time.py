"""Measure the time of parsing, elaborating and proving spaces of 10^2 to 10^4 nodes.

The time per node should not depend on the number of nodes. CPU time is measured, which other processes hardly
change. Three kinds of spaces are generated: plain chains, chains of searched layers (sets, residuals, `choose`), and
trellises whose tensors are inputs of several later choices.

    python benchmarks/compile_time.py [--most 10000] [--out compile_time.json]
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ssrdsl.files import write_atomically
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.prove import prove

HEAD = "use std\nspace generated {\n  input image: 3, 64, 128\n"
SIZES = (100, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Timing:
    """One space: its kind, its number of nodes, and the CPU seconds of parsing, elaborating and proving."""

    kind: str
    nodes: int
    parse: float
    elaborate: float
    prove: float

    @property
    def seconds(self) -> float:
        """The sum of the three times."""
        return self.parse + self.elaborate + self.prove


def chain(nodes: int) -> str:
    """A chain of convolutions."""
    return f"{HEAD}  output image -> repeat(conv(16, 3) -> bn -> relu, {nodes // 3})\n}}\n"


def searched(nodes: int) -> str:
    """A chain of residual blocks, each with searched widths and a choice."""
    block = "block layer(c) = residual(conv({8..c step 4}, 3) -> bn -> choose { relu | conv(c, 1) -> bn }) -> relu\n"
    turns = max(1, nodes // 9)
    # A few long loops, as in files written by hand; the count of `repeat` is limited.
    loops = "".join(f"  x = x -> repeat(layer(16), {part})\n" for part in _parts(turns))
    return f"use std\n{block}{HEAD.removeprefix('use std')}  x = image -> conv(16, 3)\n{loops}  output x\n}}\n"


def trellis(nodes: int) -> str:
    """A trellis: each tensor is an option of the next three choices."""
    turns = max(1, nodes // 5)
    loops = "".join(
        f"  for i in [1..{part}] {{\n    z = select({{1..2}}, [a, b, c]) -> conv(8, 3) -> bn -> relu\n"
        "    a = b\n    b = c\n    c = add(a, z)\n  }\n"
        for part in _parts(turns)
    )
    return f"{HEAD}  a = image -> conv(8, 1)\n  b = a -> relu\n  c = b -> relu\n{loops}  output c\n}}\n"


def _parts(turns: int, most: int = 5_000) -> list[int]:
    whole, rest = divmod(turns, most)
    return [most] * whole + ([rest] if rest else [])


KINDS: dict[str, Callable[[int], str]] = {"chain": chain, "searched": searched, "trellis": trellis}


def measure(kind: str, nodes: int, repeats: int = 3) -> Timing:
    """Compile a generated space `repeats` times; return the fastest."""
    source = Source(f"{kind}.ssr", KINDS[kind](nodes))
    return min((_once(kind, source) for _ in range(repeats)), key=lambda one: one.seconds)


def _once(kind: str, source: Source) -> Timing:
    gc.collect()
    start = time.process_time()
    parse(source)
    parsed = time.process_time()
    graph = open_source(source).graph  # parses again; that time is subtracted below
    elaborated = time.process_time()
    prove(graph).raise_errors()
    proved = time.process_time()
    reading = parsed - start
    return Timing(kind, len(graph), reading, elaborated - parsed - reading, proved - elaborated)


def main() -> None:
    """Print a table; with `--out`, also write the times as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=SIZES[-1], help="number of nodes of the largest space")
    parser.add_argument("--out", type=Path, help="JSON file for the times")
    arguments = parser.parse_args()
    found = []
    measure("chain", 10, 1)  # some modules are imported at first use
    print(f"{'kind':10}{'nodes':>9}{'parse':>9}{'elaborate':>11}{'prove':>9}{'total s':>9}{'us/node':>9}")
    for kind in KINDS:
        for nodes in (size for size in SIZES if size <= arguments.most):
            one = measure(kind, nodes)
            found.append(one)
            print(
                f"{kind:10}{one.nodes:9,}{one.parse:9.3f}{one.elaborate:11.3f}{one.prove:9.3f}{one.seconds:9.3f}"
                f"{1e6 * one.seconds / one.nodes:9.1f}",
                flush=True,
            )
    if arguments.out is not None:
        held = {"python": platform.python_version(), "machine": platform.machine(), "timings": [*map(asdict, found)]}
        write_atomically(arguments.out, json.dumps(held, indent=2) + "\n")


if __name__ == "__main__":
    main()
