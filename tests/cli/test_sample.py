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


def test_files_agree_with_the_table(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", str(file), "-n", "12", "--seed", "3", "-o", str(tmp_path / "out")]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    graph = open_space(file).graph
    paths = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in paths] == [f"small-{number:02}.json" for number in range(12)]
    for row, path in zip(rows, paths, strict=True):
        network = apply(graph, read_architecture(path))
        assert row[1:3] == [f"{macs(network):,}", f"{parameters(network):,}"]


def test_all_architectures_are_written_if_there_are_fewer_than_asked_for(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sample", str(file), "--distinct", "-n", "20", "-o", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().err
    assert "warning: found only 2 distinct architectures of `small` instead of 20" in shown
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["small-00.json", "small-01.json"]


def test_seed_decides(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for seed in ("1", "1", "2"):
        assert main(["sample", str(file), "-n", "30", "--seed", seed, "--json"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] != outputs[2]


def test_parameters_are_set_and_mistakes_reported(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", str(file), "-n", "1", "--json", "--set", "classes=7"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == {"classes": 7}
    assert main(["sample", str(file), "-n", "1", "--set", "classes=1M"]) == 2
    assert "no architecture of `small` with MACs <= 60,000" in capsys.readouterr().err
    assert main(["sample", str(file.with_name("none.ssr"))]) == 2
    assert "cannot read" in capsys.readouterr().err


def costs_of(output: str) -> list[tuple[int, int]]:
    """MACs and parameters in the rows of a table."""
    rows = [line.split() for line in output.splitlines()[1:]]
    cells = [[int(cell.replace(",", "")) for cell in row[1:3]] for row in rows if row and row[0].isdigit()]
    return [(macs, parameters) for macs, parameters in cells]


STREETS = "examples/demo/streets.ssr"


def test_networks_of_given_costs(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--macs", "40M", "--within", "1%", "--parameters", "80k..100k"]
    assert main(["sample", STREETS, "-n", "12", *asked]) == 0
    found = costs_of(capsys.readouterr().out)
    assert len(found) == 12
    assert all(39.6e6 <= macs <= 40.4e6 and 80e3 <= parameters <= 100e3 for macs, parameters in found)
    assert main(["sample", STREETS, "-n", "3", "--macs", "..19M"]) == 0
    assert all(macs <= 19e6 for macs, _ in costs_of(capsys.readouterr().out))
    assert main(["sample", STREETS, "-n", "3", "--parameters", "130k.."]) == 0
    assert all(parameters >= 130e3 for _, parameters in costs_of(capsys.readouterr().out))
    assert main(["sample", STREETS, "-n", "3", "--macs", "30M", "--by", "architectures"]) == 0
    assert all(29.4e6 <= macs <= 30.6e6 for macs, _ in costs_of(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--macs", "abc"], "--macs abc: expected a number or a range"),
        (["--macs", "40s"], "--macs 40s: expected a number or a range"),
        (["--macs", "-3"], "--macs -3: expected a number or a range"),
        (["--parameters", ".."], "--parameters ..: expected a number or a range"),
        (["--macs", "1e99"], "--macs 1e99: expected a number or a range"),
        (["--macs", "5M..3M"], "--macs 5M..3M: the range is empty"),
        (["--macs", "40M", "--within", "x"], "--within x: expected a percentage"),
        (["--macs", "40M", "--within", "200%"], "--within 200%: expected a percentage from 0% to 100%"),
        (["--within", "2%"], "--within needs a single value for --macs or --parameters"),
        (["--macs", "10M"], "no architecture of `streets` with MACs from 9,800,000 to 10,200,000"),
        (["--macs", "10M", "--distinct"], "MACs are between 18,722,304 and 69,152,256 in this space"),
        (["--macs", "1"], "no architecture of `streets` with MACs from 0.98 to 1.02"),
        (["--macs", "40"], "; is `40M` meant?"),
        (["--parameters", "80"], "; is `80k` meant?"),
        (["--macs", "40M", "--parameters", "..30k"], "no architecture of `streets` with MACs from 39,200,000"),
    ],
)
def test_costs_that_cannot_be_drawn(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", STREETS, *options]) == 2
    error = capsys.readouterr().err
    assert message in error.replace("\n", " ")
    assert "help: " in error


def test_a_window_outside_of_a_required_bound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(STREETS).read_text()
    place = text.index("  output ")
    file = tmp_path / "bounded.ssr"
    file.write_text(text[:place] + "  require macs <= 40M\n" + text[place:])
    assert main(["sample", str(file), "--macs", "45M", "--within", "1%"]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "no MACs are both at least 44,550,000 and at most 40,000,000" in error


def test_a_required_bound_that_very_few_networks_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """space tight(classes=4, height=16, width=16) {
  input image: 3, height, width
  x = image
  for i in [1..12] { x = x -> conv({4..64 step 4}, 3) -> bn -> relu }
  output x -> conv(classes, 1)
  require macs <= 1800k
}
"""
    path = tmp_path / "tight.ssr"
    path.write_text(text)
    assert main(["sample", str(path), "-n", "10"]) == 0
    found = costs_of(capsys.readouterr().out)
    assert len(found) == 10
    assert all(437_248 <= macs <= 1_800_000 for macs, _ in found)
    assert main(["emit", str(path), "--sample", "0", "--model-py", str(tmp_path / "model.py")]) == 0
    options = ["--sample", "0", "--macs", "500k", "--within", "10%", "--model-py", str(tmp_path / "model.py")]
    assert main(["emit", str(path), *options]) == 0
    assert main(["emit", str(path), "--macs", "500k", "--model-py", str(tmp_path / "model.py")]) == 2
    assert "--macs needs --sample" in capsys.readouterr().err
