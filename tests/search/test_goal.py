from itertools import pairwise

import pytest

from ssrdsl.errors import UserError
from ssrdsl.search.goal import between_steps, goal, meets
from ssrdsl.space.settings import Target
from ssrdsl.space.windows.window import Window, around
from tests.search.spaces import TINY, tiny


def with_requirement(text: str):
    return tiny(TINY.replace("  stem", f"  require {text}\n  stem")).graph


def test_without_targets_and_requirements_every_cost_is_allowed() -> None:
    assert goal(tiny().graph, Target()) == ()
    assert meets((), {"macs": 10**30})


def test_a_target_is_a_window_of_one_percent(streets) -> None:
    assert goal(streets, Target(macs=40e6)) == (Window("macs", 39_600_000, 40_400_000),)
    both = goal(streets, Target(macs=40e6, parameters=90e3))
    assert both == (Window("macs", 39_600_000, 40_400_000), Window("parameters", 89_100, 90_900))
    assert meets(both, {"macs": 40_000_000, "parameters": 90_000})
    assert not meets(both, {"macs": 40_000_000, "parameters": 80_000})


def test_the_window_of_a_target_contains_an_integer() -> None:
    assert around("macs", 23.6, 0.01) == Window("macs", 23, 24)
    assert around("macs", 24, 0.01) == Window("macs", 24, 24)


def test_a_requirement_is_a_window_without_a_target() -> None:
    assert goal(with_requirement("macs <= 1M"), Target()) == (Window("macs", greatest=1_000_000),)


def test_between_coarse_steps_the_nearest_architecture_counts(costs_of_tiny) -> None:
    macs = sorted({costs["macs"] for costs in costs_of_tiny})
    low, high = max(pairwise(macs), key=lambda pair: pair[1] / pair[0])
    wanted = low + 0.4 * (high - low)
    (window,) = goal(tiny().graph, Target(macs=wanted))
    assert (window.least, window.holds(high)) == (low, False)
    (printed,) = between_steps(Target(macs=wanted), (window,))
    assert f"no architecture has about {wanted:,.12g} MACs; the nearest one has {low:,} MACs" in printed


def test_targets_that_are_met_are_not_reported(costs_of_tiny) -> None:
    macs = [costs["macs"] for costs in costs_of_tiny]
    for target in (Target(), *(Target(macs=value * 1.009) for value in macs)):
        assert list(between_steps(target, goal(tiny().graph, target))) == []


@pytest.mark.parametrize(("wanted", "end"), [(1.0, min), (1e12, max)])
def test_a_target_out_of_range_is_an_error_with_the_nearest_value(wanted, end, costs_of_tiny) -> None:
    with pytest.raises(UserError, match=r"target\.macs: no architecture has about") as caught:
        goal(tiny().graph, Target(macs=wanted))
    nearest = end(costs["macs"] for costs in costs_of_tiny)
    assert caught.value.help is not None
    assert f"the nearest value is {nearest:,}" in caught.value.help


def test_a_target_beyond_a_requirement_is_an_error(costs_of_tiny) -> None:
    least = min(costs["macs"] for costs in costs_of_tiny)
    with pytest.raises(UserError, match=r"target\.macs: no architecture has about"):
        goal(with_requirement(f"macs <= {least}"), Target(macs=2 * least))
