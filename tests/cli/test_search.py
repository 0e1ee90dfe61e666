import io
import json
import random
import shutil
import signal
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from ssrdsl.cli import main
from tests.cli.processes import started, wait_for_lines
from tests.search.spaces import SIZED, TINY

QUICK = ("--data", "streets:16", "--size", "16x32", "--batch", "4", "--epochs", "8", "--threads", "1", "--seed", "5")


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.ssr"
    path.write_text(TINY)
    return path


def search(*arguments: object) -> int:
    return main(["search", *map(str, arguments)])


class Started(NamedTuple):
    """A run directory, and what its search printed."""

    run: Path
    status: int
    output: str
    errors: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """A search that ran through, in this process."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.ssr").write_text(TINY)
    with redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors:
        status = search(folder / "tiny.ssr", "--out", folder / "run", *QUICK)
    return Started(folder / "run", status, output.getvalue(), errors.getvalue())


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """A search that Ctrl-C stopped after its first steps."""
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "tiny.ssr").write_text(TINY)
    running = started("search", folder / "tiny.ssr", "--out", folder / "run", *QUICK)
    wait_for_lines(folder / "run" / "events.jsonl", 2, running)
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate()
    return Started(folder / "run", running.returncode, output, errors)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def steps_logged(run: Path) -> int:
    return max((json.loads(line)["step"] for line in (run / "events.jsonl").read_text().splitlines()), default=0)


def test_search_writes_a_run_that_says_all(finished: Started, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished.run
    assert finished.status == 0, finished.errors
    assert "(b) discretized, inherited weights" in finished.output
    assert f"Next: ssrdsl emit {run}" in finished.output
    assert "ssrdsl train model.py --data streets:" in finished.output
    assert "--size 16x32 --out DIR" in finished.output
    assert not [line for line in finished.output.splitlines() if line.endswith(" ")]
    assert main(["train", str(run), "--data", "streets:16", "--out", str(run / "trained")]) == 2
    assert f"ssrdsl emit {run} --model-py model.py" in capsys.readouterr().err
    assert "architectures" in finished.errors
    assert "set from the data: classes=8, height=16, width=32" in finished.errors
    assert (run / "space.ssr").read_text() == TINY
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["command"] == "search"
    assert manifest["settings"]["set"] == {"classes": "8", "height": "16", "width": "32"}
    assert manifest["settings"]["file"] == "tiny.ssr"
    names = {path.name for path in run.iterdir()} - {"tensorboard"}
    assert names == {"space.ssr", "manifest.json", "events.jsonl", "checkpoint.pt", "architecture.json", "weights.pt",
                     "gap.json"}  # fmt: skip
    from ssrdsl.segmentation.weights import load_weights

    weights = load_weights(run / "weights.pt")
    assert weights.expected_input().size == (16, 32)
    assert len(weights.classes or ()) == 8
    before = contents(run)
    assert search("--out", run, "--resume") == 0
    assert f"note: the search in {run} has finished" in " ".join(capsys.readouterr().err.split())
    assert contents(run) == before


def test_ctrl_c_saves_and_says_how_to_go_on(stopped: Started) -> None:
    run, status, _, shown = stopped
    assert status == 130, shown
    assert shown.rstrip().endswith(f"stopped and saved; continue with: ssrdsl search --out {run} --resume")
    assert "Traceback" not in shown
    assert torch.load(run / "checkpoint.pt")["step"] == steps_logged(run) > 0
    assert not list(run.glob(".ssrdsl-partial-*"))


def test_stopped_killed_at_a_random_moment_and_resumed_is_as_run_through(
    stopped: Started, finished: Started, tmp_path: Path
) -> None:
    whole, parts = finished.run, Path(shutil.copytree(stopped.run, tmp_path / "parts"))
    draw = random.Random(time.time_ns())
    running = started("search", "--out", parts, "--resume", "--checkpoint-every", "0")
    wait_for_lines(parts / "events.jsonl", draw.randrange(4, 26), running)
    time.sleep(draw.random() * 0.05)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert search("--out", parts, "--resume") == 0
    assert (parts / "architecture.json").read_text() == (whole / "architecture.json").read_text()
    one, other = (torch.load(run / "weights.pt")["state_dict"] for run in (whole, parts))
    assert one.keys() == other.keys()
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())
    events = [[json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()] for run in (whole, parts)]
    for event in [*events[0], *events[1]]:
        event.pop("step_seconds", None)
    assert events[0] == events[1]


def test_settings_of_the_search_block_are_set_and_are_part_of_the_run(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, short = tmp_path / "run", (*QUICK[:-6], "--epochs", "1", "--threads", "1")
    assert search(space, "--out", run, *short, "--search", "strategy=darts", "--search", "target.macs=20k") == 0
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["settings"]["options"]["search_settings"] == {"strategy": "darts", "target.macs": "20k"}
    assert json.loads((run / "gap.json").read_text())["strategy"] == "darts"
    shown = refused(capsys, space, "--out", tmp_path / "other", *short, "--search", "strategy=dart")
    assert "did you mean `darts`?" in shown
    assert not (tmp_path / "other").exists()
    (run / "gap.json").unlink()
    shown = refused(capsys, space, "--out", run, "--resume", "--search", "strategy=snas")
    assert "was started with --search strategy=darts target.macs=20k, not strategy=snas" in shown
    assert search(space, "--out", run, "--resume") == 0


def test_a_strategy_that_cannot_search_a_space_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, run = tmp_path / "sized.ssr", tmp_path / "run"
    path.write_text(SIZED.replace("classes=3", "classes=8").replace("{4..8 step 2}", "{8, 16}"))
    arguments = ("--data", "streets:8", "--batch", "4", "--epochs", "1", "--threads", "1")
    shown = refused(capsys, path, "--out", run, *arguments, "--search", "strategy=sandwich")
    assert "`sandwich` cannot search `sized`: it decides the size of its input (`size`)" in shown
    assert not run.exists()


def test_files_that_the_space_uses_are_kept_beside_it(tmp_path: Path) -> None:
    before, after = TINY.split("\nspace")
    folder = tmp_path / "spaces"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "cells.ssr").write_text(before)
    main_text = f'use std\nuse "lib/cells.ssr"\n\nspace{after}'
    (folder / "net.ssr").write_text(main_text)
    run = tmp_path / "run"
    assert search(folder / "net.ssr", "--out", run, *QUICK[:-6], "--epochs", "1", "--threads", "1") == 0
    assert (run / "space.ssr").read_text() == main_text
    assert (run / "sources" / "lib" / "cells.ssr").read_text() == before
    (folder / "lib" / "cells.ssr").unlink()
    assert main(["emit", str(run), "--model-py", str(tmp_path / "model.py")]) == 0


def test_where_image_sizes_are_searched_the_network_expects_the_one_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, run = tmp_path / "sized.ssr", tmp_path / "run"
    path.write_text(SIZED.replace("classes=3", "classes=8").replace("{4..8 step 2}", "{8, 16}"))
    arguments = ("--data", "streets:8", "--batch", "4", "--epochs", "4", "--threads", "1")
    assert "takes images of 16x32, not 8x16" in refused(capsys, path, "--out", run, *arguments, "--size", "8x16")
    assert search(path, "--out", run, *arguments) == 0
    assert "8 images of 16x32" in capsys.readouterr().err
    height = int(json.loads((run / "architecture.json").read_text())["decisions"]["size"])
    model = ("--model-py", tmp_path / "model.py", "--weights", tmp_path / "model.pt")
    assert main(["emit", str(run), *map(str, model)]) == 0
    from ssrdsl.segmentation.weights import load_weights

    assert load_weights(tmp_path / "model.pt").expected_input().size == (height, 2 * height)
    assert f"benchmark(Sized(), (3, {height}, {2 * height}))" in (tmp_path / "model.py").read_text()


def test_for_a_size_at_which_the_space_is_not_valid_another_is_suggested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    doubled, path = "add(body -> conv(classes, 1) -> upsample(2), image -> conv(classes, 1))", tmp_path / "even.ssr"
    path.write_text(TINY.replace("body -> conv(classes, 1) -> resize(image)", doubled))
    shown = refused(capsys, path, "--out", tmp_path / "run", "--data", "streets:8", "--size", "17x32")
    assert "error[E0203]" in shown
    assert "help: use another size of images, such as --size 16x32, or change the space: `b -> resize(a)`" in shown


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The error output of an invalid command line, which must leave no files."""
    assert search(*arguments) == 2
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    return " ".join(shown.split())


