import random

import pytest

from ssrdsl.errors import UserError
from ssrdsl.search.evolution import Evolution, evolve
from ssrdsl.search.feasible import Assignment, Feasible
from ssrdsl.space import cost
from ssrdsl.space.decisions import only
from ssrdsl.space.ranges.bounds import bounds
from ssrdsl.space.restrict import restrict
from ssrdsl.space.windows.window import Window, joined
from tests.search.spaces import TINY, tiny

GRAPH = tiny().graph
MACS = bounds(GRAPH)["macs"]
MIDDLE = (int(MACS.minimum.value) + int(MACS.maximum.value)) / 2


def costs(assignment: Assignment) -> dict[str, int]:
    found = restrict(GRAPH, only(assignment))
    assert not found.open_decisions
    assert set(found.decisions) == set(assignment), "exactly the active decisions"
    return {"macs": cost.macs(found), "parameters": cost.parameters(found)}


def test_drawn_mutated_and_crossed_architectures_are_within_the_window() -> None:
    window = Window("macs", 0.75 * MIDDLE, 1.25 * MIDDLE)
    feasible, rng = Feasible(GRAPH, [window]), random.Random(0)
    one, other = feasible.draw(rng), feasible.draw(rng)
    made = [one, other, *(feasible.mutated(one, rng, 0.2) for _ in range(9)), *(feasible.crossed(one, other, rng),)]
    found = [assignment for assignment in made if assignment is not None]
    assert len(found) > 8
    for assignment in found:
        assert 0.75 * MIDDLE <= costs(assignment)["macs"] <= 1.25 * MIDDLE
        assert feasible.excess(assignment) == 0
    assert len({tuple(sorted(assignment.items())) for assignment in found}) > 4


def test_bounds_and_conditions_that_the_space_requires_are_kept() -> None:
    bound = int(MIDDLE)
    name = next(name for name in GRAPH.decisions if name.endswith("depth"))
    program = tiny(TINY.replace("  output body", f"  require macs <= {bound}\n  output body"))
    feasible, rng = Feasible(program.graph, joined(program.graph.cost_bounds)), random.Random(1)
    drawn = [feasible.draw(rng) for _ in range(10)]
    assert all(costs(assignment)["macs"] <= bound for assignment in drawn)
    assert {assignment[name] for assignment in drawn}


def test_a_window_without_architectures_is_an_error() -> None:
    beyond = 2 * int(MACS.maximum.value)
    with pytest.raises(UserError, match="no architecture of `tiny` with MACs == "):
        Feasible(GRAPH, [Window("macs", beyond, beyond)]).draw(random.Random(0))


def score(assignment: Assignment) -> float:
    return sum(index * (1 + place) for place, (_, index) in enumerate(sorted(assignment.items())))


def test_evolution_finds_the_best_of_a_small_space() -> None:
    scored = evolve(Feasible(GRAPH), score, Evolution(population=12, parents=4, generations=12), seed=1)
    assert scored[0].score == max(score(Feasible(GRAPH).draw(random.Random(seed))) for seed in range(150))
    assert [each.score for each in scored] == sorted((each.score for each in scored), reverse=True)
    keys = [tuple(sorted(each.assignment.items())) for each in scored]
    assert len(set(keys)) == len(keys)


def test_evolution_depends_on_its_seed_alone() -> None:
    settings = Evolution(population=6, parents=3, generations=2)
    one, again, other = (evolve(Feasible(GRAPH), score, settings, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_evolution_stays_within_a_window() -> None:
    window = Window("macs", 0.75 * MIDDLE, 1.25 * MIDDLE)
    scored = evolve(Feasible(GRAPH, [window]), score, Evolution(6, 3, 3))
    assert all(0.75 * MIDDLE <= costs(each.assignment)["macs"] <= 1.25 * MIDDLE for each in scored)


def test_evolution_ends_where_a_space_is_exhausted() -> None:
    program = tiny(TINY.replace("{1..2}", "1").replace("{2, 4}", "4"))
    scored = evolve(Feasible(program.graph), score, Evolution(50, 5, 3))
    assert len(scored) == 2
