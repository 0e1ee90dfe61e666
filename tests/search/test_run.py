import json
from pathlib import Path

import pytest
import torch

from ssrdsl.search.outcome import conclude
from ssrdsl.search.run import EventWriter, SearchDirectory
from ssrdsl.space import cost
from ssrdsl.space.architecture import apply, read_architecture
from ssrdsl.space.decisions import only
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import Supernet, node_state
from tests.search.spaces import Notes, Stripes, search_of, tiny


class Lines:
    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []

    def write(self, step: int, **values: object) -> None:
        self.events.append(json.loads(json.dumps({"step": step, **values})))


def test_events_contain_steps_and_gates_of_every_epoch(tmp_path: Path) -> None:
    run, lines, notes = SearchDirectory(tmp_path), Lines(), Notes()
    run.path.mkdir(parents=True, exist_ok=True)
    search = search_of()
    search.run(run, search.begin(), (EventWriter(lines), notes))
    steps = [event for event in lines.events if event["kind"] == "step"]
    epochs = [event for event in lines.events if event["kind"] == "epoch"]
    assert [event["step"] for event in steps] == [report.step for report in notes.steps]
    assert "architecture_loss" not in steps[0]
    assert {"architecture_loss", "regularization", "cost", "macs"} <= steps[-1].keys()
    assert [event["epoch"] for event in epochs] == list(range(len(notes.epochs)))
    gates = epochs[0]["gates"]
    assert isinstance(gates, dict)
    assert gates["body.repeat.depth"] == {"0": 0.5, "1": 0.5}
    assert epochs[-1]["architectures"] == "1"


def test_converged_search_has_no_gap_and_its_results_can_be_read(tmp_path: Path) -> None:
    program, task = tiny(), Stripes()
    run, search = SearchDirectory(tmp_path), search_of(program, task, epochs=30)
    run.path.mkdir(parents=True, exist_ok=True)
    state = search.run(run, search.begin())
    assert not (tmp_path / "gap.json").exists()
    outcome = search.conclude(run, state, {"data": "stripes"})
    assert run.is_finished
    assert outcome.converged
    assert outcome.mass == 0
    assert outcome.supernet == outcome.discretized
    assert outcome.weights_of == "discretized"
    graph = apply(program.graph, read_architecture(tmp_path / "architecture.json"))
    assert not graph.open_decisions
    assert outcome.macs == cost.macs(graph)
    assert outcome.parameters == cost.parameters(graph)
    record = json.loads((tmp_path / "gap.json").read_text())
    assert record["data"] == "stripes"
    assert record["discretized"] == outcome.discretized
    stored = torch.load(tmp_path / "weights.pt")["state_dict"]
    expected = {f"{node}.{name}": t for node, tensors in node_state(state.net).items() for name, t in tensors.items()}
    assert stored.keys() == expected.keys()
    assert all(torch.equal(stored[name], tensor) for name, tensor in expected.items())


@pytest.mark.parametrize("held_out", [(0.3, 0.6), (0.6, 0.3)])
def test_weights_of_an_undecided_search_are_selected_on_held_out_images(
    monkeypatch: pytest.MonkeyPatch, held_out: tuple[float, float]
) -> None:
    task, chosen, evaluated = Stripes(), iter(held_out), iter([0.9, *held_out[::-1]])
    monkeypatch.setattr(Stripes, "choose", lambda *_: next(chosen))
    monkeypatch.setattr(Stripes, "evaluate", lambda *_: next(evaluated))
    state = search_of(tiny(), task).begin()
    outcome = conclude(state, task, tiny().graph)
    assert outcome.weights_of == ("recalibrated" if held_out[1] > held_out[0] else "discretized")
    assert (outcome.discretized, outcome.recalibrated) == held_out[::-1]


def test_undecided_search_is_discretized_by_the_largest_gates() -> None:
    program, task = tiny(), Stripes()
    from ssrdsl.search.state import begin
    from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization

    relaxation = SolutionSpaceRegularization().relaxation
    state = begin(program.graph, relaxation, program.settings, 0, torch.device("cpu"))
    with torch.no_grad():
        state.net.gates.alpha[state.net.gates.slices["body.repeat.depth"]] = torch.tensor([0.0, 2.0]).double()
    outcome = conclude(state, task, program.graph)
    assert not outcome.converged
    assert outcome.undecided == len(program.graph.open_decisions)
    assert 0.3 < outcome.mass <= 0.5
    assert outcome.assignment["body.repeat.depth"] == 1
    survivors = only(outcome.assignment)
    narrow = Supernet(restrict(program.graph, survivors))
    shapes = {node: {key: t.shape for key, t in tensors.items()} for node, tensors in node_state(narrow).items()}
    assert shapes == {node: {key: t.shape for key, t in tensors.items()} for node, tensors in outcome.weights.items()}
