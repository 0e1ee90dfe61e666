"""For any failing file operation: a message, no traceback, and a run that can be resumed with identical results.

One operation of every kind by default; `SSRDSL_FAULTS=all` for all operations.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from ssrdsl.cli import main
from ssrdsl.runs.events import read_events
from ssrdsl.search.evolution import Evolution
from ssrdsl.search.strategies import paths
from tests.cli.faults import failing, full_disk
from tests.segmentation.conftest import MODEL, write_folder

SPACE = """
space tiny(classes=3, height=8, width=16) {
  input image: 3, height, width
  output image -> conv({2, 4}, 3) -> bn -> relu -> conv(classes, 1)
}
"""
QUICK = ("--size", "16x16", "--batch", "2", "--epochs", "2", "--threads", "1")
COMMANDS = pytest.mark.parametrize(
    ("command", "file", "text"), [("search", "tiny.ssr", SPACE), ("train", "model.py", MODEL)], ids=["search", "train"]
)


@pytest.fixture(autouse=True)
def few_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Selecting architectures takes most of the time of a tiny search, and uses no files."""
    monkeypatch.setattr(paths, "draws", lambda steps: Evolution(population=1, generations=0))


def data(folder: Path) -> str:
    """A few images, so that one run takes a tenth of a second."""
    root = folder / "bands"
    root.mkdir()
    write_folder(root, counts={"train": 3, "val": 1})
    return str(root)


def bits(run: Path) -> dict[str, torch.Tensor]:
    stored: dict[str, torch.Tensor] = torch.load(run / "weights.pt")["state_dict"]
    return stored


def same(left: Path, right: Path) -> bool:
    """Whether two finished runs have the same weights and the same events."""
    one, other = bits(left), bits(right)
    events = [[{**event, "step_seconds": 0} for event in read_events(run)] for run in (left, right)]
    return one.keys() == other.keys() and all(map(torch.equal, one.values(), other.values())) and events[0] == events[1]


def tried(operations: Sequence[str]) -> list[int]:
    """The numbers of the operations that fail: one of every kind, which is an event and a name without its digits."""
    if os.environ.get("SSRDSL_FAULTS") == "all":
        return list(range(len(operations)))
    kinds: dict[str, list[int]] = {}
    for at, operation in enumerate(operations):
        kinds.setdefault(re.sub(r"-[0-9a-f]{12}|\d+", "", operation), []).append(at)
    chance = random.Random(0)
    return sorted(map(chance.choice, kinds.values()))


def finish(command: str, arguments: tuple[str, ...], run: Path) -> int:
    """Continue what a failed command left, or start it again if it left nothing."""
    if (run / "checkpoint.pt").exists():
        return main([command, "--out", str(run), "--resume"])
    return main([command, *arguments, "--out", str(run)])


