"""Figures and page of a study from synthetic records."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.study.differences import differences
from ssrdsl.study.figures import make_figures
from ssrdsl.study.page import study_page
from ssrdsl.study.plan import Network
from ssrdsl.study.records import NetworkRecord, Records, SearchRecord
from ssrdsl.study.runner import Failure

TEXT = """use std

block cell(c) {
  choose d in {1, 2}, s in {1, 2} {
    residual(maxpool(s) -> conv({8, 16}, 3, dilation=d) -> conv(c, 3) -> upsample(s))
  }
}

block plain = conv(8, 1)
block deep = conv(8, 3) -> conv(8, 3)

space small {
  input image: 3, 16, 16
  body = image -> conv(8, 3) -> repeat(cell(8), {1..2})
  output body -> choose { plain | deep } -> conv(4, 3)
}
"""
FACTS = {
    "space": "small", "data": "streets", "size": None, "target_macs": 40_000_000,
    "choosing_splits": ["train:0-80", "train:80-100"],
}  # fmt: skip


def graph() -> Any:
    return open_source(Source("small.ssr", TEXT)).graph


def network(arm: str, number: int, macs: int, *scores: float, **assignment: int) -> NetworkRecord:
    """A network with its scores after 1, 2, ... epochs."""
    by_epochs = {epochs: {0: score} for epochs, score in enumerate(scores, start=1)}
    name = f"{arm}-{number}"
    return NetworkRecord(name, arm, number, f"{name}.json", macs, macs // 1000, assignment, by_epochs)


def records(*networks: NetworkRecord, **more: Any) -> Records:
    held = {"searches": (), "prices": (), "supernet": {}, **more}
    return Records(graph(), tuple(networks), **held)


RANDOM = [network("random", number, 40_000_000 + number, 0.1 * (number + 1)) for number in range(4)]  # 0.1 to 0.4


def figures(*networks: NetworkRecord, **more: Any) -> dict[str, Any]:
    return make_figures(records(*networks, **more), [], FACTS)


def test_found_networks_are_compared_with_random_ones() -> None:
    found = [network("ssr", 0, 40_400_000, 0.35), network("ssr", 1, 39_900_000, 0.5)]
    (row,) = figures(*found, *RANDOM)["comparisons"]
    assert (row["arm"], row["against"], row["epochs"]) == ("ssr", "random", 1)
    assert row["percentiles"] == [75, 100]
    assert row["mean_percentile"] == 87.5
    # (0.425 - 0.25) / 0.25
    assert row["relative_improvement"] == pytest.approx(70)
    assert row["difference"] == pytest.approx(0.175)
    assert (row["wins"], row["ties"], row["losses"]) == (7, 0, 1)
    assert row["low"] < 0.175 < row["high"]
    assert row["cost_matches"] is True


def test_a_cost_that_was_missed_is_marked() -> None:
    (row,) = figures(network("ssr", 0, 48_000_000, 0.35), *RANDOM)["comparisons"]
    assert row["cost_matches"] is False


def test_scores_are_compared_over_the_training_seeds_that_all_networks_have() -> None:
    one = replace(network("ssr", 0, 40), scores={1: {0: 0.5, 1: 0.9}})
    others = [network("random", number, 40, 0.4) for number in range(2)]
    (row,) = figures(one, *others)["comparisons"]
    assert row["difference"] == pytest.approx(0.1)


def test_the_equal_cost_arm_is_compared_by_seed() -> None:
    found = [network("ssr", seed, 40, 0.5 + 0.1 * seed) for seed in range(3)]
    bought = [network("equal cost", seed, 40, 0.45 + 0.1 * seed) for seed in (0, 2)]
    (row,) = figures(*found, *bought)["comparisons"]
    assert row["difference"] == pytest.approx(0.05)
    assert (row["wins"], row["ties"], row["losses"]) == (2, 0, 0)
    assert row["low"] == pytest.approx(0.05)


def test_rankings_are_correlated_with_supernet_macs_and_parameters() -> None:
    supernet = {"ssr": {f"random-{number}.json": 0.9 - 0.1 * number for number in range(4)}}
    rows = figures(*RANDOM, supernet=supernet)["rank_correlations"]
    assert {row["predictor"]: row["tau"] for row in rows} == {"supernet of ssr": pytest.approx(-1), "MACs": 1}
    assert all(row["networks"] == 4 and not row["enough"] for row in rows)


def test_every_length_of_training_has_its_rows() -> None:
    made = figures(network("ssr", 0, 40_000_000, 0.3, 0.6), network("random", 0, 40_000_000, 0.2, 0.7))
    assert made["budgets"] == [1, 2]
    assert [(row["epochs"], row["mean_percentile"]) for row in made["comparisons"]] == [(1, 100), (2, 0)]


def test_values_of_decisions_are_taken_together_by_name() -> None:
    decisions = graph().decisions
    depth = next(name for name in decisions if name.endswith("depth"))
    joint = [name for name in decisions if name.endswith("(d,s)")]
    labels = decisions[joint[0]].labels
    pair = {label: index for index, label in labels.items()}
    output = next(name for name in decisions if "plain" in decisions[name].labels.values())
    plain = {label: index for index, label in decisions[output].labels.items()}
    found = network("ssr", 0, 1, **{depth: 1, joint[0]: pair["(2,1)"], joint[1]: pair["(2,2)"], output: plain["deep"]})
    others = [
        network("random", 0, 1, **{depth: 0, joint[0]: pair["(1,1)"], output: plain["deep"]}),
        network("random", 1, 1, **{depth: 1, joint[0]: pair["(2,1)"], joint[1]: pair["(1,1)"], output: plain["plain"]}),
    ]
    rows = {row["name"]: row for row in differences(records(found, *others))}
    # Means of d: 2 and 2; 1; (2 + 1) / 2. The mean of the random ones is 1.25, their deviation 0.25.
    d = next(row for name, row in rows.items() if name.endswith(".d"))
    assert d["means"] == {"ssr": 2.0, "random": 1.25}
    assert d["shifts"] == {"ssr": pytest.approx(3.0)}
    s = next(row for name, row in rows.items() if name.endswith(".s"))
    assert s["means"] == {"ssr": 1.5, "random": 1.0}
    assert s["shifts"] == {}  # all random ones are alike
    options = {name: row["means"] for name, row in rows.items() if name.endswith(("= plain", "= deep"))}
    assert list(options.values()) == [{"ssr": 0.0, "random": 0.5}, {"ssr": 1.0, "random": 0.5}]


def test_figures_are_json_and_the_page_shows_all_parts() -> None:
    epochs = tuple({"step": step, "gates": {"a.b": {"0": step / 10, "1": 1 - step / 10}}} for step in (4, 8))
    gap = {
        "converged": True, "steps": 8, "seconds": 12.5, "supernet": 0.2, "discretized": 0.2, "recalibrated": 0.25,
    }  # fmt: skip
    search = SearchRecord(Network("ssr-0", "ssr", 0, Path("ssr-0") / "architecture.json", {}), gap, 2**30, epochs)
    price = {"search": "ssr-0", "search_seconds": 12.5, "candidates": 2, "candidate_seconds": 13.0, "epochs": 3}
    held = records(
        network("ssr", 0, 40_000_000, 0.3), *RANDOM, network("equal cost", 0, 40_000_000, 0.2),
        searches=(search,), prices=(price,),
        supernet={"ssr": {f"random-{number}.json": 0.1 * number for number in range(4)}},
    )  # fmt: skip
    made = make_figures(held, [Failure("train/x", "error: <disk> full")], FACTS)
    assert json.loads(json.dumps(made)) == made
    page = study_page(made, held)
    for part in (
        "Scores",
        "Comparisons",
        "Rank correlation",
        "Searches",
        "Gates over time",
        "Failed steps",
        "Networks",
    ):
        assert f"<h2>{part}</h2>" in page, part
    assert "error: &lt;disk&gt; full" in page
    assert page.count("<svg") == 1 + 2 + 1 + 2
    still = replace(search, epochs=(epochs[0], {**epochs[0], "step": 8}))
    assert "Gates over time" not in study_page(made, replace(held, searches=(still,)))
    assert "http" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", "").replace("https://matplotlib.org", "")  # fmt: skip


def test_a_study_of_which_nothing_is_finished_has_a_page() -> None:
    held = records()
    made = make_figures(held, [Failure("search/ssr-0", "error")], FACTS)
    assert made["comparisons"] == []
    assert "search/ssr-0" in study_page(made, held)
