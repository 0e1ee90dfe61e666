import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ssrdsl.errors import UserError
from ssrdsl.search.checkpoint import save_checkpoint
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.search import Searcher
from tests.cli.faults import full_disk
from tests.search.spaces import TINY, Stripes, search_of, tiny


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of a search of one epoch."""
    directory = SearchDirectory(tmp_path_factory.mktemp("searched"))
    directory.path.mkdir(parents=True, exist_ok=True)
    search = search_of(epochs=1)
    search.run(directory, search.begin())
    return directory.path


@pytest.fixture
def run(searched: Path, tmp_path: Path) -> SearchDirectory:
    return SearchDirectory(Path(shutil.copytree(searched, tmp_path / "run")))


def test_no_checkpoint_is_the_start(tmp_path: Path) -> None:
    assert search_of().resume(SearchDirectory(tmp_path)) is None


@pytest.mark.parametrize(
    ("search", "respect"),
    [
        (lambda: search_of(tiny(TINY + "# changed\n"), epochs=1), "space"),
        (lambda: search_of(tiny(classes="4"), epochs=1), "parameters"),
        (lambda: search_of(task=Stripes(batch=3), epochs=1), "data"),
    ],
    ids=["space", "parameters", "data"],
)
def test_checkpoint_of_another_search_is_refused(
    run: SearchDirectory, search: Callable[[], Searcher], respect: str
) -> None:
    with pytest.raises(UserError, match=f"is a search with different {respect}"):
        search().resume(run)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("cut", "is truncated"),
        ("empty", "is empty"),
        ("garbage", "is not a PyTorch file"),
        ("other", "is not the checkpoint of a search"),
        ("old", "was written by another version of ssrdsl"),
    ],
)
def test_damaged_checkpoint_is_reported(run: SearchDirectory, damage: str, reason: str) -> None:
    content = run.checkpoint.read_bytes()
    if damage == "other":
        torch.save({"format": "ssrdsl-training-1"}, run.checkpoint)
    elif damage == "old":
        torch.save({"format": "ssrdsl-search-1"}, run.checkpoint)
    else:
        run.checkpoint.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "garbage": b"x" * 999}[damage])
    with pytest.raises(UserError, match=reason):
        search_of(epochs=1).resume(run)


def test_checkpoint_with_a_part_missing_is_reported(run: SearchDirectory) -> None:
    content = torch.load(run.checkpoint, weights_only=True)
    content["net"].popitem()
    torch.save(content, run.checkpoint)
    with pytest.raises(UserError, match="is damaged"):
        search_of(epochs=1).resume(run)


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
    ids=["gpu", "cpu"],
)
@pytest.mark.parametrize("function", ["torch.load", "torch.nn.Module.load_state_dict"])
def test_memory_that_runs_out_is_not_a_damaged_checkpoint(
    run: SearchDirectory, monkeypatch: pytest.MonkeyPatch, function: str, error: RuntimeError
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(function, fail)
    with pytest.raises(type(error)) as raised:
        search_of(epochs=1).resume(run)
    assert raised.value is error


def test_full_disk_leaves_the_checkpoint_before(run: SearchDirectory) -> None:
    before, search = run.checkpoint.read_bytes(), search_of(epochs=1)
    state = search.resume(run)
    assert state is not None
    with full_disk(2000), pytest.raises(UserError, match=f"cannot write {run.checkpoint}"):
        save_checkpoint(run.checkpoint, state, search.identity())
    assert run.checkpoint.read_bytes() == before
    assert [path.name for path in run.path.iterdir()] == ["checkpoint.pt"]
