import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ssrdsl.errors import UserError
from ssrdsl.search.run import SearchDirectory
from ssrdsl.search.search import Searcher
from tests.search.spaces import TINY, Stripes, search_of, tiny


@pytest.fixture
def run(tmp_path: Path) -> SearchDirectory:
    directory = SearchDirectory(tmp_path / "run")
    directory.prepare(resume=False)
    search = search_of(epochs=1)
    search.run(directory, search.begin())
    return directory


def test_no_checkpoint_is_the_start(tmp_path: Path) -> None:
    assert search_of().resume(SearchDirectory(tmp_path)) is None


@pytest.mark.parametrize(
    ("search", "respect"),
    [
        (search_of(tiny(TINY + "# changed\n"), epochs=1), "space"),
        (search_of(tiny(classes="4"), epochs=1), "parameters"),
        (search_of(task=Stripes(batch=3), epochs=1), "data"),
    ],
    ids=["space", "parameters", "data"],
)
def test_checkpoint_of_another_search_is_refused(run: SearchDirectory, search: Searcher, respect: str) -> None:
    with pytest.raises(UserError, match=f"is a search with different {respect}"):
        search.resume(run)


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
def test_damaged_checkpoint_is_told(run: SearchDirectory, damage: str, reason: str) -> None:
    content = run.checkpoint.read_bytes()
    if damage == "other":
        torch.save({"format": "ssrdsl-training-1"}, run.checkpoint)
    elif damage == "old":
        torch.save({"format": "ssrdsl-search-1"}, run.checkpoint)
    else:
        run.checkpoint.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "garbage": b"x" * 999}[damage])
    with pytest.raises(UserError, match=reason):
        search_of(epochs=1).resume(run)


def test_checkpoint_with_a_part_missing_is_told(run: SearchDirectory) -> None:
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
    """A limit on the size of files simulates a full disk."""
    before = run.checkpoint.read_bytes()
    source = f"""
import resource, signal
from pathlib import Path
from ssrdsl.errors import UserError
from ssrdsl.search.checkpoint import save_checkpoint
from ssrdsl.search.run import SearchDirectory
from tests.search.spaces import search_of
run, search = SearchDirectory(Path({str(run.path)!r})), search_of(epochs=1)
state = search.resume(run)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    save_checkpoint(run.checkpoint, state, search.identity())
except UserError as error:
    print(error.message)
"""
    assert resource.RLIMIT_FSIZE is not None
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.startswith(f"cannot write {run.checkpoint}")
    assert run.checkpoint.read_bytes() == before
    assert [path.name for path in run.path.iterdir()] == ["checkpoint.pt"]
