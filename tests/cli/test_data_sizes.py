"""A search whose splits have different sizes: its scores are those of `evaluate`."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssrdsl.cli import main

SPACE = """space tiny(classes=2, height=16, width=24) {
  input image: 3, height, width
  output image -> conv({4, 8}, 3, stride=2) -> bn -> relu -> conv(classes, 1) -> resize(image)
}
"""


def write_split(root: Path, split: str, count: int, scale: int) -> None:
    rng = np.random.default_rng(len(split))
    for name in (split, f"{split}annot"):
        (root / name).mkdir(parents=True)
    for index in range(count):
        label = np.zeros((16 * scale, 24 * scale), dtype=np.uint8)
        label[:, rng.integers(4, 12) * scale :] = 1
        image = (label[..., None] * 120 + rng.integers(0, 100, (*label.shape, 3))).astype(np.uint8)
        Image.fromarray(image).save(root / split / f"{index}.png")
        Image.fromarray(label).save(root / f"{split}annot" / f"{index}.png")


def test_the_gap_table_agrees_with_evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, run, model, weights = (tmp_path / name for name in ("data", "run", "model.py", "model.pt"))
    write_split(data, "train", 4, scale=1)
    write_split(data, "val", 2, scale=3)
    (data / "classes.txt").write_text("left\nright\n")
    (tmp_path / "tiny.ssr").write_text(SPACE)
    search = ["search", str(tmp_path / "tiny.ssr"), "--data", str(data), "--out", str(run), "--threads", "1"]
    assert main([*search, "--epochs", "2", "--batch", "2"]) == 0
    printed = capsys.readouterr()
    assert "train: 4 images of 16x24; val: 2 images of 48x72, resized to 16x24" in printed.err
    assert "mIoU on val at 16x24" in printed.out
    assert main(["emit", str(run), "--model-py", str(model), "--weights", str(weights)]) == 0
    assert f"Next: ssrdsl train {model} --data {data} --size 16x24 --out DIR\n" in capsys.readouterr().out
    assert main(["evaluate", str(model), "--weights", str(weights), "--data", str(data), "--json"]) == 0
    scores, gap = json.loads(capsys.readouterr().out), json.loads((run / "gap.json").read_text())
    assert scores["size"] == "16x24"
    assert scores["miou"] == pytest.approx(gap[gap["weights"]], abs=1e-12)


def test_the_gap_table_names_the_split_that_was_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    write_split(data, "train", 4, scale=1)
    (data / "classes.txt").write_text("left\nright\n")
    (tmp_path / "tiny.ssr").write_text(SPACE)
    search = ["search", str(tmp_path / "tiny.ssr"), "--data", str(data), "--out", str(tmp_path / "run")]
    assert main([*search, "--threads", "1", "--epochs", "1", "--batch", "2", "--val-split", "train:0-50"]) == 0
    assert "mIoU on train:0-50 at 16x24" in capsys.readouterr().out


def test_scores_of_some_classes_alone_are_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, run, model, weights = (tmp_path / name for name in ("data", "run", "model.py", "model.pt"))
    write_split(data, "train", 2, scale=1)
    write_split(data, "val", 2, scale=1)
    for path in (data / "valannot").iterdir():
        Image.new("L", (24, 16), 0).save(path)
    (data / "classes.txt").write_text("left\nright\n")
    (tmp_path / "tiny.ssr").write_text(SPACE)
    given = ["--data", str(data), "--epochs", "1", "--batch", "2", "--threads", "1"]
    assert main(["search", str(tmp_path / "tiny.ssr"), *given, "--out", str(run)]) == 0
    assert "mIoU on val at 16x24 (1 of 2 classes has pixels)" in " ".join(capsys.readouterr().out.split())
    assert main(["emit", str(run), "--model-py", str(model), "--weights", str(weights)]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(model), "--weights", str(weights), "--data", str(data)]) == 0
    assert "% (1 of 2 classes has pixels), pixel accuracy" in " ".join(capsys.readouterr().out.split())


def test_a_search_without_labelled_pixels_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    write_split(data, "train", 2, scale=1)
    write_split(data, "val", 2, scale=1)
    for path in (data / "valannot").iterdir():
        Image.new("L", (24, 16), 255).save(path)
    (data / "classes.txt").write_text("left\nright\n")
    (tmp_path / "tiny.ssr").write_text(SPACE)
    search = ["search", str(tmp_path / "tiny.ssr"), "--data", str(data), "--out", str(tmp_path / "run")]
    assert main(search) == 2
    assert "no pixel of the split 'val' of data is labelled" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
