from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
import torch
from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.search.loop import Stopped
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.search import Searcher
from ssrdsl.search.state import State, begin
from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization
from tests.search.spaces import SIZED, TINY, Notes, Stripes, search_of, tiny


def searched(folder: Path, search: Searcher, notes: Notes | None = None) -> State:
    run = SearchDirectory(folder)
    run.path.mkdir(parents=True, exist_ok=True)
    return search.run(run, search.begin(), (notes or Notes(),))


class Whole(NamedTuple):
    """A search that ran to its end, with its task and reports."""

    state: State
    task: Stripes
    notes: Notes


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A search of ten epochs."""
    notes, task = Notes(), Stripes()
    return Whole(searched(tmp_path_factory.mktemp("ten"), search_of(task=task), notes), task, notes)


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A search of eight epochs."""
    notes, task = Notes(), Stripes()
    return Whole(searched(tmp_path_factory.mktemp("eight"), search_of(task=task, epochs=8), notes), task, notes)


def test_search_ends_by_itself_with_one_survivor_everywhere(tmp_path: Path) -> None:
    notes = Notes()
    search = search_of(epochs=30)
    state = searched(tmp_path, search, notes)
    assert state.converged
    assert state.step < search.schedule.steps
    assert notes.epochs[-1].left.architectures == 1
    assert notes.epochs[-1].left.decisions == {}


def test_supernet_gets_smaller_as_options_fall(ten: Whole) -> None:
    epochs = ten.notes.epochs
    sizes = [epoch.left.parameters for epoch in epochs]
    counts = [epoch.left.architectures or 0 for epoch in epochs]
    assert sizes == sorted(sizes, reverse=True)
    assert counts == sorted(counts, reverse=True)
    assert sizes[-1] < sizes[0]
    assert counts[0] > counts[-1] == 1
    assert sum(epoch.dropped.options for epoch in epochs) > 0
    assert all(0 <= epoch.dropped.largest_mass < 0.5 for epoch in epochs)


def test_warm_up_leaves_the_architecture_alone(ten: Whole) -> None:
    assert [report.architecture_loss is None for report in ten.notes.steps[:10]] == [True] * 8 + [False] * 2
    for epoch in ten.notes.epochs[:2]:
        assert all(len(set(values.values())) == 1 for values in epoch.gates.values())
    assert min(epoch for epoch, stream, _ in ten.task.drawn if stream == "architecture") == 2


def test_a_step_of_the_weights_moves_no_gate_and_the_reverse() -> None:
    program = tiny()
    net = begin(program.graph, SolutionSpaceRegularization().relaxation, program.settings, 0, torch.device("cpu")).net
    images, labels = next(Stripes().batches(0, "weights", 0))
    moved: tuple[tuple[Literal["weights", "gates"], bool, bool], ...] = (
        ("weights", False, True),
        ("gates", True, False),
    )
    for what, alpha, weights in moved:
        net.zero_grad(set_to_none=True)
        with net.learning(what):
            torch.nn.functional.cross_entropy(net(images), labels).backward()
        assert (net.gates.alpha.grad is not None) == alpha
        assert any(weight.grad is not None for weight in net.weights()) == weights


def test_the_same_seed_gives_the_same_search(tmp_path: Path) -> None:
    first, second = (searched(tmp_path / name, search_of(epochs=5)) for name in ("a", "b"))
    assert_same(first, second)


def test_epochs_that_run_out_leave_decisions_open(tmp_path: Path) -> None:
    state = searched(tmp_path, search_of(tiny(TINY + "search { shrink.below = 0.001 }\n"), epochs=1))
    assert not state.converged
    assert state.step == 4


def test_finish_goes_on_with_the_weights_to_the_last_epoch(tmp_path: Path) -> None:
    notes = Notes()
    search = search_of(epochs=30, finish=True)
    state = searched(tmp_path, search, notes)
    assert state.step == search.schedule.steps
    assert notes.steps[-1].architecture_loss is None


