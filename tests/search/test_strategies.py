"""Every strategy on a tiny space: it ends, finds a valid network, and continues after a stop as if there was none."""

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.errors import UserError
from ssrdsl.search.costs import reference_costs
from ssrdsl.search.evolution import Evolution, Scored
from ssrdsl.search.feasible import Feasible
from ssrdsl.search.loop import Stopped
from ssrdsl.search.outcome import Outcome
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.scoring import capacity, score_trained
from ssrdsl.search.search import Searcher
from ssrdsl.search.state import State
from ssrdsl.search.strategies import fair_darts, paths, pdarts, sandwich, sgas, snas
from ssrdsl.search.strategies.registry import STRATEGIES, find_strategy
from ssrdsl.search.strategies.trials import Halving
from ssrdsl.search.strategy import Step
from ssrdsl.space import Program, activity, cost
from ssrdsl.space.architecture import apply, read_architecture
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import restrict
from tests.search.spaces import FEW, SIZED, TINY, Notes, Stripes, search_of, tiny
from tests.search.test_loop import assert_same

CANDIDATES = TINY.replace(
    "choose d in {1, 2} {",
    "choose { skip | conv(c, 3) -> bn | avgpool(3, stride=1) | zero } -> choose d in {1, 2} {",
)
"""The tiny space with candidates of other kinds, among them a skip connection and zero."""


@pytest.fixture(autouse=True)
def few_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "draws", lambda steps: Evolution(population=8, generations=0))
    monkeypatch.setattr(sandwich, "EVOLUTION", FEW)


def program(strategy: str, text: str = CANDIDATES, **settings: float) -> Program:
    lines = [f'strategy = "{strategy}"', *(f"{name.replace('__', '.')} = {value}" for name, value in settings.items())]
    return tiny(text + "\nsearch {\n" + "".join(f"  {line}\n" for line in lines) + "}\n")


def concluded(folder: Path, search: Searcher, notes: Notes | None = None) -> tuple[State, Outcome]:
    run = SearchDirectory(folder)
    run.path.mkdir(parents=True, exist_ok=True)
    state = search.run(run, search.begin(), (notes or Notes(),))
    return state, search.conclude(run, state, {})


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategy_ends_with_a_valid_network_and_a_gap_table(name: str, tmp_path: Path) -> None:
    notes, space = Notes(), program(name)
    _, outcome = concluded(tmp_path, search_of(space, epochs=4), notes)
    graph = apply(space.graph, read_architecture(tmp_path / "architecture.json"))
    assert not graph.open_decisions
    assert (outcome.macs, outcome.parameters) == (cost.macs(graph), cost.parameters(graph))
    record = json.loads((tmp_path / "gap.json").read_text())
    assert record["strategy"] == name
    assert all(0 <= record[row] <= 1 for row in ("supernet", "discretized", "recalibrated"))
    assert all(math.isfinite(report.loss) for report in notes.steps)
    assert torch.load(tmp_path / "weights.pt")["state_dict"]


@pytest.mark.parametrize(
    ("name", "epochs", "stop"),
    [(name, 2, 6) for name in ("snas", "pdarts", "sgas", "sandwich", "paths", "random")] + [("paths", 64, 193)],
)
def test_stopped_and_resumed_is_as_run_through(name: str, epochs: int, stop: int, tmp_path: Path) -> None:
    def search() -> Searcher:
        return search_of(program(name, selection__finalists=8), epochs=epochs)

    whole, expected = concluded(tmp_path / "whole", search())
    run, notes = SearchDirectory(tmp_path / "parts"), Notes()
    run.path.mkdir(parents=True, exist_ok=True)
    with pytest.raises(Stopped):
        search().run(run, search().begin(), (notes,), lambda: len(notes.steps) >= stop)
    again = search()
    held = again.resume(run)
    assert held is not None
    assert held.step == stop
    state = again.run(run, held, (notes,))
    assert_same(state, whole)
    assert again.conclude(run, state, {}).assignment == expected.assignment


