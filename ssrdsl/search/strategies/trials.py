"""Trials: networks of single architectures, trained from scratch. Also: random paths of a supernet.

Trials have one or more rounds (successive halving with a factor of four). In a round the remaining networks are trained
one after the other, each for the same number of epochs; then the best quarter of them remains. The next round continues
their training, with the same schedule of the learning rate, until it is three times as long in all.

Memory holds the architectures (`trials`), the epochs of a network in each round (`rounds`), the number of the current
round (`round`), the trials that it has still to train (`queue`), the first and the last step of the current one
(`span`), the scores of each trial after its rounds (`scores`), the networks to train in this round with their weights
(`kept`), and the best of those that were trained in it (`passed`).

Source: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ssrdsl.errors import UserError
from ssrdsl.search.feasible import Assignment
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.state import State, begin
from ssrdsl.search.strategy import Context
from ssrdsl.space.decisions import Dimension, only
from ssrdsl.space.graph import Graph
from ssrdsl.space.sample import Sampler

REDUCTION: Final = 4
"""One of this many networks is trained further."""
GROWTH: Final = 3
"""How many times as long a network is trained in all when another round ends."""


@dataclass(frozen=True, slots=True)
class Halving:
    """The plan of trials: the number of networks in the first round, and the epochs of a network in each round."""

    count: int
    rounds: tuple[int, ...]

    @classmethod
    def within(cls, count: int, epochs: int) -> Halving:
        """Rounds of `count` networks and of a quarter as many each time, at least two, in at most `epochs`.

        There are no rounds if there is no time for one epoch each.
        """
        shortest = cls(count, ())
        while count // REDUCTION ** len(shortest.rounds) > 1:
            ends = GROWTH ** len(shortest.rounds)
            shortest = cls(count, (*shortest.rounds, ends - sum(shortest.rounds)))
        first = epochs // max(1, shortest.epochs)
        return cls(count, tuple(first * each for each in shortest.rounds) if first else ())

    @property
    def epochs(self) -> int:
        """The epochs of all trials together."""
        return sum(self.count // REDUCTION**number * epochs for number, epochs in enumerate(self.rounds))


def begin_trials(state: State, context: Context, architectures: Iterable[Assignment], rounds: Iterable[int]) -> None:
    """Begin the first trial; `rounds` holds the epochs of a network in each round."""
    trials = [dict(each) for each in architectures]
    state.memory.update(
        trials=trials,
        rounds=list(rounds),
        round=0,
        queue=list(range(len(trials))),
        scores=[[] for _ in trials],
        kept={},
        passed={},
    )
    _begin_trial(state, context)


def end_epoch(state: State, context: Context, score: Callable[[], float]) -> None:
    """At the end of a trial score its network, and begin the next one or restore the best network.

    `score` returns the score of the network of the state, higher is better.
    """
    memory = state.memory
    if are_over(state) or state.step < memory["span"][1]:
        return
    trial = memory["queue"].pop(0)
    memory["scores"][trial].append(score())
    memory["kept"].pop(trial, None)
    memory["passed"] = _best(memory, {**memory["passed"], trial: snapshot(state)})
    if not memory["queue"]:
        memory.update(round=memory["round"] + 1, kept=memory["passed"], queue=list(memory["passed"]), passed={})
    if are_over(state):
        (best,) = memory["kept"].values()
        restore(state, context, best)
    else:
        _begin_trial(state, context)


def are_begun(state: State) -> bool:
    """Whether the rest of a search is trials, whose numbers of epochs are fixed."""
    return "trials" in state.memory


def are_over(state: State) -> bool:
    """Whether the last round has ended."""
    return bool(state.memory["round"] == len(state.memory["rounds"]))


def trial_rate(schedule: Schedule, state: State, repeats: int = 1) -> float:
    """The rate of a schedule with the steps of a network in all rounds: a short training takes larger steps.

    `repeats` is the number of optimizer steps in a step of the search.
    """
    memory = state.memory
    first, end = memory["span"]
    per_epoch = (end - first) // memory["rounds"][min(memory["round"], len(memory["rounds"]) - 1)]
    before = sum(memory["rounds"][: memory["round"]]) * per_epoch
    steps, done = sum(memory["rounds"]) * per_epoch, before + min(state.step, end) - first
    return Schedule(repeats * steps, schedule.settings).weight_rate(repeats * done)


def _best(memory: Mapping[str, Any], networks: Mapping[int, Any]) -> dict[int, Any]:
    """The networks that go on after the current round: the best quarter, after the last round only the best.

    Others are dropped at once, since their weights take memory.
    """
    number = memory["round"] + 1
    places = len(memory["trials"]) // REDUCTION**number if number < len(memory["rounds"]) else 1

    def score(trial: int) -> float:
        return float(memory["scores"][trial][-1])

    return {trial: networks[trial] for trial in sorted(networks, key=score, reverse=True)[:places]}


def _begin_trial(state: State, context: Context) -> None:
    """Train the next network of the round, a new one in the first round, later with its weights."""
    memory = state.memory
    trial = memory["queue"][0]
    epochs = memory["rounds"][memory["round"]]
    memory["span"] = [state.step, state.step + epochs * context.task.steps_per_epoch]
    if trial in memory["kept"]:
        restore(state, context, memory["kept"][trial])
    else:
        install(state, context, only(memory["trials"][trial]))


def install(state: State, context: Context, survivors: Mapping[str, tuple[int, ...]]) -> None:
    """Replace the network of the state by a freshly initialised one with only these options."""
    fresh = begin(
        context.graph, state.net.relaxation, context.schedule.settings, context.seed, context.device, survivors
    )
    state.net, state.weights, state.architecture = fresh.net, fresh.weights, fresh.architecture
    state.survivors = fresh.survivors


def snapshot(state: State) -> dict[str, Any]:
    """The network of the state with its weights, for memory."""
    return {"survivors": dict(state.survivors), "net": dict(deepcopy(state.net.state_dict()))}


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
