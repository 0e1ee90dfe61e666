"""The record of the steps of a study."""

from pathlib import Path

from ssrdsl.study.journal import JOURNAL_NAME, Ended, append, cpu_seconds


def test_cpu_seconds_of_commands_that_ran_once(tmp_path: Path) -> None:
    search, training = tmp_path / "search/ssr-0", tmp_path / "training/ssr-0/1-epochs-seed-0"
    assert cpu_seconds(tmp_path / JOURNAL_NAME, search, training) is None
    append(tmp_path, Ended("search/ssr-0", "finished", 0, 9.0, 5.0, 1))
    append(tmp_path, Ended("train/ssr-0/1-epochs-seed-0", "finished", 0, 3.0, 2.0, 1))
    assert cpu_seconds(tmp_path / JOURNAL_NAME, search, training) == (5.0, 2.0)
    append(tmp_path, Ended("search/ssr-0", "finished", 0, 1.0, 1.0, 1))
    assert cpu_seconds(tmp_path / JOURNAL_NAME, search, training) is None
