"""`ssrdsl train` and `ssrdsl evaluate` from the command line."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ssrdsl.cli import main
from ssrdsl.manifest import manifest
from ssrdsl.runs.events import read_events
from ssrdsl.segmentation.weights import load_weights
from tests.cli.processes import started, wait_for_lines

QUICK = ("--epochs", "4", "--batch", "4", "--lr", "0.02", "--evaluate-every", "1")


def test_a_trained_network_is_evaluated_to_the_same_score(
    model_path: Path, shared_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main(["train", str(model_path), "--data", str(shared_folder), "--out", str(out), *QUICK]) == 0
    shown = capsys.readouterr().out
    assert "mIoU" in shown
    assert "bright" in shown
    arguments = ["evaluate", str(model_path), "--weights", str(out / "weights.pt"), "--data", str(shared_folder)]
    picture = tmp_path / "seen.png"
    assert main([*arguments, "--json", "--picture", str(picture)]) == 0
    scores = json.loads(capsys.readouterr().out)
    trained = json.loads((out / "result.json").read_text())
    for name in ("miou", "pixel_accuracy", "iou", "pixels", "parameters", "size"):
        assert scores[name] == trained[name]
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert main([*arguments, "--recalibrate"]) == 0
    assert "pixel accuracy" in capsys.readouterr().out


def test_a_killed_run_ends_in_the_same_bits(model_path: Path, shared_folder: Path, tmp_path: Path) -> None:
    begin = ["train", str(model_path), "--data", str(shared_folder), "--epochs", "24", "--batch", "4", "--seed", "3"]
    assert main([*begin, "--out", str(tmp_path / "whole")]) == 0
    out = tmp_path / "killed"
    running = started(*begin, "--out", out)
    wait_for_lines(out / "events.jsonl", 8, running)
    running.kill()
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert not (out / "weights.pt").exists()
    # Nothing is repeated: options and model are those that the run was started with.
    model_path.unlink()
    assert main(["train", "--out", str(out), "--resume"]) == 0
    left, right = (load_weights(path / "weights.pt") for path in (tmp_path / "whole", out))
    assert left.state_dict.keys() == right.state_dict.keys()
    assert all(torch.equal(left.state_dict[name], right.state_dict[name]) for name in left.state_dict)
    assert read_events(tmp_path / "whole") == read_events(out)


def test_scores_of_a_run_are_those_of_evaluate_whatever_the_sizes(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("val", "valannot"):
        for path in (folder / name).iterdir():
            Image.fromarray(np.asarray(Image.open(path)).repeat(2, axis=0).repeat(2, axis=1)).save(path)
    out, data = tmp_path / "run", ["--data", str(folder)]
    assert main(["train", str(model_path), *data, "--out", str(out), "--epochs", "2", "--batch", "3"]) == 0
    printed = capsys.readouterr()
    assert "train: 3 images of 24x32; val: 2 images of 48x64, resized to 24x32" in printed.err
    assert ", at 24x32" in printed.out
    command = ["evaluate", str(model_path), "--weights", str(out / "weights.pt"), *data]
    assert main([*command, "--json"]) == 0
    scores, trained = json.loads(capsys.readouterr().out), json.loads((out / "result.json").read_text())
    assert scores["scored_at"] == "network"
    assert {name: scores[name] for name in ("miou", "iou", "pixels", "size")} == {
        name: trained[name] for name in ("miou", "iou", "pixels", "size")
    }
    assert main([*command, "--json", "--score-at", "labels"]) == 0
    finer = json.loads(capsys.readouterr().out)
    assert finer["scored_at"] == "labels"
    assert finer["pixels"] == 4 * scores["pixels"]
    assert main([*command, "--score-at", "labels"]) == 0
    assert ", at the sizes of the label images" in capsys.readouterr().out


def test_a_validation_set_without_labels_has_no_score(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (folder / "valannot").iterdir():
        Image.new("L", (32, 24), 255).save(path)
    out, data = tmp_path / "run", ["--data", str(folder)]
    assert main(["train", str(model_path), *data, "--out", str(out), "--epochs", "1", "--batch", "3"]) == 0
    assert "no score: there are no labelled pixels" in capsys.readouterr().out
    assert json.loads((out / "result.json").read_text())["miou"] is None
    assert main(["evaluate", str(model_path), "--weights", str(out / "weights.pt"), *data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["miou"] is None
    picked = ["pick", f"architecture.json={out}", "-o", str(tmp_path / "best.json")]
    message = refusal(capsys, picked)
    assert f"{out} has no mean IoU; architecture.json is skipped" in message
    assert "none of the trainings has finished with a score" in message
    weights = ["--data", str(folder), "--train-split", "val", "--out", str(tmp_path / "none")]
    assert "no pixel of the split 'val' of bands is labelled" in refusal(capsys, ["train", str(model_path), *weights])


def test_classes_of_other_names_are_a_warning(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, data = tmp_path / "run", ["--data", str(folder)]
    assert main(["train", str(model_path), *data, "--out", str(out), "--epochs", "1", "--batch", "3"]) == 0
    (folder / "classes.txt").write_text("dark\nmiddle\nwhite\n")
    capsys.readouterr()
    assert main(["evaluate", str(model_path), "--weights", str(out / "weights.pt"), *data]) == 0
    assert "warning: trained on other classes: 'bright' is 'white' in bands\n" in capsys.readouterr().err


def refusal(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """The error of a command that must end with one error line and status 2."""
    assert main(arguments) == 2
    message = capsys.readouterr().err
    assert message.count("error: ") == 1
    assert "Traceback" not in message
    return message


def test_mistakes_of_training_are_reported(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = str(model_path), ["--out", str(tmp_path / "run")]
    data = ["--data", str(folder)]
    assert "missing option --data" in refusal(capsys, ["train", model, *out])
    assert "unknown data set 'strets'" in refusal(capsys, ["train", model, *out, "--data", "strets"])
    assert "not a size" in refusal(capsys, ["train", model, *out, *data, "--size", "180"])
    assert "no such file" in refusal(capsys, ["train", "none.py", *out, *data])
    assert "cannot take images of 1x1" in refusal(
        capsys, ["train", str(_seven(tmp_path)), *out, *data, "--size", "1x1"]
    )
    assert "cannot take images of 1x1" in refusal(
        capsys, ["train", str(_seven(tmp_path)), *out, *data, "--crop", "1x1"]
    )
    assert "--epochs 0 is invalid" in refusal(capsys, ["train", model, *out, *data, "--epochs", "0"])
    assert "a part of its path is a file, not a directory" in refusal(
        capsys, ["train", model, "--out", str(model_path / "run"), *data]
    )
    assert "has no run to resume" in refusal(capsys, ["train", model, "--out", str(folder), "--resume"])
    if not torch.cuda.is_available():
        assert "--device cuda" in refusal(capsys, ["train", model, *out, *data, "--device", "cuda"])
    assert not (tmp_path / "run").exists()


def _seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.py"
    path.write_text(
        "from torch import nn\nclass Net(nn.Conv2d):\n    def __init__(self, classes=3):\n"
        "        super().__init__(3, classes, 7)\n"
    )
    return path


def test_a_resumed_run_keeps_its_options(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ["train", str(model_path), "--out", str(tmp_path / "run")]
    assert main([*begin, "--data", str(folder), "--epochs", "1", "--batch", "3", "--no-flip"]) == 0
    capsys.readouterr()
    assert "already contains a run" in refusal(capsys, [*begin, "--data", str(folder)])
    assert "was started with --batch 3, not 2" in refusal(capsys, [*begin, "--resume", "--batch", "2"])
    assert "was started with --lr its default, not 0.5" in refusal(capsys, [*begin, "--resume", "--lr", "0.5"])
    assert main([*begin, "--resume", "--epochs", "1"]) == 0


def test_mistakes_of_evaluation_are_reported(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert (
        main(["train", str(model_path), "--data", str(folder), "--out", str(out), "--epochs", "1", "--batch", "3"]) == 0
    )
    capsys.readouterr()
    begin = ["evaluate", str(model_path), "--data"]
    weights = ["--weights", str(out / "weights.pt")]
    assert "no such file" in refusal(capsys, [*begin, str(folder), "--weights", str(tmp_path / "none.pt")])
    assert "has no directory test/" in refusal(capsys, [*begin, str(folder), *weights, "--split", "test"])
    assert "the network has 3 classes, streets has 8" in refusal(
        capsys, [*begin, "streets", *weights, "--size", "16x32"]
    )
    # A picture that cannot be written takes nothing from the scores.
    assert main([*begin, str(folder), *weights, "--picture", str(tmp_path / "none" / "a.png")]) == 2
    printed = capsys.readouterr()
    assert "mIoU" in printed.out
    assert "cannot write" in printed.err
    path = tmp_path / "other.py"
    path.write_text(model_path.read_text().replace("16", "12"))
    message = refusal(capsys, ["evaluate", str(path), "--data", str(folder), *weights])
    assert "'quarter.0.conv.weight' is [16, 8, 3, 3] in the file, [12, 8, 3, 3] in the network" in message


def test_weights_of_another_size_are_noted(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ["train", str(model_path), "--data", str(folder), "--epochs", "1", "--batch", "3"]
    assert main([*begin, "--out", str(tmp_path / "first")]) == 0
    begin += ["--weights", str(tmp_path / "first" / "weights.pt")]
    assert main([*begin, "--out", str(tmp_path / "same")]) == 0
    assert "note:" not in capsys.readouterr().err
    assert main([*begin, "--out", str(tmp_path / "other"), "--size", "32x48"]) == 0
    assert "note: the weights are those of a run at 24x32, the data have 32x48" in capsys.readouterr().err


def test_directories_of_runs_are_not_taken_for_files(
    model_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    manifest("train").write(run)
    commands = (
        ["train", str(run), "--data", str(folder), "--out", str(tmp_path / "out")],
        ["evaluate", str(model_path), "--weights", str(run), "--data", str(folder)],
        ["predict", str(run), "--weights", str(run), str(folder), "-o", str(tmp_path / "out")],
    )
    for command in commands:
        assert f"{run} is a run of `ssrdsl train`, not a file\nhelp: its network is {run / 'model.py'}" in refusal(
            capsys, command
        )
    manifest("search").write(run)
    assert f"continue it with: ssrdsl search --out {run} --resume" in refusal(capsys, commands[0])
    (run / "gap.json").write_text("{}")
    assert f"write its network: ssrdsl emit {run} --model-py model.py" in refusal(capsys, commands[0])
    (run / "plan.json").write_text("{}")
    assert f"its networks are in {run / 'networks'}" in refusal(capsys, commands[0])


def test_help_shows_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("train", "evaluate", "predict"):
        assert main([command, "--help"]) == 0
        shown = capsys.readouterr().out
        assert f"ssrdsl {command} model.py" in shown
        assert "MODEL is executed as Python code" in " ".join(shown.split())
