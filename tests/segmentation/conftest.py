"""A small network in a file, and a small directory of images in the SegNet layout."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.registry import open_dataset

MODEL = '''"""A small network with dilation, dropout and an auxiliary head."""

import torch.nn.functional as F
from torch import nn


class Layer(nn.Module):
    def __init__(self, in_channels, channels, stride=1, dilation=1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, 3, stride, dilation, dilation, bias=False)
        self.bn = nn.BatchNorm2d(channels)
        self.drop = nn.Dropout2d(0.05)

    def forward(self, x):
        return F.relu(self.drop(self.bn(self.conv(x))))


class Small(nn.Module):
    def __init__(self, classes=3, auxiliary=False):
        super().__init__()
        self.begin = Layer(3, 8, stride=2)
        self.quarter = nn.Sequential(Layer(8, 16, stride=2), Layer(16, 16, dilation=2))
        self.head = nn.Conv2d(16, classes, 1)
        self.auxiliary = nn.Conv2d(8, classes, 1) if auxiliary else None

    def forward(self, image):
        early = self.begin(image)
        logits = F.interpolate(self.head(self.quarter(early)), size=image.shape[2:], mode="bilinear")
        if self.training and self.auxiliary is not None:
            return logits, {"early": self.auxiliary(early)}
        return logits
'''

CLASSES = "dark #202020\nmiddle #808080\nbright #e0e0e0\n"
IGNORE = 255


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    return path


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 training and 4 validation images of 24 x 32 pixels: three bands in grey, with noise, in random order."""
    root = tmp_path_factory.mktemp("bands")
    write_folder(root)
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As `shared_folder`, for tests that modify it."""
    root = tmp_path / "bands"
    root.mkdir()
    write_folder(root, counts={"train": 3, "val": 2})
    return root


@pytest.fixture(scope="session")
def train_set(shared_folder: Path) -> Dataset:
    return open_dataset(str(shared_folder), "train")


@pytest.fixture(scope="session")
def val_set(shared_folder: Path) -> Dataset:
    return open_dataset(str(shared_folder), "val")


def write_folder(root: Path, counts: dict[str, int] | None = None) -> None:
    rng = np.random.default_rng(5)
    (root / "classes.txt").write_text(CLASSES)
    for split, count in (counts or {"train": 12, "val": 4}).items():
        for name in (split, f"{split}annot"):
            (root / name).mkdir()
        for index in range(count):
            image, label = draw_bands(rng)
            Image.fromarray(image).save(root / split / f"{split}{index:02d}.png")
            Image.fromarray(label).save(root / f"{split}annot" / f"{split}{index:02d}.png")


def draw_bands(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    label = np.repeat(rng.permutation(3), (8, 12, 12)).astype(np.uint8)[None].repeat(24, axis=0)
    grey = label * 80 + 40 + rng.integers(-20, 21, label.shape)
    image = np.clip(grey[..., None] + rng.integers(-10, 11, (24, 32, 3)), 0, 255).astype(np.uint8)
    label[:2] = IGNORE
    return image, label
