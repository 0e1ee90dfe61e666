"""Bounds on costs that lie within the range of a cost and that no architecture meets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ssrdsl.cli import main
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.source import Source
from ssrdsl.space.check import check
from ssrdsl.space.graph import Graph
from ssrdsl.space.prove import costs
from ssrdsl.space.windows.nearest import Nearest, nearest_to
from ssrdsl.space.windows.window import Window

EQUAL = """space equal(classes=4, height=16, width=16) {{
  input image: 3, height, width
  x = image -> conv({{4..16 step 4}}, 1) -> bn -> relu
  output x -> conv(classes, 1)
{requirements}
}}
"""  # parameters: 40, 76, 112, 148; MACs: 256 * (3 + 4) per channel


def found(requirements: str) -> list[Diagnostic]:
    return list(check(Source("equal.ssr", EQUAL.format(requirements=requirements))))


def compiled(requirements: str, folder: Path, *options: str) -> int:
    path = folder / "equal.ssr"
    path.write_text(EQUAL.format(requirements=requirements))
    return main(["compile", str(path), *options])


def test_a_cost_that_no_architecture_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (diagnostic,) = found("  require parameters == 100")
    assert (diagnostic.code, diagnostic.severity) == ("E0801", "error")
    assert diagnostic.message == "no architecture has parameters == 100"
    assert diagnostic.label.text == "the nearest value is 112"
    assert diagnostic.label.span.line == 5
    assert compiled("  require parameters == 100", tmp_path) == 2
    assert "no architecture has parameters == 100" in capsys.readouterr().err


def test_a_cost_that_some_architecture_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found("  require parameters == 112") == []
    assert compiled("  require parameters == 112", tmp_path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["requirements"][0]["kept_by"] == "some"


def test_bounds_that_are_never_met_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = "  require parameters >= 80\n  require macs <= 14k"  # 112 parameters: 21,504 MACs
    (diagnostic,) = found(both)
    assert diagnostic.message == "no architecture meets all bounds on costs"
    assert "the nearest architecture found has " in diagnostic.label.text
    assert len(diagnostic.secondary) == 1
    assert compiled(both, tmp_path) == 2
    assert "no architecture meets all bounds on costs" in capsys.readouterr().err
    (diagnostic,) = found("  require parameters <= 80\n  require parameters >= 90")
    assert diagnostic.message == "no architecture meets all bounds on costs"
    assert compiled("  require parameters >= 80\n  require macs <= 22k", tmp_path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["found_to_keep_all_costs"] is True


def test_unproved_bounds_are_reported_as_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ssrdsl.space.conditions.budget import TooWide
    from ssrdsl.space.windows import nearest

    def refuse(*_: object, **__: object) -> None:
        raise TooWide("too many cases")

    monkeypatch.setattr(nearest, "Costed", refuse)
    assert compiled("  require parameters == 100", tmp_path) == 0
    assert "not known" in " ".join(capsys.readouterr().out.split())
    assert found("  require parameters == 100") == []


def test_a_target_out_of_reach_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = EQUAL.format(requirements="") + "search { target.macs = 1M }\n"
    path = tmp_path / "equal.ssr"
    path.write_text(text)
    assert main(["compile", str(path)]) == 0
    error = capsys.readouterr().err
    assert "warning[E0705]: no architecture has about 1,000,000 MACs" in error
    assert "MACs are between 7,168 and 28,672 in this space" in error
    assert "the nearest value is 28,672" in error
    path.write_text(text.replace("1M", "20k"))
    assert main(["compile", str(path)]) == 0
    assert capsys.readouterr().err == ""


def test_the_nearest_architecture_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []

    def counted(graph: Graph, windows: Sequence[Window]) -> Nearest:
        searched.append(graph)
        return nearest_to(graph, windows)

    monkeypatch.setattr(costs, "nearest_to", counted)
    assert compiled("  require parameters == 100", tmp_path) == 2
    assert len(searched) == 1
