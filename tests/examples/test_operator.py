"""The example of an operator: installed, its operators work in files, in the supernet and in emitted files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/operator"
ROOT = EXAMPLE.parents[1]
Python = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Run Python with the package as an installer would leave it: its code and its metadata on the path."""
    import tomllib

    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    information = tmp_path / "site" / "ssrdsl_blur-0.1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n")
    lines = (f"{name} = {value}" for name, value in project["entry-points"]["ssrdsl.operators"].items())
    (information / "entry_points.txt").write_text("[ssrdsl.operators]\n" + "\n".join(lines) + "\n")
    path = os.pathsep.join([str(tmp_path / "site"), str(EXAMPLE), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)

    return run


SUPERNET = """
import sys, torch
from ssrdsl.space import open_space
from ssrdsl.supernet import Supernet
torch.set_num_threads(1)
net = Supernet(open_space(sys.argv[1], {"height": "16", "width": "32"}).graph, seed=0)
print(tuple(net(torch.randn(1, 3, 16, 32)).shape), "torch" in sys.modules)
"""

COMMAND = "import sys; from ssrdsl.cli import main; sys.exit(main(sys.argv[1:]))"


def test_space_is_sound_sampled_relaxed_and_emitted(python: Python, tmp_path: Path) -> None:
    space = str(EXAMPLE / "blurred.ssr")
    checked = python("-c", COMMAND, "check", space)
    assert (checked.returncode, checked.stdout) == (0, "1 file checked, no errors\n"), checked.stderr
    drawn = python("-c", COMMAND, "sample", space, "-n", "3", "-o", str(tmp_path / "drawn"))
    assert drawn.returncode == 0, drawn.stderr
    relaxed = python("-c", SUPERNET, space)
    assert relaxed.stdout == "(1, 8, 16, 32) True\n", relaxed.stderr
    architecture = tmp_path / "drawn/blurred-0.json"
    held = json.loads(architecture.read_text())
    wanted = {"k": "3", "choose": "mish"}
    held["decisions"] = {name: wanted.get(name.rpartition(".")[2], label) for name, label in held["decisions"].items()}
    architecture.write_text(json.dumps(held))
    model = tmp_path / "model.py"
    emitted = python("-c", COMMAND, "emit", space, "--architecture", str(architecture), "--model-py", str(model))
    assert emitted.returncode == 0, emitted.stderr
    text = model.read_text()
    assert "count_include_pad=False" in text
    assert "mish" in text.lower()
    assert "ssrdsl" not in [line.split()[1] for line in text.splitlines() if line.startswith("import")]
    alone = subprocess.run(
        [sys.executable, str(model), "--size", "16x32", "--device", "cpu"], capture_output=True, text=True, cwd=tmp_path
    )
    assert alone.returncode == 0, alone.stderr


def test_operators_are_described(python: Python) -> None:
    shown = python("-c", COMMAND, "operators", "blur")
    assert shown.stdout.startswith("blur(kernel=3)\n"), shown.stderr


def test_even_window_is_a_mistake(python: Python, tmp_path: Path) -> None:
    path = tmp_path / "even.ssr"
    path.write_text("space even {\n  input image: 3, 8, 8\n  output image -> blur(4)\n}\n")
    checked = python("-c", COMMAND, "check", str(path))
    assert checked.returncode == 2
    assert "E0205" in checked.stderr
    assert "blur(3)" in checked.stderr


def test_without_the_package_the_name_is_unknown() -> None:
    from ssrdsl.language.source import Source
    from ssrdsl.space.check import check

    space = EXAMPLE / "blurred.ssr"
    assert check(Source(str(space), space.read_text()))[0].code == "E0301"
