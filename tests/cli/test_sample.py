"""`ssrdsl sample`: tables, lines and files of architectures that meet the requirements."""

import json
from pathlib import Path

import pytest

from ssrdsl.cli import main
from ssrdsl.space import open_space
from ssrdsl.space.architecture import apply, read_architecture
from ssrdsl.space.cost import macs, parameters

TEXT = """space small(classes=4) {
  input image: 3, 8, 8
  a = {1..4}
  b = {1..4}
  require a + b == 5
  require macs <= 16k
  output image -> conv(8 * a, 3) -> conv(8 * b, 1) -> conv(classes, 1)
}
"""  # (a, b): macs 64 * (216 a + 64 a b + 32 b)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.ssr"
    path.write_text(TEXT.replace("16k", "60k"))
    return path


def test_lines_are_architectures_that_meet_the_requirements(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for by in ("decisions", "architectures"):
        assert main(["sample", str(file), "-n", "40", "--by", by, "--json"]) == 0
        drawn = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert len(drawn) == 40
        # 8 a * 27 * 64 + 64 a b * 64 + 32 b * 64 <= 60k: (1, 4) 38,400, (2, 3) 58,368, but not (3, 2) 70,144
        taken = {(item["decisions"]["a"], item["decisions"]["b"]) for item in drawn}
        assert taken == {("1", "4"), ("2", "3")}
        assert drawn[0]["space"] == "small"
        assert drawn[0]["parameters"] == {"classes": 4}


def test_files_hold_what_the_table_says(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", str(file), "-n", "12", "--seed", "3", "-o", str(tmp_path / "out")]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    graph = open_space(file).graph
    paths = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in paths] == [f"small-{number:02}.json" for number in range(12)]
    for row, path in zip(rows, paths, strict=True):
        network = apply(graph, read_architecture(path))
        assert row[1:3] == [f"{macs(network):,}", f"{parameters(network):,}"]


def test_seed_decides(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for seed in ("1", "1", "2"):
        assert main(["sample", str(file), "-n", "30", "--seed", seed, "--json"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] != outputs[2]


def test_parameters_are_set_and_mistakes_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", str(file), "-n", "1", "--json", "--set", "classes=7"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == {"classes": 7}
    assert main(["sample", str(file), "-n", "1", "--set", "classes=1M"]) == 2
    assert "there is no architecture of `small` with macs <= 60,000" in capsys.readouterr().err
    assert main(["sample", str(file.with_name("none.ssr"))]) == 2
    assert "cannot read" in capsys.readouterr().err