def test_spaces_that_a_strategy_cannot_search_are_refused_with_the_reason() -> None:
    plain = TINY.replace("choose d in {1, 2}", "choose d in {1}")
    cases = [("fair_darts", plain, "no `choose`"), ("pdarts", plain, "no `choose`"), ("sandwich", SIZED, "its input")]
    for name, text, reason in cases:
        with pytest.raises(UserError, match=f"`{name}` cannot search .*{reason}") as caught:
            search_of(program(name, text)).begin()
        assert '"ssr"' in (caught.value.help or "")


def step_of(name: str, number: int, state: State) -> Step:
    search = search_of(program(name))
    task = Stripes()
    batch = next(task.batches(0, "weights", 0))
    return Step(state.net, task, batch, search.schedule, "weights", number, state.memory)


def test_gumbel_gates_are_normalised_seeded_and_colder_later() -> None:
    state = search_of(program("snas")).begin()
    early, late = (step_of("snas", number, state) for number in (0, 39))
    assert [snas.temperature(early), snas.temperature(late)] == pytest.approx([1.0, 0.03])
    gates = state.net.gates
    for tau, step in ((1.0, early), (0.03, late)):
        drawn, again = (snas.sampled(gates, tau, step.generator()) for _ in range(2))
        assert torch.equal(drawn, again)
        assert torch.allclose(gates.layout.total(drawn), torch.ones(len(gates.layout.decisions)).double())
    assert snas.sampled(gates, 0.03, late.generator()).max() > 0.95


def test_independent_gates_count_as_shares_in_costs_and_pay_the_zero_one_loss() -> None:
    search = search_of(program("fair_darts"))
    net = search.begin().net
    with torch.no_grad():
        net.gates.alpha.add_(torch.randn(len(net.gates.alpha), generator=torch.Generator().manual_seed(0)))
    gates, shares = net.gates(), net.gates.shares()
    totals = net.gates.layout.total(shares)
    assert torch.allclose(totals, torch.ones_like(totals))
    for decision in net.gates.layout.decisions:
        part = net.gates.slices[decision.name]
        if fair_darts.is_independent(decision):
            assert torch.equal(gates[part], torch.sigmoid(net.gates.alpha[part]))
        else:
            assert torch.allclose(gates[part].sum(), torch.ones(()).double())
    largest = reference_costs(net.graph, net)().macs
    assert 0 < largest <= cost.supernet_macs(net.graph)
    parts = fair_darts.FairDarts().regularization(net.gates, search.schedule, 39)
    independent = [net.gates.slices[d.name] for d in net.gates.layout.decisions if fair_darts.is_independent(d)]
    values = torch.cat([gates[part] for part in independent])
    expected = -10 * (values - 0.5).square().mean()
    assert torch.allclose(torch.stack(list(parts.values())).sum(), expected)


