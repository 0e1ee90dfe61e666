"""Small spaces with golden files of their emitted classes, which compute the function of the graph."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ssrdsl.space import cost
from ssrdsl.supernet import Supernet, load_node_state, node_state
from tests.emission.compared import emitted_state, tensors, varied
from tests.emission.networks import CASES, classes_of, emitted, file_of, graph_of
from tests.golden import check_golden

SPACES = sorted(path.stem for path in CASES.glob("*.ssr"))
SEEDS = (0, 1, 2)


@pytest.mark.parametrize("name", SPACES)
def test_classes_read_as_kept(name: str):
    check_golden(CASES / f"{name}.py.txt", classes_of(file_of(graph_of(CASES / f"{name}.ssr", seed=1))))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SPACES)
def test_file_and_graph_agree(name: str, seed: int):
    """Parameters, MACs, auxiliary heads, names of parameters, outputs, and a backward pass."""
    graph = graph_of(CASES / f"{name}.ssr", seed)
    made, names = emitted(graph)
    has_heads = any(output.auxiliary for output in graph.outputs)
    generator = torch.Generator().manual_seed(seed)
    images = [torch.rand(2, *map(int, node.shapes[0]), generator=generator) for node in graph.inputs]
    model = made(auxiliary=True) if has_heads else made()
    net = Supernet(graph, seed=seed)
    _share(net, model, names, generator)
    assert sum(p.numel() for p in made().parameters()) == cost.parameters(graph)
    assert sum(p.numel() for p in model.parameters()) == cost.parameters(graph, auxiliary=True)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        found = model.eval()(*(image[:1] for image in images))
    assert counter.get_total_flops() == 2 * cost.macs(graph)
    with torch.no_grad():
        wanted = net.eval()(*(image[:1] for image in images))
    for one, other in zip(tensors(found), tensors(wanted), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    _check_backward(model, images, has_heads)


def _share(net: Supernet, model: nn.Module, names: dict[str, str], generator: torch.Generator) -> None:
    """Give both networks the same nontrivial weights and statistics."""
    state = varied(node_state(net), generator)
    load_node_state(net, state)
    model.load_state_dict(emitted_state(state, names), strict=True)


def _check_backward(model: nn.Module, images: list[torch.Tensor], has_heads: bool) -> None:
    """In-place activations do not overwrite tensors that the backward pass needs; every parameter gets a gradient."""
    given = model.train()(*images)
    outputs = [*tensors(given[0]), *given[1].values()] if has_heads else tensors(given)
    torch.stack([output.square().mean() for output in outputs]).sum().backward()
    assert [name for name, parameter in model.named_parameters() if parameter.grad is None] == []


def test_heads_are_there_for_training_alone():
    made, _ = emitted(graph_of(CASES / "heads.ssr"))
    image = torch.rand(2, 3, 32, 32)
    assert isinstance(made().train()(image), torch.Tensor)
    assert isinstance(made(auxiliary=True).eval()(image), torch.Tensor)
    output, heads = made(auxiliary=True).train()(image)
    assert output.shape == heads["quarter"].shape == (2, 5, 32, 32)
    assert heads["half"].shape == (2, 5, 16, 16)


def test_every_operator_with_weights_has_a_name_of_its_own():
    for name in SPACES:
        graph = graph_of(CASES / f"{name}.ssr")
        made, names = emitted(graph)
        model = made(auxiliary=True) if any(output.auxiliary for output in graph.outputs) else made()
        modules = {path for path, module in model.named_modules() if list(module.parameters(recurse=False))}
        assert set(names.values()) == modules, name
        assert len(names) == len(modules), name


def test_other_members_of_a_module_stay_as_they_were():
    made, _ = emitted(graph_of(CASES / "names.ssr"))
    model = made()
    assert next(model.half().parameters()).dtype == torch.float16
    assert model.train() is model


def test_a_width_of_the_space_may_be_given_anew():
    made, _ = emitted(graph_of(CASES / "heads.ssr"))
    assert made(classes=9)(torch.rand(2, 3, 32, 32)).shape == (2, 9, 32, 32)


def test_cases_are_there():
    assert len(SPACES) >= 8
    assert all((CASES / f"{name}.py.txt").is_file() for name in SPACES), Path(CASES)
