"""Random search: networks that meet the targets are drawn, each is trained briefly, and the best one is kept.

The epochs are divided among the trials. In each step of the loop the network takes as many optimizer steps, with a
batch each, as cost together what a step on the weights and one on the gates of the whole supernet cost in MACs. So the
search costs about as much as one by gradient in which no option is dropped.

Source: Li and Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from ssrdsl.search.feasible import Feasible
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Survivors
from ssrdsl.search.state import State
from ssrdsl.search.strategies.gradient import Gradient
from ssrdsl.search.strategies.trials import install, restore, share, snapshot
from ssrdsl.search.strategy import Context
from ssrdsl.space import cost
from ssrdsl.space.graph import Graph, OperatorNode
from ssrdsl.space.ranges.extremes import Extremes
from ssrdsl.supernet.draws import seed_for
from ssrdsl.supernet.widest import mapped_operator, mapped_shape

TRIALS = 16
MOST_STEPS = 32
"""Optimizer steps in one step of the loop, at most."""


@dataclass(frozen=True, slots=True)
class RandomSearch(Gradient):
    """No supernet is trained: the state holds the network of the trial under way, memory the best one so far."""

    has_gates: bool = False

    def begin(self, state: State, context: Context) -> None:
        """Begins the first trial."""
        epochs = context.schedule.steps // context.task.steps_per_epoch
        whole = supernet_macs(context.graph)
        state.memory.update(trial=0, trials=min(TRIALS, epochs), scores=[])
        _begin_trial(state, context)
        ratio = 2 * whole / max(1, cost.macs(state.net.graph))
        state.memory["steps"] = min(MOST_STEPS, max(1, round(ratio)))

    def weight_steps(self, state: State) -> int:
        """Those that cost as much as one step of a search by gradient."""
        return int(state.memory["steps"])

    def weight_rate(self, schedule: Schedule, state: State) -> float:
        """The rate of the schedule, run through once in every trial."""
        first, end = state.memory["span"]
        done = (state.step - first) / max(1, end - first)
        return schedule.weight_rate(int(min(1.0, max(0.0, done)) * schedule.steps))

    def survivors(self, state: State, context: Context) -> Survivors:
        """The network of a trial has no options."""
        return {}

    def end_epoch(self, state: State, context: Context) -> None:
        """At the end of a trial scores its network, and begins the next trial or takes back the best network."""
        memory = state.memory
        if state.step < memory["span"][1]:
            return
        score = context.task.choose(state.net)
        memory["scores"].append(score)
        if score >= max(memory["scores"]):
            memory["best"] = snapshot(state)
        memory["trial"] += 1
        if memory["trial"] < memory["trials"]:
            _begin_trial(state, context)
        else:
            restore(state, context, memory["best"])

    def is_finished(self, state: State) -> bool:
        """After the last trial."""
        return bool(state.memory["trial"] == state.memory["trials"])


def _begin_trial(state: State, context: Context) -> None:
    """A new network, drawn within the target costs, and the steps in which it is trained: whole epochs."""
    memory, per_epoch = state.memory, context.task.steps_per_epoch
    epochs = context.schedule.steps // per_epoch
    memory["span"] = [share(epochs, memory["trial"] + turn, memory["trials"]) * per_epoch for turn in (0, 1)]
    rng = random.Random(seed_for(context.seed, "trial", state.memory["trial"]))
    assignment = Feasible(context.reference, context.goal).draw(rng)
    install(state, context, {name: (index,) for name, index in assignment.items()})


def supernet_macs(graph: Graph) -> int:
    """The multiply-accumulate operations of a supernet, every candidate at its widest."""
    extremes = Extremes(graph)

    def greatest(scalar: Any) -> Any:
        return extremes(scalar)[1]

    total = 0
    for node in graph:
        if isinstance(node, OperatorNode):
            shapes = tuple(mapped_shape(shape, greatest) for shape in graph.input_shapes(node))
            total += int(mapped_operator(node.operator, greatest).macs(shapes))
    return total