def test_what_is_open_when_the_plan_of_ssr_ends_is_decided_at_the_target(costs_of_tiny: list[dict[str, int]]) -> None:
    wanted = sorted(costs["macs"] for costs in costs_of_tiny)[len(costs_of_tiny) // 2]
    search = search_of(program("ssr", TINY, target__macs=wanted))
    state, strategy = search.begin(), find_strategy("ssr")
    for step in (search.schedule.warm_up, search.schedule.steps // 2, search.schedule.steps):
        state.step = step  # after the last step no weights could be trained
        strategy.end_epoch(state, search.context)
        assert not state.survivors
    state.step = search.schedule.steps - 1
    strategy.end_epoch(state, search.context)
    assert state.converged
    assert cost.macs(restrict(search.context.reference, state.survivors)) == pytest.approx(wanted, rel=0.01)
    assert not strategy.is_finished(state)


def test_candidates_below_the_threshold_go_at_the_end(tmp_path: Path) -> None:
    search = search_of(program("fair_darts"), epochs=1)
    state = search.begin()
    name = next(d.name for d in state.net.graph.open_decisions if len(d.options) == 4)
    with torch.no_grad():
        state.net.gates.alpha[state.net.gates.slices[name]] = torch.tensor([3.0, -1.0, 2.0, 0.0]).double()
    strategy = fair_darts.FairDarts()
    assert strategy.survivors(state, search.context)[name] == (0, 1, 2, 3)
    state.step = search.schedule.steps
    kept = strategy.survivors(state, search.context)
    assert kept[name] == (0, 2)
    assert all(kept[d.name] == d.indices for d in state.net.graph.open_decisions if d.name != name)


def test_progressive_stages_drop_candidates_open_depths_and_drop_skips() -> None:
    search = search_of(program("pdarts", CANDIDATES.replace("{1..2}", "{1..3}")))
    state, strategy = search.begin(), find_strategy("pdarts")
    four = [d.name for d in state.net.graph.open_decisions if len(d.options) == 4]
    assert state.memory["skips"] == [[name, 0] for name in four]
    depth = next(d.name for d in state.net.graph.open_decisions if d.dimension is Dimension.DEPTH)
    assert list(state.net.gates.values()[depth].values()) == pytest.approx([1, 0, 0], abs=1e-9)
    warm_up, steps = search.schedule.warm_up, search.schedule.steps
    assert strategy.survivors(state, search.context)[four[0]] == (0, 1, 2, 3)
    state.step = warm_up + (steps - warm_up) // 3 + 1
    assert [len(strategy.survivors(state, search.context)[name]) for name in four] == [3] * len(four)
    strategy.end_epoch(state, search.context)
    assert state.memory["stage"] == 1
    assert list(state.net.gates.values()[depth].values()) == pytest.approx([0.5, 0.5, 0], abs=1e-9)
    state.step = steps
    assert [len(strategy.survivors(state, search.context)[name]) for name in four] == [2] * len(four)
    strategy.end_epoch(state, search.context)
    assert list(state.net.gates.values()[depth].values()) == pytest.approx([1 / 3] * 3, abs=1e-9)
    rates = [pdarts.dropout(search.schedule, step) for step in (warm_up, warm_up + 11, steps - 10, steps - 1)]
    assert rates == [0, pytest.approx(0.4, abs=0.05), pytest.approx(0.7, abs=0.05), pytest.approx(0.03, abs=0.05)]


def test_greedy_ranks_by_importance_certainty_and_stability() -> None:
    assert sgas.certainty([0.5, 0.5]) == pytest.approx(0)
    assert sgas.certainty([1.0, 0.0]) == 1
    assert sgas.importance({0: 0.2, 1: 0.5, 3: 0.3}, [3]) == pytest.approx(0.7)
    assert sgas.stability({0: 0.6, 1: 0.4}, [{0: 0.5, 1: 0.5}, {0: 0.6, 1: 0.4}]) == pytest.approx(0.95)
    assert sgas.stability({0: 0.6, 1: 0.4}, []) == 0
    graph = program("sgas").graph
    first, second = [d.name for d in graph.open_decisions if len(d.options) == 2][:2]
    clear, unclear = {0: 0.9, 1: 0.1}, {0: 0.55, 1: 0.45}
    assert sgas.ranked(graph, {first: unclear, second: clear}, [])[0] == second
    assert sgas.ranked(graph, {first: clear, second: unclear}, [])[0] == first


def test_greedy_makes_some_decisions_after_every_epoch_and_all_by_the_end(tmp_path: Path) -> None:
    notes = Notes()
    state, _ = concluded(tmp_path, search_of(program("sgas"), epochs=6), notes)
    assert state.converged
    left = [sum(epoch.left.decisions.values()) for epoch in notes.epochs]
    assert left == sorted(left, reverse=True)
    assert notes.epochs[0].dropped.options == 0
    assert sum(bool(epoch.dropped.decided) for epoch in notes.epochs) >= 3


@pytest.mark.parametrize("perturbation", ["random", "adversarial"])
def test_perturbed_gates_are_only_those_of_the_weights_step(perturbation: str, tmp_path: Path) -> None:
    text = CANDIDATES + f'\nsearch {{\n  strategy = "sdarts"\n  sdarts.perturbation = "{perturbation}"\n}}\n'
    search = search_of(tiny(text), epochs=2)
    state = search.begin()
    task, batch = Stripes(), next(Stripes().batches(0, "weights", 0))
    early, late = (Step(state.net, task, batch, search.schedule, "weights", number, state.memory) for number in (0, 7))
    passes = state.net.training_passes
    losses = [float(search.strategy.weight_loss(step).detach()) for step in (early, late)]
    assert state.net.training_passes == passes + 2
    assert losses[0] != losses[1]
    assert torch.equal(state.net.gates.alpha, torch.zeros_like(state.net.gates.alpha))


def test_sandwich_trains_the_ends_and_distils(monkeypatch: pytest.MonkeyPatch) -> None:
    search = search_of(program("sandwich"))
    state = search.begin()
    held: list[Any] = []
    holding = state.net.holding

    def noted(path: Any) -> Any:
        held.append(path)
        return holding(path)

    monkeypatch.setattr(state.net, "holding", noted)
    search.strategy.weight_loss(step_of("sandwich", 3, state))
    assert held[:2] == [state.memory["largest"], state.memory["smallest"]]
    assert len(held) == 2 + sandwich.RANDOM_PATHS
    largest, smallest, *drawn = (cost.Costs(state.net.graph)("macs", path) for path in held)
    assert smallest <= min(drawn) <= max(drawn) <= largest
    one, other = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    entropy = float(-(one.softmax(1) * one.log_softmax(1)).sum(1).mean())
    assert float(sandwich.distillation(one, one)) == pytest.approx(entropy, rel=1e-5)
    assert sandwich.distillation(other, one) > entropy


def test_targets_are_met_by_sampling_strategies(tmp_path: Path) -> None:
    graph = program("sandwich").graph
    wanted = cost.Costs(graph)("macs", Feasible(graph).draw(Random(1)))
    for name in ("sandwich", "random"):
        _, outcome = concluded(tmp_path / name, search_of(program(name, target__macs=wanted), epochs=2))
        assert outcome.macs == pytest.approx(wanted, rel=0.01)


def test_random_search_keeps_the_best_trial(tmp_path: Path) -> None:
    search = search_of(program("random"), epochs=4)
    state, outcome = concluded(tmp_path, search)
    assert len(state.memory["scores"]) == len(state.memory["trials"]) == 4
    assert [outcome.discretized] == max(state.memory["scores"])
    assert len(state.memory["kept"]) == 1
    assert state.memory["steps"] > 1
    assert outcome.converged


@pytest.mark.parametrize("epochs", [4, 38])
def test_random_search_anneals_in_every_trial(epochs: int) -> None:
    search = search_of(program("random"), epochs=epochs)
    state, strategy = search.begin(), find_strategy("random")
    rates: list[list[float]] = []
    while not strategy.is_finished(state):
        if state.step == state.memory["span"][0]:
            rates.append([])
        rates[-1].append(strategy.weight_rate(search.schedule, state))
        state.step += 1
        strategy.end_epoch(state, search.context)
    assert len(rates) == {4: 4, 38: 12}[epochs]
    assert len({len(trial) for trial in rates}) == 1
    for trial in rates:
        steps = len(trial) * strategy.weight_steps(state)
        assert trial[0] == Schedule(steps, search.schedule.settings).weight_rate(0)
        assert trial == sorted(trial, reverse=True)
        assert trial[-1] < trial[0] / 2


def test_paths_of_a_space_without_bounds_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    from ssrdsl.space.conditions.budget import TooWide

    def wide(graph: object) -> object:
        raise TooWide("too many cases")

    graph = program("sandwich").graph
    exact = [cost.Costs(graph)("macs", path) for path in sandwich.ends(graph)]
    monkeypatch.setattr(sandwich, "bounds", wide)
    drawn = [cost.Costs(graph)("macs", path) for path in sandwich.ends(graph)]
    assert exact[0] <= drawn[0] < drawn[1] <= exact[1]


def test_paths_trains_what_it_selected_alone(tmp_path: Path) -> None:
    notes = Notes()
    state, outcome = concluded(tmp_path, search_of(program("paths", selection__finalists=1), epochs=10), notes)
    left = [sum(report.left.options.values()) for report in notes.epochs]
    assert len(notes.epochs) == 10
    assert all(count == left[0] for count in left[:8])
    assert "trials" not in state.memory
    assert outcome.undecided == 0
    assert outcome.supernet == outcome.discretized


def test_paths_keeps_the_best_of_its_finalists(tmp_path: Path) -> None:
    notes = Notes()
    state, outcome = concluded(tmp_path, search_of(program("paths", selection__finalists=8), epochs=64), notes)
    left = [sum(report.left.options.values()) for report in notes.epochs]
    assert all(count == left[0] for count in left[:16])
    assert state.memory["rounds"] == [4, 8]
    assert len({tuple(sorted(each.items())) for each in state.memory["trials"]}) == 8
    scores = state.memory["scores"]
    first = sorted(range(8), key=lambda trial: -scores[trial][0])
    assert [len(scores[trial]) for trial in first] == [2, 2, 1, 1, 1, 1, 1, 1]
    best = max(first[:2], key=lambda trial: scores[trial][1])
    assert outcome.assignment == state.memory["trials"][best]
    assert score_trained(state.net, Stripes()) == scores[best][1]
    assert outcome.supernet == outcome.discretized
    assert outcome.undecided == 0


@pytest.mark.parametrize(("finalists", "expected"), [(1, [19, 5]), (2, [6, 9, 9])])
def test_paths_anneals_the_supernet_and_what_follows(finalists: int, expected: list[int]) -> None:
    search = search_of(program("paths", selection__finalists=finalists), epochs=24)
    state, strategy = search.begin(), find_strategy("paths")
    spans: list[list[float]] = [[]]
    for step in range(search.schedule.steps):
        state.step = step
        if step == state.memory.get("span", [0, state.memory["shared"]])[1]:
            strategy.end_epoch(state, search.context)
            spans.append([])
        spans[-1].append(strategy.weight_rate(search.schedule, state))
    per_epoch = search.task.steps_per_epoch
    assert [len(span) // per_epoch for span in spans] == expected
    assert all(span == sorted(span, reverse=True) and span[-1] < span[0] / 2 for span in spans)


def test_the_next_round_continues_with_the_weights_and_the_rate(tmp_path: Path) -> None:
    search = search_of(program("paths", selection__finalists=8), epochs=64)
    state, strategy = search.begin(), find_strategy("paths")
    state.step = state.memory["shared"]
    strategy.end_epoch(state, search.context)
    per_epoch, marks = search.task.steps_per_epoch, {}
    alone = Schedule(12 * per_epoch, search.schedule.settings)
    for _ in range(8):
        trial = state.memory["queue"][0]
        assert strategy.weight_rate(search.schedule, state) == alone.weight_rate(0)
        for weight in state.net.weights():
            torch.nn.init.constant_(weight, trial)
        marks[trial] = [weight.detach().clone() for weight in state.net.weights()]
        state.step = state.memory["span"][1]
        strategy.end_epoch(state, search.context)
    assert state.memory["round"] == 1
    assert len(state.memory["kept"]) == 2
    again = marks[state.memory["queue"][0]]
    assert all(torch.equal(one, other) for one, other in zip(state.net.weights(), again, strict=True))
    assert strategy.weight_rate(search.schedule, state) == alone.weight_rate(4 * per_epoch)


@pytest.mark.parametrize(("found", "rounds"), [(1, None), (2, [18]), (3, [12]), (8, [3, 6])])
def test_fewer_finalists_than_planned_are_trained_longer(
    found: int, rounds: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = search_of(program("paths"), epochs=48)
    state, strategy = search.begin(), find_strategy("paths")
    feasible = Feasible(search.context.reference)
    ranked = [Scored(feasible.draw(Random(number)), 0.5) for number in range(found)]
    monkeypatch.setattr(paths, "select", lambda *_: ranked)
    monkeypatch.setattr(paths, "plan", lambda *_: Halving(found, ()))
    state.step = state.memory["shared"]
    strategy.end_epoch(state, search.context)
    assert state.memory.get("rounds") == rounds
    while state.step < search.schedule.steps and not strategy.is_finished(state):
        state.step += search.task.steps_per_epoch
        strategy.end_epoch(state, search.context)
    assert state.converged
    assert state.memory.get("round") == (len(rounds) if rounds else None)
    for _ in range(2):  # a search with more epochs than there are trials, with --finish or --resume
        state.step += search.task.steps_per_epoch
        strategy.end_epoch(state, search.context)


def test_the_number_of_finalists_follows_the_epochs() -> None:
    found = {}
    for epochs in (1, 21, 22, 24, 48, 80, 128, 240, 320):
        search = search_of(program("paths"), epochs=epochs)
        found[epochs] = paths.plan(search.schedule, search.task.steps_per_epoch)
    assert found == {
        1: Halving(1, ()),
        21: Halving(1, ()),
        22: Halving(2, (8,)),
        24: Halving(2, (9,)),
        48: Halving(4, (9,)),
        80: Halving(11, (4, 8)),
        128: Halving(16, (4, 8)),
        240: Halving(31, (4, 8)),
        320: Halving(32, (4, 8, 24)),
    }
    assert all(plan.epochs <= 0.75 * epochs for epochs, plan in found.items())


@given(count=st.integers(1, 64), epochs=st.integers(0, 500))
def test_halving_fits_into_the_epochs(count: int, epochs: int) -> None:
    plan = Halving.within(count, epochs)
    assert plan.epochs <= epochs
    if plan.rounds:
        first = plan.rounds[0]
        longer = Halving(count, tuple(each // first * (first + 1) for each in plan.rounds))
        assert longer.epochs > epochs
        assert [sum(plan.rounds[: number + 1]) for number in range(len(plan.rounds))] == [
            first * 3**number for number in range(len(plan.rounds))
        ]


def test_a_short_search_selects_from_fewer_architectures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert paths.draws(10_000) == Evolution(paths.DRAWS, generations=0)
    assert paths.draws(320).population == 20
    assert paths.draws(10).population == paths.FEWEST_DRAWS


def test_capacity_adds_the_logarithm_of_parameters_to_a_score() -> None:
    graph = tiny(TINY).graph
    small, large = (random_path_of(graph, end) for end in (0, -1))
    found = [cost.parameters(restrict(graph, {name: (i,) for name, i in path.items()})) for path in (small, large)]
    assert found[0] < found[1]
    added = [capacity(cost.Costs(graph), path, 0.5) for path in (small, large)]
    assert added == [pytest.approx(0.5 * math.log(each)) for each in found]
    assert capacity(cost.Costs(graph), large, 0) == 0


def random_path_of(graph: Graph, end: int) -> dict[str, int]:
    return activity.walk(graph, lambda decision: decision.indices[end]).assignment


@pytest.mark.parametrize("strategy", ["ssr", "darts", "paths", "sandwich", "random"])
def test_targets_are_met_whatever_the_strategy(strategy: str, tmp_path: Path, costs_of_tiny) -> None:
    macs = sorted({costs["macs"] for costs in costs_of_tiny})
    wanted = macs[len(macs) // 2]
    _, outcome = concluded(tmp_path, search_of(program(strategy, TINY, target__macs=wanted), epochs=6))
    assert outcome.macs == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize("strategy", ["ssr", "paths", "random"])
def test_required_costs_are_never_broken(strategy: str, tmp_path: Path, costs_of_tiny) -> None:
    macs = sorted({costs["macs"] for costs in costs_of_tiny})
    text = TINY.replace("  output body", f"  require macs <= {macs[1]}\n  output body")
    _, outcome = concluded(tmp_path, search_of(program(strategy, text), epochs=6))
    assert outcome.macs <= macs[1]
    assert outcome.broken == ()
