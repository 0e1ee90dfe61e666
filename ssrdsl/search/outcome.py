"""The result of a search: one network, and its gap to the supernet.

    (a) supernet       the score of the supernet as the search left it
    (b) discretized    the score of the network in which every decision has one option, with inherited weights
    (c) recalibrated   the same after the batch norm statistics were recomputed

If the search converged, (a) and (b) are the same network. Row (d), retrained from scratch, is for `ssrdsl train`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ssrdsl.search.costs import broken
from ssrdsl.search.likely import GateValues
from ssrdsl.search.shrink import Survivors, decided_together, discretize, dropped
from ssrdsl.search.state import State
from ssrdsl.search.task import Task
from ssrdsl.space import cost
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import NodeState, load_node_state, node_state, rebuild


@dataclass(frozen=True, slots=True)
class Outcome:
    """The network found; `supernet`, `discretized` and `recalibrated` are the scores of (a), (b) and (c), in 0..1.

    `assignment` holds the option index of every active decision, `weights` its tensors by node id, those of (c) if the
    search had not converged and they score higher on the images held out, `size` the height and width of its input.
    `undecided` counts the decisions that were still open and `mass` is the largest sum of gates that one of them lost.
    `macs` are those at the size of the file, `search_macs` at that of the images searched on. `broken` are bounds on
    costs that the network violates, as written.
    """

    assignment: Mapping[str, int]
    weights: NodeState
    weights_of: Literal["discretized", "recalibrated"]
    size: tuple[int, int]
    supernet: float
    discretized: float
    recalibrated: float
    undecided: int
    mass: float
    macs: int
    search_macs: int
    parameters: int
    broken: tuple[str, ...]
    steps: int
    seconds: float

    @property
    def converged(self) -> bool:
        """Whether the search itself made every decision."""
        return self.undecided == 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without weights and assignment."""
        return {
            "converged": self.converged,
            "undecided": self.undecided,
            "dropped_mass": self.mass,
            "supernet": self.supernet,
            "discretized": self.discretized,
            "recalibrated": self.recalibrated,
            "weights": self.weights_of,
            "macs": self.macs,
            "search_macs": self.search_macs,
            "parameters": self.parameters,
            "broken": list(self.broken),
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
        }


def _dropped_mass(gates: GateValues, survivors: Survivors) -> float:
    """The largest share of the gates of one decision that is dropped by choosing one option."""
    return dropped(gates, {**{name: tuple(values) for name, values in gates.items()}, **survivors}).largest_mass


def chosen(state: State, reference: Graph) -> Survivors:
    """One option for every active decision: the likeliest architecture inside the windows of costs, if there is one."""
    graph, gates = state.net.graph, state.net.gates.values()
    together = None
    if gates and state.multipliers.windows:
        together = decided_together(restrict(reference, graph.domains), gates, state.multipliers.windows)
    return together or discretize(graph, gates)


def conclude(state: State, task: Task, reference: Graph, selected: Survivors | None = None) -> Outcome:
    """Score the architecture `selected`, or the one chosen by the gates. The supernet is not changed.

    If the strategy selected the architecture, no decision counts as undecided.
    """
    net = state.net.eval()
    supernet_score = task.evaluate(net)
    gates = net.gates.values()
    survivors = chosen(state, reference) if selected is None else selected
    network = net if state.converged else rebuild(net, survivors)
    discretized_score = supernet_score if network is net else task.evaluate(network)
    inherited, before = node_state(network), 0.0 if state.converged else task.choose(network)
    task.recalibrate(network)
    recalibrated_score = task.evaluate(network)
    measured, better = node_state(network), not state.converged and task.choose(network) > before
    load_node_state(network, inherited)
    found = restrict(reference, survivors)
    costs = {"macs": cost.macs(found), "parameters": cost.parameters(found)}
    return Outcome(
        assignment={name: indices[0] for name, indices in survivors.items()},
        weights=measured if better else inherited,
        weights_of="recalibrated" if better else "discretized",
        size=network.graph.inputs[0].shapes[0][1:],
        supernet=supernet_score,
        discretized=discretized_score,
        recalibrated=recalibrated_score,
        undecided=len(gates) if selected is None else 0,
        mass=0.0 if selected is not None else _dropped_mass(gates, survivors),
        macs=costs["macs"],
        search_macs=cost.macs(network.graph),
        parameters=costs["parameters"],
        broken=tuple(broken(reference, costs)),
        steps=state.step,
        seconds=state.seconds,
    )
