"""`ssrdsl new`: the starter compiles, is sampled and searched, and never replaces a file."""

import json
import random
from pathlib import Path

import pytest

from ssrdsl.cli import main
from ssrdsl.language.source import Source
from ssrdsl.space import open_space
from ssrdsl.space.check import check
from ssrdsl.space.sample import Sampler


def test_starter_is_sound_and_can_be_sampled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.ssr"
    assert main(["new", str(path)]) == 0
    assert "mine.ssr" in capsys.readouterr().out
    text = path.read_text()
    assert "NAME" not in text
    assert check(Source(str(path), text)) == ()
    program = open_space(path)
    assert program.name == "mine"
    assert {decision.kind.value for decision in program.graph.open_decisions} == {"set", "choose", "repeat"}
    assert len(Sampler(program.graph).draw(random.Random(0))) > 5


def test_starter_can_be_searched(tmp_path: Path) -> None:
    path = tmp_path / "mine.ssr"
    assert main(["new", str(path)]) == 0
    arguments = ["--data", "streets:8", "--out", str(tmp_path / "run"), "--epochs", "1", "--batch", "4"]
    assert main(["search", str(path), *arguments, "--size", "32x64", "--threads", "1"]) == 0
    held = json.loads((tmp_path / "run/architecture.json").read_text())
    assert held["space"] == "mine"
    assert held["parameters"]["classes"] == 8


def test_existing_file_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.ssr"
    path.write_text("mine")
    assert main(["new", str(path)]) == 2
    assert "already exists" in capsys.readouterr().err
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("file", "name"),
    [("my-net.v2.ssr", "my_net_v2"), ("2fast.ssr", "my_2fast"), ("space.ssr", "my_space"), ("plain", "plain")],
)
def test_name_of_the_space_follows_that_of_the_file(tmp_path: Path, file: str, name: str) -> None:
    assert main(["new", str(tmp_path / file)]) == 0
    (written,) = tmp_path.iterdir()
    assert written.suffix == ".ssr"
    assert open_space(written).name == name


def test_other_suffix_and_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "net.py")]) == 2
    assert "net.ssr" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "none/net.ssr")]) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["reduce", "conv", "a b", "3x", "größe", "a-very-long-name-of-a-space"])
def test_whatever_the_name_the_starter_is_sound_and_its_comments_in_a_column(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.ssr"
    assert main(["new", str(path)]) == 0
    text = path.read_text()
    assert check(Source(str(path), text)) == ()
    comments = [line for line in text.splitlines() if line.startswith("#   ssrdsl")]
    assert len({line.rindex("      ") for line in comments}) == 1
    assert ("'a b.ssr'" in text) is (name == "a b")


def test_a_suffix_alone_is_no_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (str(tmp_path / ".ssr"), "", "."):
        assert main(["new", name]) == 2
        assert "has no name before the suffix" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
