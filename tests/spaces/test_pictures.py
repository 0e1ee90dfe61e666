"""The pictures of the shipped spaces."""

from pathlib import Path

import pytest

from tests.report.networks import shipped
from tests.report.test_layout import check_apart, flows
from tests.spaces.shipped import SPACES


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_no_line_crosses_a_box(path: Path) -> None:
    for flow in flows(shipped(path.stem)):
        check_apart(flow)
