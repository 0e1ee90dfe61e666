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
    both = ["--network", str(own), "--network", f"random={other}"]
    assert main(["report", str(searched), *both, "-o", str(page)]) == 0
    assert "random" in page.read_text()
