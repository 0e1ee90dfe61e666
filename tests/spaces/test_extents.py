"""Segmentation spaces take any height and width, or state in their headers what these must be multiples of."""

import re
from pathlib import Path

import pytest

from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.space import open_space
from ssrdsl.space.prove import prove
from tests.spaces.shipped import FOR_SEGMENTATION, header


def labelled(path: Path, height: int, width: int) -> bool:
    """Whether every network of the space takes such an image and labels each of its positions."""
    try:
        graph = open_space(path, {"height": str(height), "width": str(width)}).graph
    except DiagnosticError:
        return False
    output = next(node for node in graph.outputs if not node.auxiliary)
    return not prove(graph).found and tuple(graph.shape(output.inputs[0])[1:]) == (height, width)


@pytest.mark.parametrize("path", FOR_SEGMENTATION, ids=lambda path: path.stem)
def test_the_header_says_what_the_extents_must_be(path: Path):
    stated = re.search(r"must be multiples of (\d+)", header(path))
    if stated is None:
        assert labelled(path, 167, 251)
        return
    factor = int(stated[1])
    assert labelled(path, 11 * factor, 17 * factor)
    assert not labelled(path, 11 * factor + factor // 2, 17 * factor)