def test_mistakes_in_the_arguments_are_reported(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    cases = {
        ("--data", "moon"): "unknown data set 'moon'",
        (): "missing option --data",
        ("--data", "streets:8", "--size", "big"): "'big' is not a size",
        ("--data", "streets:8", "--set", "classes"): "invalid option --set classes: expected NAME=VALUE",
        ("--data", "streets:8", "--set", "colours=3"): "colours",
        ("--data", "streets:8", "--size", "16x32", "--set", "classes=5"): "has 5 classes, streets has 8",
        ("--data", "streets:8", "--set", "height=16", "--set", "width=32", "--size", "32x32"): "takes images of 16x32",
        ("--data", str(tmp_path / "no" / "such")): "no",
        ("--data", "streets:8", "--device", "warp"): "unknown device 'warp'",
    }
    for arguments, message in cases.items():
        assert message in refused(capsys, space, "--out", run, *arguments), arguments
    if not torch.cuda.is_available():
        assert "--device cuda" in refused(capsys, space, "--out", run, "--data", "streets:8", "--device", "cuda")
    assert "there is no such file" in refused(capsys, tmp_path / "no.ssr", "--out", run, "--data", "streets:8")
    assert "it is a directory" in refused(capsys, tmp_path, "--out", run, "--data", "streets:8")
    assert not run.exists()


def test_spaces_that_cannot_be_searched_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, path = tmp_path / "run", tmp_path / "space.ssr"
    texts = {
        TINY.replace("conv(classes, 1) -> resize(image)", "adaptive_avgpool(1) -> conv(classes, 1)"): "classifiers",
        TINY.replace("choose d in {1, 2}", "choose d in {1}")
        .replace("{2, 4}", "4")
        .replace("{1..2}", "2"): "has no decisions",
        TINY.replace("input image: 3", "input image: 4"): "is not an RGB image",
        TINY.replace("conv(classes, 1)", "conv({8, 9}, 1)").replace(
            "classes=3, ", ""
        ): "8 to 9 classes, depending on decisions",
    }
    for text, message in texts.items():
        path.write_text(text)
        assert message in refused(capsys, path, "--out", run, "--data", "streets:8", "--size", "16x32"), text
    assert not run.exists()


def test_a_size_for_which_the_space_is_not_valid_is_reported_at_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "space.ssr"
    path.write_text(TINY.replace("residual(", "maxpool(d) -> upsample(d) -> residual("))
    shown = refused(capsys, path, "--out", tmp_path / "run", "--data", "streets:8", "--size", "17x32")
    assert "space.ssr:" in shown
    assert "error[" in shown


def test_run_directories_of_something_else_are_reported(
    space: Path, stopped: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    quick = (*QUICK[:-6], "--epochs", "1", "--threads", "1")
    assert "has no search to resume" in refused(capsys, space, "--out", run, "--resume")
    shutil.copytree(stopped.run, run)
    assert "already contains a run" in refused(capsys, space, "--out", run, *quick)
    assert "was started with --epochs 8, and cannot be" in refused(capsys, "--out", run, "--resume", "--epochs", "7")
    assert "was started with --batch 4, not 5" in refused(capsys, "--out", run, "--resume", "--batch", "5")
    other = tmp_path / "other.ssr"
    other.write_text(TINY + "# another one\n")
    assert "is a search of a different text than" in refused(capsys, other, "--out", run, "--resume")
    (run / "checkpoint.pt").write_bytes(b"not much")
    assert "checkpoint.pt is not a PyTorch file" in refused(capsys, space, "--out", run, "--resume")
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.tex").write_text("")
    assert "is not empty: it contains thesis.tex" in refused(capsys, space, "--out", full, *quick)
