"""The headers of the shipped spaces, and their overview, state the figures of the compiler.

`SSRDSL_UPDATE_GOLDEN=1` rewrites those of the overview.
"""

import re
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from ssrdsl.language.source import Source
from ssrdsl.space import cost, open_space
from ssrdsl.space.check import check, check_elaborated
from ssrdsl.space.cost import Costs
from ssrdsl.space.elaborate import Elaborated
from ssrdsl.space.sample import Sampler
from tests.spaces.overview import check_overview, sections_of
from tests.spaces.shipped import FOLDER, FOR_SEGMENTATION, SPACES, graph_of, header, program_of, summary_of


def forms(count: int) -> set[str]:
    """How a header may write a number: all of its digits, or rounded with a power of ten."""
    rounded = {f"{Decimal(count):.{places}e}".replace("e+", "e") for places in (2, 3)}
    return {f"{count:,}", *rounded}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ssr")), ids=lambda path: path.stem)
def test_the_header_names_a_paper(path: Path):
    """Authors, where it appeared and when: `(Liu et al., ICLR 2019)`."""
    assert re.search(r"\((\w+ et al\.|\w+(, \w+)* and \w+), [^()]*\b(19|20)\d\d\)", header(path))


@pytest.mark.parametrize("path", sorted({*FOLDER.glob("*.ssr")} - {*SPACES}), ids=lambda path: path.stem)
def test_files_of_definitions_are_sound(path: Path):
    assert check(Source(str(path), path.read_text(encoding="utf-8"))) == ()


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_spaces_are_sound(path: Path):
    program = program_of(path.stem)
    assert check_elaborated(Elaborated(program.graph, program.given, program.warnings)) == ()


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_header_and_overview_state_the_figures(path: Path):
    """One test for each space, so that its figures are computed once."""
    check_size(path)
    check_costs(path)
    check_macs(path)
    check_overview(path.stem)
    kind = "segmentation" if path in FOR_SEGMENTATION else "classification"
    assert sections_of(path.stem) == [f"Spaces for {kind}" if graph_of(path.stem).decisions else "Networks"]


def check_size(path: Path) -> None:
    """The header has the number of architectures or configurations; for a network, of parameters."""
    stated, graph, summary = header(path), graph_of(path.stem), summary_of(path.stem)
    if not graph.decisions:
        assert f"parameters: {cost.parameters(graph):,}" in stated
        return
    assert "architectures:" in stated or "configurations:" in stated
    if "architectures:" in stated:
        assert summary.architectures is not None
        assert any(form in stated for form in forms(summary.architectures))
    if "configurations:" in stated:
        assert any(form in stated for form in forms(summary.configurations))


def check_costs(path: Path) -> None:
    """Costs that the header states are exact, and all bounds hold: for their own architectures and for random ones.

    `MACs: 2,560 (a remark) to 81,873,408. parameters: 2,570 to 492,922.`
    """
    graph, found = graph_of(path.stem), summary_of(path.stem).bounds
    if found is None or not graph.decisions:
        return
    costs, sampler, rng = Costs(graph), Sampler(graph, "decisions"), Random(3)
    samples = [sampler.draw(rng) for _ in range(5)]
    states_costs = re.search(r"\bMACs: \d", header(path)) is not None
    for name, cost_name in (("MACs", "macs"), ("parameters", "parameters")):
        least, greatest = found[cost_name]
        for end in (least, greatest):
            assert end.assignment is not None
            assert costs(cost_name, end.assignment) == end.value
        taken = [costs(cost_name, assignment) for assignment in samples]
        assert least.bound <= least.value <= min(taken)
        assert max(taken) <= greatest.value <= greatest.bound
        if states_costs:
            stated = re.search(rf"\b{name}: ([\d,]+)(?: \([^)]*\))? to ([\d,]+)", header(path))
            assert stated is not None
            assert stated.groups() == tuple(f"{end.value:,}" for end in found[cost_name])
            assert found[cost_name].is_exact


def check_macs(path: Path) -> None:
    """The header has the MACs at every size that it names: `GMACs: 10.902 at 512x1024.`"""
    stated = header(path).partition("GMACs:")[2]
    for gmacs, *size in re.findall(r"([\d.]+) at (\d+)x(\d+)", stated):
        graph = graph_of(path.stem)
        if graph.inputs[0].shapes[0][1:] != tuple(map(int, size)):
            graph = open_space(path, dict(zip(("height", "width"), size, strict=True))).graph
        assert f"{cost.macs(graph) / 1e9:.3f}" == gmacs


def test_some_headers_state_costs():
    assert sum(re.search(r"\bMACs: \d", header(path)) is not None for path in SPACES) >= 3
