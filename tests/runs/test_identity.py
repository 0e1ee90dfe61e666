"""The formats of stored files."""

from pathlib import Path

import pytest

from ssrdsl.errors import UserError
from ssrdsl.runs.identity import check_format

OTHER = UserError("p is something else")


def test_the_format_is_accepted() -> None:
    check_format(Path("p"), {"format": "ssrdsl-study-2"}, "ssrdsl-study-2", OTHER)


@pytest.mark.parametrize("found", ["ssrdsl-study-1", "ssrdsl-study-10"])
def test_another_version_is_refused(found: str) -> None:
    with pytest.raises(UserError, match="p was written by another version of ssrdsl") as raised:
        check_format(Path("p"), {"format": found}, "ssrdsl-study-2", OTHER, noun="study")
    assert raised.value.help == "start a new study in another directory"


@pytest.mark.parametrize("content", [{}, {"format": None}, {"format": 2}, {"format": "ssrdsl-search-2"}])
def test_other_formats_are_refused(content: dict[str, object]) -> None:
    with pytest.raises(UserError, match="p is something else"):
        check_format(Path("p"), content, "ssrdsl-study-2", OTHER)
