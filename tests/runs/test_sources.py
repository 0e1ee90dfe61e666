"""A run stores the source texts of its space, for any paths and names."""

from pathlib import Path

import pytest

from ssrdsl.runs.directory import RunDirectory
from ssrdsl.runs.sources import keep_sources, read_sources

TEXTS = {
    "one": {"a/net.ssr": "space"},
    "beside": {"a/net.ssr": "space", "a/lib/blocks.ssr": "block"},
    "outside": {"a/b/net.ssr": "space", "a/b/../../x.ssr": "block"},
    "named as the run's own": {"net.ssr": "space", "space.ssr": "b", "manifest.json": "c", "checkpoint.pt": "d"},
    "absolute": {"net.ssr": "space", "/tmp/lib/blocks.ssr": "block"},
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_texts_are_read_as_they_were_kept(tmp_path: Path, texts: dict[str, str]) -> None:
    main = next(iter(texts))
    recorded = keep_sources(RunDirectory(tmp_path), "space.ssr", main, texts)
    assert (tmp_path / "space.ssr").read_text() == "space"
    assert {path.name for path in tmp_path.iterdir()} <= {"space.ssr", "sources"}
    found, kept = read_sources(tmp_path, "space.ssr", recorded)
    if len(texts) == 1:
        assert (found, kept) == (str(tmp_path / "space.ssr"), {str(tmp_path / "space.ssr"): "space"})
    else:
        assert (found, kept) == (main, texts)