@COMMANDS
def test_any_file_operation_may_fail(
    command: str, file: str, text: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path, whole, run = tmp_path / file, tmp_path / "whole", tmp_path / "runs" / "run"
    path.write_text(text)
    arguments = (str(path), "--data", data(tmp_path), *QUICK)
    with failing(tmp_path, None, monkeypatch) as done:
        assert main([command, *arguments, "--out", str(whole)]) == 0
    places = tried(done)
    assert len(places) > 20
    failed = 0
    for at in places:
        capsys.readouterr()
        with failing(tmp_path, at, monkeypatch) as done:
            status = main([command, *arguments, "--out", str(run)])
        printed, place = capsys.readouterr().err, done[at] if at < len(done) else "beyond"
        assert status in (0, 2), place
        assert "Traceback" not in printed, (place, printed)
        assert (status == 2) == ("error: " in printed), (place, printed)
        failed += status == 2
        if status == 2:
            assert finish(command, arguments, run) == 0, (place, printed, capsys.readouterr().err)
        assert same(run, whole), place
        shutil.rmtree(run)
    # Where none failed nothing was tried; what may fail unnoticed is little, such as TensorBoard's files.
    assert failed > len(places) // 2


@COMMANDS
def test_any_write_may_find_the_disk_full(
    command: str, file: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file that is larger than the limit cannot be written."""
    path, whole, run = tmp_path / file, tmp_path / "whole", tmp_path / "run"
    path.write_text(text)
    arguments = (str(path), "--data", data(tmp_path), *QUICK)
    assert main([command, *arguments, "--out", str(whole)]) == 0
    sizes = sorted({held.stat().st_size for held in whole.rglob("*") if held.is_file()})
    for size in [0, *(size - 1 for size in (sizes if os.environ.get("SSRDSL_FAULTS") == "all" else sizes[::3]))]:
        capsys.readouterr()
        with full_disk(size):
            status = main([command, *arguments, "--out", str(run)])
        printed = capsys.readouterr().err
        assert "Traceback" not in printed, (size, printed)
        if status != 0:
            assert "it would be larger than the file system allows" in printed, (size, printed)
            assert finish(command, arguments, run) == 0, size
        assert same(run, whole), size
        shutil.rmtree(run)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space, a finished search of it, the network found with its weights, its training, and images."""
    root = tmp_path_factory.mktemp("stock")
    (root / "tiny.ssr").write_text(SPACE)
    quick = ("--data", data(root), *QUICK, "--out")
    assert main(["search", str(root / "tiny.ssr"), "--keep-supernet", *quick, str(root / "run")]) == 0
    emitted = ("--model-py", str(root / "model.py"), "--weights", str(root / "model.pt"))
    assert main(["emit", str(root / "run"), *emitted]) == 0
    assert main(["train", str(root / "model.py"), *quick, str(root / "trained")]) == 0
    assert main(["sample", str(root / "tiny.ssr"), "-n", "2", "-o", str(root / "random")]) == 0
    return root


OTHERS = {
    "check": "check tiny.ssr",
    "fmt": "fmt tiny.ssr",
    "new": "new space.ssr",
    "compile": "compile tiny.ssr -o out",
    "sample": "sample tiny.ssr -n 2 -o out",
    "show": "show tiny.ssr -o out.svg",
    "emit": "emit tiny.ssr --sample 1 --model-py other.py",
    "emit-run": "emit run --model-py other.py --weights other.pt",
    "report": "report run -o page.html",
    "evaluate": "evaluate model.py --weights model.pt --data bands --device cpu",
    "rank": "rank run --architectures random -o ranks.json --device cpu",
    "budget": "budget run --training trained -o epochs.txt",
    "pick": "pick random/tiny-0.json=trained -o best.json",
    "predict": "predict model.py --weights model.pt bands/val -o out --force --device cpu",
}


@pytest.mark.parametrize("line", OTHERS.values(), ids=OTHERS)
def test_any_file_operation_of_other_commands_may_fail(
    line: str, stock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message and no traceback; given again, the command ends as if nothing had failed."""
    place, whole = tmp_path / "place", tmp_path / "whole"

    def placed(word: str, folder: Path) -> str:
        is_file = (stock / word).exists() or word == "out" or "." in word
        return str(folder / word) if is_file else word

    def run(folder: Path, at: int | None) -> tuple[int, list[str]]:
        with failing(folder, at, monkeypatch) as done:
            status = main(["=".join(placed(part, folder) for part in word.split("=")) for word in line.split()])
        return status, list(done)

    shutil.copytree(stock, whole)
    status, operations = run(whole, None)
    assert status == 0, capsys.readouterr().err
    failed = 0
    for at in tried(operations):
        shutil.copytree(stock, place)
        capsys.readouterr()
        status, done = run(place, at)
        printed, operation = capsys.readouterr().err, done[at] if at < len(done) else "beyond"
        assert status in (0, 2), operation
        assert "Traceback" not in printed, (operation, printed)
        assert (status == 2) == ("error" in printed), (operation, printed)
        failed += status == 2
        if status == 2:
            status, _ = run(place, None)
            assert status == 0, (operation, printed, capsys.readouterr().err)
        assert names(place) == names(whole), operation
        shutil.rmtree(place)
    assert failed > 0


def test_a_report_of_files_that_lack_figures(stock: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, trained = tmp_path / "run", tmp_path / "trained"
    shutil.copytree(stock / "run", run)
    held = json.loads((run / "gap.json").read_text())
    for name in ("steps", "seconds", "parameters", "macs", "converged"):
        (run / "gap.json").write_text(json.dumps({**held, name: None}))
        assert main(["report", str(run)]) == 2
        assert f"gap.json is damaged: it has no number `{name}`" in " ".join(capsys.readouterr().err.split())
    (run / "gap.json").write_text(json.dumps(held))
    trained.mkdir()
    (trained / "result.json").write_text("{}")
    assert main(["report", str(run), "--network", f"a={trained}"]) == 2
    assert "result.json is damaged: it has no number `parameters`" in " ".join(capsys.readouterr().err.split())
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["settings"]["set"]  # the parameters of the space then have their defaults
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert main(["report", str(run)]) == 0


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
