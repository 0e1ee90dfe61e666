"""`ssrdsl predict` from the command line."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ssrdsl.cli import main
from ssrdsl.segmentation.data.classes import CAMVID
from ssrdsl.segmentation.prediction import colours_of
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.weights import save_weights

# Class 0 for dark pixels, class 1 for bright ones, at half the size of the image.
MODEL = """import torch
from torch import nn


class Threshold(nn.Module):
    def __init__(self, classes=2):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, image):
        grey = nn.functional.avg_pool2d(image.mean(1, keepdim=True), 2) * self.scale
        return torch.cat([0.5 - grey, grey - 0.5], 1)
"""


@pytest.fixture
def network(tmp_path: Path) -> list[str]:
    """The arguments for a model file and its weights."""
    (tmp_path / "model.py").write_text(MODEL)
    preprocessing = Preprocessing((0.0,) * 3, (1.0,) * 3, (16, 24))
    save_weights(tmp_path / "weights.pt", {"scale": torch.tensor(1.0)}, preprocessing, ("dark", "bright"), {})
    return [str(tmp_path / "model.py"), "--weights", str(tmp_path / "weights.pt")]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two images of other sizes than the network's, bright on the right."""
    for name, (height, width) in (("a.png", (32, 48)), ("deep/b.bmp", (20, 30))):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = np.zeros((height, width, 3), dtype=np.uint8)
        image[:, width // 2 :] = 240
        Image.fromarray(image).save(path)
    return tmp_path / "photos"


def read(path: Path) -> tuple[str, np.ndarray]:
    with Image.open(path) as image:
        return image.mode, np.asarray(image)


def test_images_get_a_class_map_and_an_overlay(
    network: list[str], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["predict", *network, str(photos), "-o", str(out)]) == 0
    assert capsys.readouterr().out.startswith("2 images: ")
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))
    assert written == ["a_classes.png", "a_overlay.png", "deep/b_classes.png", "deep/b_overlay.png"]
    mode, numbers = read(out / "a_classes.png")
    assert mode == "P"
    assert numbers.shape == (32, 48)
    assert (numbers[:, :22] == 0).all()
    assert (numbers[:, 26:] == 1).all()
    first, second = colours_of(("dark", "bright"))
    mode, overlay = read(out / "a_overlay.png")
    assert mode == "RGB"
    assert np.abs(overlay[0, 0].astype(int) - np.array(first) / 2).max() <= 1
    assert np.abs(overlay[0, 47].astype(int) - (np.array(second) + 240) / 2).max() <= 1
    assert read(out / "deep" / "b_classes.png")[1].shape == (20, 30)


def test_results_are_overwritten_on_request_alone(
    network: list[str], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["predict", *network, str(photos / "a.png"), "-o", str(tmp_path / "out")]
    assert main([*command, "--opacity", "0"]) == 0
    assert np.array_equal(read(tmp_path / "out" / "a_overlay.png")[1], read(photos / "a.png")[1])
    assert main(command) == 2
    assert "a_classes.png already exists" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0
    # Results below the folder of the images are not taken for images.
    inside = ["predict", *network, str(photos), "-o", str(photos / "results")]
    assert main(inside) == 0
    assert main([*inside, "--force"]) == 0
    assert len(list((photos / "results").rglob("*.png"))) == 4


def test_mistakes_are_reported(
    network: list[str], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(*arguments: str | Path) -> str:
        assert main(["predict", *network, *map(str, arguments), "-o", str(tmp_path / "out")]) == 2
        return capsys.readouterr().err

    assert "there is no such file" in printed(tmp_path / "none.png")
    (tmp_path / "empty").mkdir()
    assert "contains no images" in printed(tmp_path / "empty")
    (tmp_path / "a.tiff").write_bytes((photos / "a.png").read_bytes())
    assert "have the same result name 'a'" in printed(photos / "a.png", tmp_path / "a.tiff")
    assert "Missing argument" in printed()
    (tmp_path / "note.png").write_text("none")
    assert "it is not a PNG, JPEG, WebP, BMP or TIFF image" in printed(tmp_path / "note.png")
    assert "unknown device" in printed(photos, "--device", "gpu")
    assert not (tmp_path / "out").exists()


def test_known_classes_keep_their_colours() -> None:
    assert colours_of(CAMVID.names) == CAMVID.colours
    assert len(set(colours_of([f"class {index}" for index in range(40)]))) == 40
