"""The record of the steps of a study."""

from pathlib import Path

from ssrdsl.study.journal import JOURNAL_NAME, Ended, append, cpu_shares


def test_cpu_shares_of_commands_that_ran_once(tmp_path: Path) -> None:
    search, training = tmp_path / "search/ssr-0", tmp_path / "training/ssr-0/1-epochs-seed-0"
    assert cpu_shares(tmp_path / JOURNAL_NAME, search, training) is None
    append(tmp_path, Ended("search/ssr-0", "finished", 0, 8.0, 6.0, 1))
    append(tmp_path, Ended("train/ssr-0/1-epochs-seed-0", "finished", 0, 4.0, 2.0, 1))
    assert cpu_shares(tmp_path / JOURNAL_NAME, search, training) == (0.75, 0.5)
    append(tmp_path, Ended("search/ssr-0", "finished", 0, 1.0, 1.0, 1))
    assert cpu_shares(tmp_path / JOURNAL_NAME, search, training) is None
