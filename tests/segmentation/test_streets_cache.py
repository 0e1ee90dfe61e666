"""Generated scenes cached in files."""

from pathlib import Path

import pytest

from ssrdsl.segmentation.data import generated
from ssrdsl.segmentation.data.generated import CACHE_VARIABLE
from ssrdsl.segmentation.data.registry import open_dataset

SIZE = (16, 32)


def test_kept_scenes_are_those_that_were_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setitem(generated.COUNTS, "val", 2)
    plain = open_dataset("streets:3", "train+val", SIZE)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "kept"))
    drawn = open_dataset("streets:3", "train+val", SIZE)
    monkeypatch.setattr(generated, "draw_scene", None)  # from here on nothing can be drawn
    read = open_dataset("streets:3", "train+val", SIZE)
    assert plain.fingerprint() == drawn.fingerprint() == read.fingerprint()
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 2


def test_other_counts_and_sizes_are_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    sizes = [len(open_dataset(f"streets:{count}", "train", SIZE)) for count in (2, 3)]
    assert sizes == [2, 3]
    assert open_dataset("streets:2", "train", (32, 32)).size == (32, 32)
    assert len(list(tmp_path.glob("*.npz"))) == 3


def test_damaged_files_are_replaced_and_closed_folders_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    first = open_dataset("streets:2", "train", SIZE).fingerprint()
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert open_dataset("streets:2", "train", SIZE).fingerprint() == first
    assert file.stat().st_size > 100
    monkeypatch.setenv(CACHE_VARIABLE, str(file))  # a file, not a folder
    assert open_dataset("streets:2", "train", SIZE).fingerprint() == first
