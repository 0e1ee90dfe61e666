"""The figures in the headers of the shipped spaces are those of the compiler."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from ssrdsl.space import cost, open_space
from ssrdsl.space.ranges.bounds import bounds
from ssrdsl.space.size import architectures, configurations
from tests.spaces.shipped import FOLDER, SPACES, header


def forms(count: int) -> set[str]:
    """How a header may write a number: all of its digits, or rounded with a power of ten."""
    rounded = {f"{Decimal(count):.{places}e}".replace("e+", "e") for places in (2, 3)}
    return {f"{count:,}", *rounded}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ssr")), ids=lambda path: path.stem)
def test_the_header_names_a_paper(path: Path):
    """Authors, where it appeared and when: `(Liu et al., ICLR 2019)`."""
    assert re.search(r"\((\w+ et al\.|\w+(, \w+)* and \w+), [^()]*\b(19|20)\d\d\)", header(path))


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_the_header_states_the_size(path: Path):
    stated = header(path)
    graph = open_space(path).graph
    if not graph.decisions:
        assert f"parameters: {cost.parameters(graph):,}" in stated
        return
    assert "architectures:" in stated or "configurations:" in stated
    if "architectures:" in stated:
        assert any(form in stated for form in forms(architectures(graph)))
    if "configurations:" in stated:
        assert any(form in stated for form in forms(configurations(graph)))


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_the_header_states_the_macs_at_every_size_it_names(path: Path):
    program = open_space(path)
    stated = header(path).partition("GMACs:")[2]
    for gmacs, height, width in re.findall(r"([\d.]+) at (\d+)x(\d+)", stated):
        sized = {"height", "width"} <= program.parameters.keys()
        graph = open_space(path, {"height": height, "width": width}).graph if sized else program.graph
        assert graph.inputs[0].shapes[0][1:] == (int(height), int(width))
        assert f"{cost.macs(graph) / 1e9:.3f}" == gmacs


STATING_COSTS = [path for path in SPACES if re.search(r"\bMACs: \d", header(path)) and open_space(path).graph.decisions]


@pytest.mark.parametrize("path", STATING_COSTS, ids=lambda path: path.stem)
def test_the_header_states_the_least_and_the_greatest_costs(path: Path):
    """`MACs: 2,560 (a remark) to 81,873,408. parameters: 2,570 to 492,922.`"""
    found = bounds(open_space(path).graph)
    for name, cost_name in (("MACs", "macs"), ("parameters", "parameters")):
        stated = re.search(rf"\b{name}: ([\d,]+)(?: \([^)]*\))? to ([\d,]+)", header(path))
        assert stated is not None
        assert stated.groups() == tuple(f"{end.value:,}" for end in found[cost_name])
        assert found[cost_name].is_exact
