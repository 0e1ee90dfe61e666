"""`ssrdsl report` from the command line."""

import json
from pathlib import Path

import pytest

from ssrdsl.cli import main
from tests.search.spaces import TINY


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished search."""
    folder = tmp_path_factory.mktemp("searched")
    (folder / "tiny.ssr").write_text(TINY)
    options = ("--data", "streets:16", "--size", "16x32", "--batch", "4", "--epochs", "1", "--search", "strategy=ssr")
    assert main(["search", str(folder / "tiny.ssr"), *options, "--out", str(folder / "run")]) == 0
    return folder / "run"


def trained(folder: Path, parameters: int) -> Path:
    """The directory of a finished training of a network with a number of parameters."""
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"parameters": parameters, "macs": 1_000_000, "miou": 0.5}))
    return folder


def test_the_first_network_is_that_of_the_search(
    searched: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = json.loads((searched / "gap.json").read_text())["parameters"]
    own, other = trained(tmp_path / "own", parameters), trained(tmp_path / "other", parameters + 1)
    page = tmp_path / "report.html"
    assert main(["report", str(searched), "--network", str(other), "-o", str(page)]) == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert f"other is not the network of the search in {searched}: it has {parameters + 1:,} parameters" in shown
    assert not page.exists()
    assert "warning" not in shown
    both = ["--network", str(own), "--network", f"random={other}"]
    assert main(["report", str(searched), *both, "-o", str(page)]) == 0
    assert "random" in page.read_text()


def test_other_macs_than_those_of_the_search_are_reported(
    searched: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gap = json.loads((searched / "gap.json").read_text())
    for more, warned in ((0, False), (1, True)):
        own = trained(tmp_path / f"own{more}", gap["parameters"])
        costs = {"parameters": gap["parameters"], "macs": gap["search_macs"] + more, "size": gap["size"], "miou": 0.5}
        (own / "result.json").write_text(json.dumps(costs))
        assert main(["report", str(searched), "--network", str(own), "-o", str(tmp_path / "report.html")]) == 0
        shown = " ".join(capsys.readouterr().err.split())
        assert (f"own{more} may not be the network of the search" in shown) == warned


def test_a_missing_run_is_named_with_the_command_that_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path / "nothing")]) == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert shown == (
        f"error: there is no directory {tmp_path / 'nothing'} help: give the --out directory of `ssrdsl search`"
    )


def test_pick_refuses_a_training_of_two_architectures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = trained(tmp_path / "run", 1), tmp_path / "best.json"
    assert main(["pick", f"a.json={run}", f"b.json={run}", "-o", str(out)]) == 2
    assert f"{run} is given twice" in " ".join(capsys.readouterr().err.split())
    assert main(["pick", f"a.json={run}", f"a.json={run}2", "-o", str(out)]) == 2
    assert "a.json is given twice" in " ".join(capsys.readouterr().err.split())
    assert not out.exists()
