"""Runs are resumed without repeated options, from any directory, and only with their original inputs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ssrdsl.cli import main
from ssrdsl.runs.events import read_events
from ssrdsl.search.loop import Loop
from ssrdsl.search.strategies.trials import are_begun
from tests.cli.test_search import contents
from tests.search.spaces import TINY
from tests.segmentation.conftest import MODEL, write_folder

QUICK = ("--batch", "2", "--size", "16x16", "--threads", "1")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with data, a space and a model, which is also the current directory."""
    root = tmp_path / "work"
    (root / "bands").mkdir(parents=True)
    write_folder(root / "bands", counts={"train": 3, "val": 2})
    # With gates, so that more epochs than one are needed for all decisions.
    (root / "tiny.ssr").write_text(TINY + 'search {\n  strategy = "ssr"\n}\n')
    (root / "model.py").write_text(MODEL)
    monkeypatch.chdir(root)
    return root


FILES = {"search": "tiny.ssr", "train": "model.py"}
both = pytest.mark.parametrize("command", ["search", "train"])


def start(command: str, *more: str, epochs: int = 1) -> int:
    return main([command, FILES[command], "--data", "bands", "--out", "run", *QUICK, "--epochs", str(epochs), *more])


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The error output of a rejected command."""
    assert main(list(arguments)) == 2
    text = capsys.readouterr().err
    assert "Traceback" not in text
    return " ".join(text.split())


def weights(run: Path) -> dict[str, torch.Tensor]:
    stored: dict[str, torch.Tensor] = torch.load(run / "weights.pt")["state_dict"]
    return stored


@both
def test_a_finished_run_is_not_rewritten(place: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert start(command) == 0
    before = contents(place / "run")
    capsys.readouterr()
    assert main([command, "--out", "run", "--resume"]) == 0
    shown = capsys.readouterr()
    assert "note: the " in shown.err
    assert "in run has finished" in shown.err
    assert shown.out == ""
    assert contents(place / "run") == before


@both
def test_a_run_is_resumed_from_anywhere_after_all_its_files_have_moved(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert start(command) == 0
    (place / FILES[command]).unlink()
    (place / "bands").rename(tmp_path / "moved")
    (place / "run").rename(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    again = (command, "--out", "run", "--resume", "--epochs", "2")
    refused = printed(capsys, *again)
    assert f"cannot find the data of run: {place / 'bands'} does not exist" in refused
    assert "give their new place with --data" in refused
    assert main([*again, "--data", "moved"]) == 0
    settings = json.loads((tmp_path / "run" / "manifest.json").read_text())["settings"]
    assert settings.get("options", settings)["data"] == str(tmp_path / "moved")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main([command, "--out", "../run", "--resume", "--epochs", "3"]) == 0


@both
@pytest.mark.parametrize("split", ["train", "val"])
def test_other_data_are_noticed(place: Path, capsys: pytest.CaptureFixture[str], command: str, split: str) -> None:
    assert start(command) == 0
    (place / "bands" / split / f"{split}00.png").write_bytes((place / "bands" / split / f"{split}01.png").read_bytes())
    before = contents(place / "run")
    refused = printed(capsys, command, "--out", "run", "--resume", "--epochs", "2")
    if command == "train":
        assert f"with different {'data' if split == 'train' else 'validation set'} (" in refused
    else:
        assert "is a search with different data (" in refused
    assert contents(place / "run") == before


@both
def test_more_epochs_continue_a_run_and_say_what_changes(
    place: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert start(command) == 0
    steps = read_events(place / "run")[-1]["step"]
    capsys.readouterr()
    assert main([command, "--out", "run", "--resume", "--epochs", "2"]) == 0
    note = " ".join(capsys.readouterr().err.split())
    assert "note: --epochs 1 -> 2: from" in note
    assert "the result differs from a" in note
    events = read_events(place / "run")
    assert events[-1]["step"] == 2 * steps
    assert [event["step"] for event in events] == sorted(event["step"] for event in events)
    assert len({json.dumps(event) for event in events}) == len(events)
    refused = printed(capsys, command, "--out", "run", "--resume", "--epochs", "1")
    assert "was started with --epochs 2, and cannot be resumed with 1" in refused


def test_a_search_that_has_made_all_decisions_has_no_use_for_more_epochs(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start("search", epochs=20) == 0
    assert json.loads((place / "run" / "gap.json").read_text())["converged"]
    before = contents(place / "run")
    assert main(["search", "--out", "run", "--resume", "--epochs", "30"]) == 0
    assert "has finished" in capsys.readouterr().err
    assert contents(place / "run") == before


def test_a_search_whose_trials_have_begun_has_no_use_for_more_epochs(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "tiny.ssr").write_text(TINY + 'search {\n  strategy = "paths"\n}\n')
    stop = Loop._save_or_stop

    def stop_in_a_trial(loop: Loop, due: bool) -> None:
        loop.stop = lambda: are_begun(loop.state)
        stop(loop, due)

    with monkeypatch.context() as patched:
        patched.setattr(Loop, "_save_or_stop", stop_in_a_trial)
        assert start("search", epochs=24) == 130
    before = contents(place / "run")
    refused = printed(capsys, "search", "--out", "run", "--resume", "--epochs", "48")
    assert (
        "--epochs 48: run has begun to train single networks, for numbers of epochs that depend on --epochs 24"
        in refused
    )
    assert "omit --epochs" in refused
    assert contents(place / "run") == before
    assert main(["search", "--out", "run", "--resume", "--epochs", "24"]) == 0


@both
def test_the_number_of_threads_is_kept(place: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert start(command) == 0
    settings = json.loads((place / "run" / "manifest.json").read_text())["settings"]
    assert settings.get("options", settings)["threads"] == 1
    refused = printed(capsys, command, "--out", "run", "--resume", "--epochs", "2", "--threads", "2")
    assert "run was started with --threads 1, not 2" in refused
    torch.set_num_threads(2)
    try:
        assert main([command, "--out", "run", "--resume", "--epochs", "2"]) == 0
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(1)


@both
def test_a_million_threads_are_refused(place: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    arguments = (command, FILES[command], "--data", "bands", "--out", "run")
    assert "1000000 is not in the range" in printed(capsys, *arguments, "--threads", "1000000")


@both
def test_a_directory_in_use_is_refused(place: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert start(command) == 0
    hold = "import sys; from pathlib import Path; from ssrdsl.runs.lock import locked\n"
    hold += "with locked(Path('run')): print('held', flush=True); sys.stdin.read()"
    environment = {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=place, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert f"run is in use by another process ({process.pid} on" in printed(
            capsys, command, "--out", "run", "--resume", "--epochs", "2"
        )
        if command == "search":
            assert "run is in use by another process" in printed(capsys, "report", "run")
        process.communicate()
    assert main([command, "--out", "run", "--resume"]) == 0


def test_a_file_that_is_named_again_must_be_the_same(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start("search") == 0
    (place / "tiny.ssr").write_text(TINY + "# another one\n")
    again = ("search", "tiny.ssr", "--out", "run", "--resume", "--epochs", "2")
    assert "run is a search of a different text than tiny.ssr" in printed(capsys, *again)
    assert start("train", "--out", "trained") == 0
    (place / "model.py").write_text(MODEL + "# another one\n")
    again = ("train", "model.py", "--out", "trained", "--resume", "--epochs", "2")
    assert "trained is a run with different model" in printed(capsys, *again)


@both
def test_without_a_file_or_data_a_run_is_not_started(
    place: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert "Missing argument" in printed(capsys, command, "--data", "bands", "--out", "run")
    assert "missing option --data" in printed(capsys, command, FILES[command], "--out", "run")
    assert "to resume" in printed(capsys, command, "--out", "run", "--resume")
    assert not (place / "run").exists()


@both
def test_a_start_that_fails_in_its_first_step_leaves_nothing(
    place: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (place / "tiny.ssr").write_text(TINY.replace("residual(", "adaptive_avgpool(1) -> residual("))
    (place / "model.py").write_text(MODEL.replace("return F.relu(", "return F.relu(x.mean() * float('nan') + "))
    arguments = (command, FILES[command], "--data", "bands", "--size", "16x16", "--out", "runs/run")
    refused = printed(capsys, *arguments, "--batch", "1", "--epochs", "1")
    assert ("batch norm" if command == "search" else "the loss became nan at step 1") in refused
    assert "checkpoint" not in refused
    assert not (place / "runs").exists()


def test_the_best_weights_are_kept_beside_the_last(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start("train", "--evaluate-every", "1", "--lr", "0.05", "--no-flip", epochs=6) == 0
    result = json.loads((place / "run" / "result.json").read_text())
    scores = [event["miou"] for event in read_events(place / "run") if "miou" in event]
    assert len(scores) == 6
    assert result["best"] == {"epoch": scores.index(max(scores)) + 1, "miou": max(scores)}
    assert result["miou"] == scores[-1]
    for name, score in (("best.pt", max(scores)), ("weights.pt", scores[-1])):
        capsys.readouterr()
        assert main(["evaluate", "model.py", "--weights", f"run/{name}", "--data", "bands", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["miou"] == score


def test_a_run_goes_on_without_tensorboard_where_that_cannot_write(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorboard")
    assert start("train") == 0
    for path in (place / "run" / "tensorboard").iterdir():
        path.unlink()
    (place / "run" / "tensorboard").rmdir()
    (place / "run" / "tensorboard").write_text("in the way")
    assert main(["train", "--out", "run", "--resume", "--epochs", "2"]) == 0
    shown = capsys.readouterr().err
    assert "warning: cannot write TensorBoard files" in shown
    assert "Traceback" not in shown
    assert json.loads((place / "run" / "result.json").read_text())["epochs"] == 2


@both
def test_paths_need_not_be_utf8(place: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    name = b"r\xff".decode(errors="surrogateescape")
    try:
        (place / f"{name}{FILES[command]}").write_text((place / FILES[command]).read_text())
    except OSError:
        pytest.skip("the file system takes UTF-8 alone")
    (place / "bands").rename(place / f"{name}bands")
    arguments = (f"{name}{FILES[command]}", "--data", f"{name}bands", "--out", f"{name}run", *QUICK, "--epochs", "1")
    assert main([command, *arguments]) == 0
    manifest = json.loads((place / f"{name}run" / "manifest.json").read_text())
    assert "r\\xffrun" in manifest["settings"].get("options", {"data": "r\\xffrun"})["data"].replace("bands", "run")
    again = (command, "--out", f"{name}run", "--resume", "--epochs", "2")
    assert "give their new place with --data" in printed(capsys, *again)
    assert main([*again, "--data", f"{name}bands"]) == 0


@pytest.mark.parametrize("option", [("--lr", "nan"), ("--lr", "1e38"), ("--weight-decay", "1e38"), ("--clip", "nan")])
def test_numbers_that_no_optimizer_can_use_are_refused(
    place: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    arguments = ("train", "model.py", "--data", "bands", "--out", "run", *QUICK)
    assert f"{option[0]} " in printed(capsys, *arguments, *option)
    assert not (place / "run").exists()
