"""The defaults make every decision, in a short search as in a long one (benchmarks/gate_dynamics.py goes further)."""

import pytest

from benchmarks.gate_dynamics import SETTINGS, run


@pytest.mark.parametrize(("steps", "epochs"), [(300, 12), (1500, 30)])
@pytest.mark.parametrize("setting", [SETTINGS[0], SETTINGS[1]], ids=lambda setting: setting.name)
def test_search_of_any_length_converges_in_its_last_third(setting, steps: int, epochs: int) -> None:
    ending = run(setting, steps, epochs, seed=0)
    assert ending.undecided == 0
    assert ending.last is not None
    assert 2 / 3 < ending.last <= 1
    assert ending.rank is not None
    assert ending.rank < 2.0, "options are taken no better than by chance, whose mean rank is about 4"
