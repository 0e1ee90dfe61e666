"""Sequential greedy architecture search: after every epoch the clearest decisions are made.

The clarity of a decision is the product of three numbers, each scaled to 0..1 over the open decisions (criterion 2):

    importance   the share of the gates of candidates other than `zero`
    certainty    1 - entropy of the gates / log n
    stability    the intersection of the gates with those of the last epochs, on average

Those ranked first get their largest gate; the supernet is rebuilt without the rest. The number made after each
epoch is chosen so that all are made by the end.

Source: Li et al., "SGAS: Sequential Greedy Architecture Search", CVPR 2020.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from ssrdsl.search.likely import GateValues
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategy import Context, Strategy
from ssrdsl.space.activity import is_zero
from ssrdsl.space.graph import Graph, Mux

WINDOW = 4
"""Number of earlier epochs for the stability."""


class Greedy(Strategy):
    """Softmax gates; memory holds the gates of the last epochs."""

    def survivors(self, state: State, context: Context) -> Survivors:
        """The clearest decisions with one option, the others with all of theirs."""
        kept = super().survivors(state, context)
        if context.schedule.progress(state.step) <= 0:
            return kept
        gates = state.net.gates.values()
        history: list[GateValues] = state.memory.get("history", [])
        due = math.ceil(len(kept) / max(1, context.epochs_left(state) + 1))
        for name in ranked(state.net.graph, gates, history)[:due]:
            kept[name] = (max(gates[name], key=lambda index: gates[name][index]),)
        return kept

    def end_epoch(self, state: State, context: Context) -> None:
        """Store the gates."""
        gates = {name: dict(values) for name, values in state.net.gates.values().items()}
        state.memory["history"] = [*state.memory.get("history", []), gates][-WINDOW:]


def ranked(graph: Graph, gates: GateValues, history: Sequence[GateValues]) -> list[str]:
    """The open decisions, the clearest first."""
    zeros = _zero_options(graph)
    scores = dict.fromkeys(gates, 1.0)
    for criterion in (
        {name: importance(values, zeros.get(name, ())) for name, values in gates.items()},
        {name: certainty(values.values()) for name, values in gates.items()},
        {name: stability(values, [each[name] for each in history if name in each]) for name, values in gates.items()},
    ):
        for name, value in _scaled(criterion).items():
            scores[name] *= value
    return sorted(scores, key=lambda name: -scores[name])


def importance(gates: Mapping[int, float], zeros: Iterable[int]) -> float:
    """The share of the gates that belongs to candidates other than zero."""
    return 1 - sum(gates[index] for index in zeros) / sum(gates.values())


def certainty(gates: Iterable[float]) -> float:
    """1 - entropy / log n: 0 for uniform gates, 1 for a single one."""
    values = list(gates)
    entropy = -sum(gate * math.log(gate) for gate in values if gate > 0)
    return 1 - entropy / math.log(len(values))


def stability(gates: Mapping[int, float], before: Sequence[Mapping[int, float]]) -> float:
    """The mean of sum_i min(g_i, earlier g_i) over earlier epochs; 0 if there are none."""
    shared = [sum(min(gate, each.get(index, 0.0)) for index, gate in gates.items()) for each in before]
    return sum(shared) / len(shared) if shared else 0.0


def _scaled(values: Mapping[str, float]) -> dict[str, float]:
    """Scaled to 0..1; all 1 if they are equal."""
    least, greatest = min(values.values(), default=0.0), max(values.values(), default=0.0)
    if greatest - least < 1e-12:
        return dict.fromkeys(values, 1.0)
    return {name: (value - least) / (greatest - least) for name, value in values.items()}


def _zero_options(graph: Graph) -> dict[str, tuple[int, ...]]:
    """The options of every mixture that add nothing."""
    return {
        node.decision: tuple(index for index, port in node.branches if is_zero(graph[port.node]))
        for node in graph
        if isinstance(node, Mux)
    }
