import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.search.schedule import LARGEST_RATE, RAMP_END, Schedule
from ssrdsl.space.settings import ArchitectureSettings, SearchSettings, WeightSettings

LENGTHS = (300, 1000, 100_000)


def schedule(steps: int, **settings: object) -> Schedule:
    return Schedule(steps, SearchSettings.model_validate(settings))


@pytest.mark.parametrize("steps", LENGTHS)
def test_warm_up_is_a_fifth_of_any_length(steps: int) -> None:
    s = schedule(steps)
    assert s.warm_up == steps // 5
    assert not s.moves_architecture(s.warm_up - 1)
    assert s.moves_architecture(s.warm_up)
    assert s.progress(s.warm_up) == 0
    assert s.progress(steps) == 1


@pytest.mark.parametrize("steps", LENGTHS)
def test_parameters_can_travel_equally_far_whatever_the_length(steps: int) -> None:
    s = schedule(steps)
    travel = sum(s.architecture_rate(step) for step in range(s.warm_up, steps))
    assert travel == pytest.approx(19.8, rel=0.02)
    rates = [s.architecture_rate(step) for step in range(s.warm_up, steps)]
    assert rates == sorted(rates)


def test_shape_of_the_schedule_depends_on_the_share_of_steps_alone() -> None:
    short, long = schedule(300), schedule(3000)
    for step in range(0, 300, 7):
        assert short.ramp(step) == pytest.approx(long.ramp(10 * step))
        assert short.ssr_factor(step, 0.1) == pytest.approx(long.ssr_factor(10 * step, 0.1))
        assert short.architecture_rate(step) == pytest.approx(10 * long.architecture_rate(10 * step))


def test_ssr_weight_starts_at_zero_and_is_full_half_way() -> None:
    s = schedule(1000)
    assert s.ramp(s.warm_up) == 0
    assert s.ramp(200 + round(RAMP_END * 800)) == 1
    assert s.ramp(999) == 1


def test_insistence_raises_what_lags_and_nothing_else() -> None:
    s = schedule(1000)
    assert s.ssr_factor(200, 0.0) == 1
    assert s.ssr_factor(999, 1.0) == 1
    assert s.ssr_factor(999, 1.5) == 1
    assert s.ssr_factor(999, 0.0) == pytest.approx(math.exp(7))
    assert 1 < s.ssr_factor(600, 0.2) < s.ssr_factor(600, 0.1) < s.ssr_factor(800, 0.1)


def test_weight_rate_falls_to_nothing_and_is_larger_in_short_searches() -> None:
    assert schedule(100_000).weight_rate(0) == pytest.approx(3e-4)
    assert 3e-4 < schedule(3000).weight_rate(0) < schedule(300).weight_rate(0) < LARGEST_RATE
    assert schedule(10).weight_rate(0) == LARGEST_RATE
    s = schedule(300)
    assert s.weight_rate(299) < 0.01 * s.weight_rate(0)


def test_rates_of_the_file_are_taken() -> None:
    s = Schedule(
        100, SearchSettings(weights=WeightSettings(rate=0.5), architecture=ArchitectureSettings(rate=0.1, warm_up=0.5))
    )
    assert s.weight_rate(0) == 0.5
    assert s.warm_up == 50
    assert s.architecture_rate(75) == pytest.approx(0.1, rel=0.02)


@given(steps=st.integers(1, 10_000), warm_up=st.floats(0, 0.999))
def test_every_search_has_an_architecture_step(steps: int, warm_up: float) -> None:
    s = Schedule(steps, SearchSettings(architecture=ArchitectureSettings(warm_up=warm_up)))
    assert s.moves_architecture(steps - 1)
    for step in (0, steps // 2, steps - 1):
        assert math.isfinite(s.weight_rate(step))
        assert math.isfinite(s.architecture_rate(step))
        assert 0 <= s.progress(step) <= 1
