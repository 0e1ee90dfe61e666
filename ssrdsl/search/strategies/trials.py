"""Networks of single architectures that are trained one after another from scratch, and random paths of a supernet.

Trials share the remaining epochs. Memory holds their architectures (`trials`), the bonuses of their scores (`priors`),
the number of the current one (`trial`), its first and its last step (`span`), the scores so
far, and the best network with its weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.search.feasible import Assignment
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.state import State, begin
from ssrdsl.search.strategy import Context
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.sample import Sampler


def begin_trials(
    state: State, context: Context, architectures: Iterable[Assignment], priors: Sequence[float] = ()
) -> None:
    """Begin the first trial; the remaining steps are divided among the architectures, in whole epochs.

    `priors` are scores of the architectures from before, added to those of their trials.
    """
    trials = [dict(each) for each in architectures]
    priors = list(priors) or [0.0] * len(trials)
    state.memory.update(trials=trials, priors=priors, trial=0, scores=[], first=state.step)
    _begin_trial(state, context)


def end_epoch(state: State, context: Context) -> None:
    """At the end of a trial score its network, and begin the next trial or restore the best network."""
    memory = state.memory
    if state.step < memory["span"][1]:
        return
    score = memory["priors"][memory["trial"]] + context.task.choose(state.net)
    if score > max(memory["scores"], default=-math.inf):
        memory["best"] = snapshot(state)
    memory["scores"].append(score)
    memory["trial"] += 1
    if are_over(state):
        restore(state, context, memory["best"])
    else:
        _begin_trial(state, context)


def are_over(state: State) -> bool:
    """Whether the last trial has ended."""
    return bool(state.memory["trial"] == len(state.memory["trials"]))


def trial_rate(schedule: Schedule, state: State) -> float:
    """The rate of the schedule, run through once in every trial."""
    first, end = state.memory["span"]
    done = (state.step - first) / max(1, end - first)
    return schedule.weight_rate(int(min(1.0, max(0.0, done)) * schedule.steps))


def _begin_trial(state: State, context: Context) -> None:
    """Begin a trial: a network with new weights, and the steps in which it is trained."""
    memory, per_epoch = state.memory, context.task.steps_per_epoch
    first, turn = memory["first"], memory["trial"]
    epochs = (context.schedule.steps - first) // per_epoch
    memory["span"] = [first + _share(epochs, turn + n, len(memory["trials"])) * per_epoch for n in (0, 1)]
    install(state, context, {name: (index,) for name, index in memory["trials"][turn].items()})


def _share(total: int, part: int, parts: int) -> int:
    """The start of part `part` if `total` items are divided among `parts`."""
    return part * total // parts


def install(state: State, context: Context, survivors: Mapping[str, tuple[int, ...]]) -> None:
    """Replace the network of the state by a freshly initialised one with only these options."""
    fresh = begin(
        context.graph, state.net.relaxation, context.schedule.settings, context.seed, context.device, survivors
    )
    state.net, state.weights, state.architecture = fresh.net, fresh.weights, fresh.architecture
    state.survivors = fresh.survivors


def snapshot(state: State) -> dict[str, Any]:
    """The network of the state with its weights, for memory."""
    held = {
        name: value.detach().clone() if isinstance(value, Tensor) else value
        for name, value in state.net.state_dict().items()
    }
    return {"survivors": dict(state.survivors), "net": held}


def restore(state: State, context: Context, taken: Mapping[str, Any]) -> None:
    """Replace the network of the state by that of a snapshot, with fresh optimizers."""
    install(state, context, taken["survivors"])
    state.net.load_state_dict(taken["net"])


@lru_cache(maxsize=2)
def path_sampler(graph: Graph) -> Sampler:
    """A sampler of architectures of a graph, uniform in every decision, without bounds on costs; cached per graph."""
    return Sampler(graph, bounded=False)


def random_path(graph: Graph, rng: random.Random) -> dict[str, int]:
    """A random architecture of a graph that meets the requirements over decisions, uniform in every active decision."""
    return path_sampler(graph).draw(rng)


def check_input_sizes(strategy: str, graph: Graph, reason: str) -> None:
    """Raise `UserError` if a space decides the size of its input."""
    sizes = [decision.name for decision in graph.open_decisions if decision.dimension is Dimension.INPUT]
    if sizes:
        raise UserError(
            f"`{strategy}` cannot search `{graph.name}`: it decides the size of its input (`{sizes[0]}`), and {reason}",
            help='use "ssr" or "random", which search input sizes, or give the input a fixed size',
        )