def test_divergence_names_the_step(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="diverged at step 6 of 40: the loss of the weights step is nan") as caught:
        searched(tmp_path, search_of(task=Stripes(poison=5)))
    assert "weights.rate" in (caught.value.help or "")


def test_a_rate_that_blows_up_is_reported(tmp_path: Path) -> None:
    program = tiny(TINY + "search { weights.rate = 1e30 }\n")
    with pytest.raises(UserError, match=r"diverged at step \d+ of 40"):
        searched(tmp_path, search_of(program))


def test_a_batch_too_small_for_a_batch_norm_is_reported(tmp_path: Path) -> None:
    program = tiny(TINY.replace("body -> conv(classes, 1)", "body -> adaptive_avgpool(1) -> bn -> conv(classes, 1)"))
    with pytest.raises(UserError, match="has a single value per channel") as caught:
        searched(tmp_path, search_of(program, Stripes(batch=1)))
    assert (caught.value.help or "").startswith("set --batch to 2 or more")


@pytest.mark.parametrize("stop_after", [1, 9, 12, 18])
def test_stopped_and_resumed_is_as_run_through(eight: Whole, tmp_path: Path, stop_after: int) -> None:
    run, notes = SearchDirectory(tmp_path / "parts"), Notes()
    run.path.mkdir(parents=True, exist_ok=True)
    search = search_of(epochs=8)
    with pytest.raises(Stopped):
        search.run(run, search.begin(), (notes,), lambda: len(notes.steps) >= stop_after)
    assert len(notes.steps) == stop_after
    again = search_of(epochs=8)
    held = again.resume(run)
    assert held is not None
    assert held.step == stop_after
    assert_same(again.run(run, held, (notes,)), eight.state)
    assert [report.step for report in notes.steps] == list(range(1, eight.state.step + 1))
    means = [[(epoch.loss, epoch.architecture_loss) for epoch in each.epochs] for each in (notes, eight.notes)]
    assert means[0] == means[1]


@dataclass
class Sighted(Stripes):
    """A task in which larger images are better by so much, or worse if that is negative."""

    gain: float = 0.0

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        height = output[0].shape[2]
        fitting = torch.nn.functional.interpolate(labels[:, None].float(), size=output[0].shape[2:])[:, 0].long()
        loss: Tensor = super().loss(output, fitting) - self.gain * height / 8
        return loss


@pytest.mark.parametrize(("gain", "taken"), [(1.0, 2), (-1.0, 0)])
def test_sizes_of_images_are_searched_by_the_loss_that_they_lead_to(tmp_path: Path, gain: float, taken: int) -> None:
    state = searched(tmp_path, search_of(tiny(SIZED), Sighted(gain=gain), epochs=30))
    assert state.converged
    assert state.survivors["size"] == (taken,)


def test_drawn_sizes_are_the_same_after_a_stop(tmp_path: Path) -> None:
    def search() -> Searcher:
        return search_of(tiny(SIZED), Sighted(gain=0.1), epochs=6)

    whole, notes = searched(tmp_path / "whole", search()), Notes()
    run = SearchDirectory(tmp_path / "parts")
    run.path.mkdir(parents=True, exist_ok=True)
    with pytest.raises(Stopped):
        search().run(run, search().begin(), (notes,), lambda: len(notes.steps) >= 14)
    held = search().resume(run)
    assert held is not None
    assert_same(search().run(run, held, (notes,)), whole)


def assert_same(one: State, other: State) -> None:
    """The same options left, weights, gates, statistics and moments, bit for bit."""
    assert one.step == other.step
    assert one.survivors == other.survivors
    states = one.net.state_dict(), other.net.state_dict()
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        same = torch.equal(value, states[1][name]) if isinstance(value, torch.Tensor) else value == states[1][name]
        assert same, name
    moments = [state.weights.state_dict()["state"] for state in (one, other)]
    assert moments[0].keys() == moments[1].keys()
    for key, values in moments[0].items():
        assert all(torch.equal(values[name], moments[1][key][name]) for name in values)
