"""The overview of the shipped spaces: every file is in the right table."""

import re
from pathlib import Path

import pytest

from tests.spaces.overview import OVERVIEW, ROW
from tests.spaces.shipped import FOR_SEGMENTATION, SPACES, graph_of


def sections() -> dict[str, str]:
    """The texts below the headings of the overview."""
    parts = re.split(r"^## (.*)$", OVERVIEW.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_every_space_is_in_the_section_that_fits_it(path: Path):
    listed = [heading for heading, text in sections().items() for row in ROW.finditer(text) if row["name"] == path.stem]
    kind = "segmentation" if path in FOR_SEGMENTATION else "classification"
    assert listed == [f"Spaces for {kind}" if graph_of(path.stem).decisions else "Networks"]
