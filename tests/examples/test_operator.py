"""The example of an operator: installed, its operators work in files, in the supernet and in emitted files."""

import json
import tomllib
from pathlib import Path

import pytest
import torch

from ssrdsl.cli import main
from ssrdsl.language.source import Source
from ssrdsl.operators import registry
from ssrdsl.space import open_space
from ssrdsl.space.check import check
from ssrdsl.supernet import Supernet
from tests.emission.networks import network_class

EXAMPLE = Path(__file__).parents[2] / "examples/operator"
SPACE = EXAMPLE / "blurred.ssr"


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as an installer would leave it: its code and its metadata on the path."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    information = tmp_path / "site" / "ssrdsl_blur-0.1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n")
    lines = (f"{name} = {value}" for name, value in project["entry-points"]["ssrdsl.operators"].items())
    (information / "entry_points.txt").write_text("[ssrdsl.operators]\n" + "\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(EXAMPLE)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(registry, "_loaded", None)


@pytest.mark.usefixtures("_installed")
def test_space_is_sound_sampled_relaxed_and_emitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SPACE)]) == 0
    assert capsys.readouterr().out == "1 file checked, no errors\n"
    assert main(["sample", str(SPACE), "-n", "3", "-o", str(tmp_path / "drawn")]) == 0
    image = torch.randn(1, 3, 16, 32)
    supernet = Supernet(open_space(SPACE, {"height": "16", "width": "32"}).graph, seed=0)
    assert supernet(image).shape == (1, 8, 16, 32)
    architecture, model = tmp_path / "drawn/blurred-0.json", tmp_path / "model.py"
    held = json.loads(architecture.read_text())
    wanted = {"k": "3", "choose": "mish"}
    held["decisions"] = {name: wanted.get(name.rpartition(".")[2], label) for name, label in held["decisions"].items()}
    architecture.write_text(json.dumps(held))
    assert main(["emit", str(SPACE), "--architecture", str(architecture), "--model-py", str(model)]) == 0
    text = model.read_text()
    assert "count_include_pad=False" in text
    assert "mish" in text.lower()
    assert "ssrdsl" not in [line.split()[1] for line in text.splitlines() if line.startswith("import")]
    assert network_class(text)().eval()(image).shape == (1, 8, 16, 32)


@pytest.mark.usefixtures("_installed")
def test_operators_are_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "blur"]) == 0
    assert capsys.readouterr().out.startswith("blur(kernel=3)\n")


@pytest.mark.usefixtures("_installed")
def test_even_window_is_a_mistake() -> None:
    (found,) = check(Source("even.ssr", "space even {\n  input image: 3, 8, 8\n  output image -> blur(4)\n}\n"))
    assert found.code == "E0205"
    assert "blur(3)" in (found.help or "")


def test_without_the_package_the_name_is_unknown() -> None:
    assert check(Source(str(SPACE), SPACE.read_text()))[0].code == "E0301"
