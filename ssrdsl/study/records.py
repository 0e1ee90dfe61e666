"""The results of a study, read from its steps: networks with their scores, searches with their costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.files import read_object
from ssrdsl.report.searches import LEVELS
from ssrdsl.runs.events import read_events
from ssrdsl.runs.names import GAP_NAME, RESULT_NAME
from ssrdsl.space.architecture import read_architecture, resolve
from ssrdsl.space.cost import Costs
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import source
from ssrdsl.study.journal import Ended
from ssrdsl.study.plan import EqualCost, Network, Plan
from ssrdsl.study.settings import EQUAL_COST, MATCHED, RANDOM

GAP_ROWS = tuple(key for key, _ in LEVELS)


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """A network: its costs at the size of the file, its decisions, its scores by epochs and training seed.

    `file` is the name of its architecture file.
    """

    name: str
    arm: str
    number: int
    file: str
    macs: int
    parameters: int
    assignment: Mapping[str, int]
    scores: Mapping[int, Mapping[int, float]] = field(default_factory=dict)

    def score(self, epochs: int) -> float | None:
        """The mean score over the training seeds, None if the network was not trained for this number of epochs."""
        found = self.scores.get(epochs)
        return sum(found.values()) / len(found) if found else None


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """A search, by the network that it found: the content of its `gap.json`, its events.

    `memory` is the peak memory of its process in bytes, None if the search was not run by the study.
    """

    network: Network
    gap: Mapping[str, Any]
    memory: int | None
    epochs: tuple[Mapping[str, Any], ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Records:
    """The finished results of a study; `supernet` are scores with inherited weights by variant and network file."""

    graph: Graph
    networks: tuple[NetworkRecord, ...]
    searches: tuple[SearchRecord, ...]
    prices: tuple[Mapping[str, Any], ...]
    """Of the finished equal-cost arms, the seconds of both, and the epochs that each candidate was trained for."""
    supernet: Mapping[str, Mapping[str, float]]
    unscored: tuple[str, ...] = ()
    """Run directories of trainings without a mean IoU: no pixel of their validation data has a label."""

    def of_arm(self, arm: str) -> list[NetworkRecord]:
        """The networks of an arm."""
        return [network for network in self.networks if network.arm == arm]

    def scored(self, arm: str, epochs: int) -> list[tuple[NetworkRecord, float]]:
        """The networks of an arm that were trained for a number of epochs, with their scores."""
        return [(each, score) for each in self.of_arm(arm) if (score := each.score(epochs)) is not None]

    def scores(self, arm: str, epochs: int) -> list[float]:
        """The scores of the networks of an arm after a number of epochs."""
        return [score for _, score in self.scored(arm, epochs)]

    @property
    def hold_out(self) -> bool:
        """Whether every finished search selected on images that weights are not trained on."""
        # Searches of earlier versions did not record it.
        return all(search.gap.get("images_held_out") != 0 for search in self.searches)

    @property
    def arms(self) -> list[str]:
        """The arms that have networks, in the order of the plan."""
        return list(dict.fromkeys(network.arm for network in self.networks))

    @property
    def found_arms(self) -> list[str]:
        """The arms whose networks a search found."""
        return [arm for arm in self.arms if arm not in (RANDOM, MATCHED, EQUAL_COST)]


def read_records(plan: Plan, graph: Graph, journal: Iterable[Ended]) -> Records:
    """Read the existing results of a plan; `graph` is the space at the size of its file. Raises `UserError`."""
    costs = Costs(source(graph))
    memory: dict[str, int] = {}
    for ended in journal:
        memory[ended.step] = max(ended.memory, memory.get(ended.step, 0))
    written = [each for each in plan.networks if each.architecture.exists()]
    scores = {each.name: _scores(each) for each in written}
    networks = [_network(each, graph, costs, scores[each.name]) for each in written]
    searches = [_search(each, memory) for each in plan.searches if (each.run / GAP_NAME).exists()]
    return Records(
        graph,
        tuple(networks),
        tuple(searches),
        tuple(found for arm in plan.equal_cost if (found := _price(arm)) is not None),
        {variant: read_object(path)["scores"] for variant, path in plan.ranks.items() if path.exists()},
        tuple(
            str(each.trainings[key]) for each in written for key, score in scores[each.name].items() if score is None
        ),
    )


def _scores(network: Network) -> dict[tuple[int, int], float | None]:
    """The mean IoU of every training that has ended, by epochs and training seed."""
    results = {key: path / RESULT_NAME for key, path in network.trainings.items()}
    return {key: read_object(path).get("miou") for key, path in results.items() if path.exists()}


def _network(
    network: Network, graph: Graph, costs: Costs, scores: Mapping[tuple[int, int], float | None]
) -> NetworkRecord:
    assignment = resolve(graph, read_architecture(network.architecture))
    by_epochs: dict[int, dict[int, float]] = {}
    for (epochs, seed), score in scores.items():
        if score is not None:
            by_epochs.setdefault(epochs, {})[seed] = score
    return NetworkRecord(
        network.name, network.arm, network.number, network.architecture.name,
        costs("macs", assignment), costs("parameters", assignment), assignment, by_epochs,
    )  # fmt: skip


def _search(found: Network, memory: Mapping[str, int]) -> SearchRecord:
    epochs = tuple(event for event in read_events(found.run) if event.get("kind") == "epoch")
    return SearchRecord(found, read_object(found.run / GAP_NAME), memory.get(f"search/{found.name}"), epochs)


def _price(arm: EqualCost) -> dict[str, Any] | None:
    """The cost of a finished equal-cost arm, None for an unfinished one."""
    results = [read_object(path / RESULT_NAME) for path in arm.runs if (path / RESULT_NAME).exists()]
    if not results or not (arm.search.run / GAP_NAME).exists():
        return None
    seconds = float(read_object(arm.search.run / GAP_NAME)["seconds"])
    spent = sum(float(result["seconds"]) for result in results)
    return {
        "search": arm.search.name,
        "search_seconds": seconds,
        "candidates": len(results),
        "candidate_seconds": round(spent, 3),
        "epochs": int(results[0]["epochs"]),
    }
