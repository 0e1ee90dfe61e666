"""The manifest of a run records command, space and versions."""

import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import ssrdsl
from ssrdsl.errors import UserError
from ssrdsl.manifest import MANIFEST_NAME, manifest, read_manifest


def test_written_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/ssrdsl", "search", "my space.ssr", "--seed", "7"])
    record = manifest("search", seed=7, space="tiny", space_text="space tiny\n", settings={"epochs": 3})
    record.write(tmp_path)
    assert read_manifest(tmp_path) == record
    assert record.space_sha256 == hashlib.sha256(b"space tiny\n").hexdigest()
    assert record.command_line == "ssrdsl search 'my space.ssr' --seed 7"
    assert record.ssrdsl == ssrdsl.__version__
    assert json.loads((tmp_path / MANIFEST_NAME).read_text())["settings"] == {"epochs": 3}


def test_torch_is_named_only_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(__version__="2.4"))
    assert manifest("search").torch == "2.4"
    monkeypatch.delitem(sys.modules, "torch")
    assert manifest("compile").torch is None
    assert "torch" not in sys.modules


def test_folders_that_are_no_runs(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a run directory"):
        read_manifest(tmp_path)
    with pytest.raises(UserError, match="there is no directory"):
        read_manifest(tmp_path / "none")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"command": 1}'])
def test_damaged_manifest(tmp_path: Path, content: str) -> None:
    (tmp_path / MANIFEST_NAME).write_text(content)
    with pytest.raises(UserError, match=r"manifest\.json is damaged"):
        read_manifest(tmp_path)
