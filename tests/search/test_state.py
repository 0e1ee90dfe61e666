from pathlib import Path

import pytest
import torch
from torch import Tensor

from ssrdsl.search.loop import Stopped
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.state import State, narrow
from ssrdsl.supernet.parts import sliced
from ssrdsl.supernet.transfer import kept_options
from tests.search.spaces import TINY, Notes, search_of, tiny

UNDECIDED = TINY + "search { shrink.below = 0.001 }\n"
"""So low a bound that a few epochs drop nothing."""


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A search after its fourth epoch, the second with steps of the architecture, with everything open."""
    run, search, notes = SearchDirectory(tmp_path), search_of(tiny(UNDECIDED)), Notes()
    run.path.mkdir(parents=True, exist_ok=True)
    state = search.begin()
    with pytest.raises(Stopped):
        search.run(run, state, (notes,), lambda: len(notes.steps) == 16)
    return state


def test_gates_learn_with_short_memory_and_without_decay(state: State) -> None:
    assert state.architecture is not None
    (gates,) = state.architecture.param_groups
    assert gates["params"] == [state.net.gates.alpha]
    assert (gates["betas"], gates["weight_decay"]) == ((0.5, 0.999), 0)
    (weights,) = state.weights.param_groups
    assert [id(each) for each in weights["params"]] == [id(each) for each in state.net.weights()]
    assert (weights["betas"], weights["weight_decay"]) == ((0.9, 0.999), 1e-4)


def test_after_every_epoch_the_largest_sigmoid_of_a_decision_is_one_half(state: State) -> None:
    gates = state.net.gates
    assert len({round(gate, 6) for gate in gates.values()["body.repeat.depth"].values()}) > 1
    for part in gates.slices.values():
        assert torch.sigmoid(gates.alpha[part]).max().item() == pytest.approx(0.5, abs=1e-12)


def test_moments_of_weights_and_gates_follow_into_the_smaller_supernet(state: State) -> None:
    old, before = state.net, {id(key): dict(value) for key, value in state.weights.state.items()}
    assert state.architecture is not None
    gate_moments = dict(state.architecture.state[old.gates.alpha])
    narrow(state, {"body.cell[0].(d)": (1,), "body.cell[0].d=2.mid": (0,)}, tiny(UNDECIDED).settings)
    assert len(state.net.gates.alpha) < len(old.gates.alpha)
    theirs = dict(old.named_parameters())
    smaller = 0
    for name, weight in state.net.named_parameters():
        if name == "gates.alpha":
            continue
        for key in ("exp_avg", "exp_avg_sq"):
            moment: Tensor = state.weights.state[weight][key]
            assert torch.equal(moment, sliced(before[id(theirs[name])][key], weight.shape)), name
            assert moment.any()
        smaller += weight.shape != theirs[name].shape
    assert smaller
    for key in ("exp_avg", "exp_avg_sq"):
        expected = kept_options(gate_moments[key], old.gates, state.net.gates)
        assert torch.equal(state.architecture.state[state.net.gates.alpha][key], expected)
