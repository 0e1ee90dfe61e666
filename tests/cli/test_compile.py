"""`ssrdsl compile`: figures, files and mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from ssrdsl.cli import main
from ssrdsl.space import open_space
from ssrdsl.space.architecture import Architecture, describe, write_architecture
from ssrdsl.space.ranges import elimination, factors
from ssrdsl.space.summary import scientific

SPACE = """use std
space small(classes=4, size=8) {
  input image: 3, size, size
  c = {8, 16}
  output image -> conv(c, 3) -> repeat(choose { conv(c, 3) | skip }, {1..2}) -> conv(classes)
  require parameters <= 5k
}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.ssr"
    path.write_text(SPACE.replace("5k", "5000"))
    return path


def compiled(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["compile", "--json", *map(str, arguments)]) == 0
    held = json.loads(capsys.readouterr().out)
    assert isinstance(held, dict)
    return held


def test_the_figures_of_realtime(capsys):
    held = compiled(capsys, "spaces/realtime.ssr")
    assert held["space"] == "realtime"
    assert len(held["sha256"]) == 64
    assert held["architectures"] == str(sum(810**n for n in range(1, 6)) * sum(810**n for n in range(1, 10)))
    assert held["configurations"] == str(5 * 9 * (10 * 9**20) ** 14)
    assert held["decisions"] == {"total": 296, "per_dimension": {"depth": 2, "operator": 14, "channel": 280}}
    assert held["macs"] == {"minimum": 2808458496, "maximum": 14588328960}
    assert held["parameters"] == {"minimum": 222783, "maximum": 1202847}
    assert held["supernet_parameters"] == 10369343
    assert held["requirements"] == [{"text": "macs <= 11G", "kept_by": "some"}]


def test_a_network_has_minimum_and_maximum_alike(capsys):
    held = compiled(capsys, "spaces/ssr_published.ssr")
    assert (held["architectures"], held["configurations"], held["decisions"]["total"]) == ("1", "1", 0)
    assert held["parameters"] == {"minimum": 1_022_688, "maximum": 1_022_688}
    assert held["supernet_parameters"] == 1_022_688
    assert held["macs"]["minimum"] == held["macs"]["maximum"]


def test_parameters_of_a_space_are_set(small, capsys):
    plain, wide = compiled(capsys, small), compiled(capsys, small, "--set", "classes=9", "--set", "size=16")
    assert wide["arguments"] == {"classes": 9, "size": 16}
    assert wide["parameters"]["minimum"] - plain["parameters"]["minimum"] == 5 * (8 + 1)
    assert wide["sha256"] == plain["sha256"]


def test_figures_of_a_small_space(small, capsys):
    held = compiled(capsys, small)
    assert held["architectures"] == str(2 * (2 + 4))
    assert held["configurations"] == str(2 * 2 * 2 * 2)
    first, last = {c: 3 * c * 9 + c for c in (8, 16)}, {c: c * 4 + 4 for c in (8, 16)}
    inner = 16 * 16 * 9 + 16
    assert held["parameters"] == {"minimum": first[8] + last[8], "maximum": first[16] + last[16] + 2 * inner}


def test_an_architecture_comes_with_its_parameters_and_a_warning_where_the_file_changed(small, tmp_path, capsys):
    path = tmp_path / "architecture.json"
    program = open_space(small, {"classes": "5"})
    taken = {"c": 1, "repeat.depth": 0, "choose[0]": 1}
    write_architecture(path, describe(program, taken))
    assert compiled(capsys, small, "--architecture", path)["arguments"]["classes"] == 5
    assert compiled(capsys, small, "--architecture", path, "--set", "classes=3")["arguments"]["classes"] == 3
    assert capsys.readouterr().err == ""
    small.write_text(small.read_text() + "# changed\n")
    for command in (["compile", small, "--json"], ["show", small]):
        assert main([*map(str, command), "--architecture", str(path)]) == 0
        err = capsys.readouterr().err
        assert f"warning: {small} has changed since {path} was written (sha256 was" in err
        assert "help: decisions are matched by name" in err


def test_one_architecture_of_a_space(small, tmp_path, capsys):
    architecture = Architecture("small", "", {}, {"c": "16", "repeat.depth": "1", "choose[0]": "skip"})
    write_architecture(tmp_path / "architecture.json", architecture)
    held = compiled(capsys, small, "--architecture", tmp_path / "architecture.json")
    expected = 3 * 16 * 9 + 16 + 16 * 4 + 4
    assert held["parameters"] == {"minimum": expected, "maximum": expected}
    assert held["decisions"] == {"total": 0, "per_dimension": {}}
    assert held["architectures"] == held["configurations"] == "1"


def test_tables_name_stages_decisions_and_sizes(capsys):
    assert main(["compile", "spaces/realtime.ssr"]) == 0
    out = capsys.readouterr().out
    for text in (
        "realtime(classes=19, height=512, width=1024)", "quarter", "32..64 x 128 x 256",
        "1 depth, 5 operator, 100 channel",
        "14 of {1, 2, 4, 8, 16} x {1, 2}", "100 of {32..64 step 4}; 180 of {96..128 step 4}",
        "5.25 x 10^40  52464224634366813352088559183412180568100", "6.94 x 10^282", "2.81 to 14.59 G",
        "2,808,458,496 to 14,588,328,960", "10,369,343", "require macs <= 11G  met by some",
    ):  # fmt: skip
        assert text in out


def test_graph_and_picture_are_written(small, tmp_path, capsys):
    out = tmp_path / "deep" / "build"
    assert main(["compile", str(small), "-o", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["graph.graphml", "graph.json", "space.svg"]
    assert len(nx.node_link_graph(json.loads((out / "graph.json").read_text()), edges="links")) > 5
    assert (out / "space.svg").read_text().startswith("<svg ")
    assert f"to {out}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_leaves_nothing(small, tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    assert main(["compile", str(small), "-o", str(tmp_path / "taken")]) == 2
    assert "taken" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "a file"


def test_bounds_on_costs_that_nothing_keeps(tmp_path, capsys):
    path = tmp_path / "small.ssr"
    path.write_text(SPACE.replace("5k", "10"))
    assert main(["compile", str(path)]) == 2
    err = capsys.readouterr().err
    assert "error[E0801]: no architecture has parameters <= 10" in err
    assert "small.ssr:6:11" in err
    assert "between 260 and 5,156" in err


def test_mistakes_in_the_text_are_reported_together_with_status_2(tmp_path, capsys):
    path = tmp_path / "wrong.ssr"
    path.write_text(
        "use std\nspace w() {\n  input x: 3, 8, 8\n  y = add(x, x -> conv({3, 4}))\n  output y -> conv(0)\n}\n"
    )
    assert main(["compile", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error[E0203]" in captured.err
    assert "= when: " in captured.err
    assert captured.err.count("error[") == 1  # errors that follow from another are not reported


@pytest.mark.parametrize(
    "arguments",
    [
        ["no/such.ssr"], ["spaces"], ["spaces/realtime.ssr", "--set", "clases=3"],
        ["spaces/realtime.ssr", "--set", "classes"], ["spaces/realtime.ssr", "--architecture", "no.json"],
    ],
)  # fmt: skip
def test_bad_arguments_are_one_error_with_help(arguments, capsys):
    assert main(["compile", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "help: " in err


def test_costs_that_cannot_be_computed_are_reported_with_the_reason(capsys, monkeypatch):
    monkeypatch.setattr(factors, "MAX_ENTRIES", 1)
    held = compiled(capsys, "spaces/realtime.ssr")
    assert held["macs"] is None
    assert held["parameters"] is None
    assert held["not_computed"] == {"bounds": "an expression has too many values to list"}
    assert [requirement["kept_by"] for requirement in held["requirements"]] == ["unknown"]
    assert main(["compile", "spaces/realtime.ssr"]) == 0
    out = capsys.readouterr().out
    assert out.count("not computed: an expression has too many values") == 2
    assert "not known: the bounds were not computed" in out


def test_bounds_that_are_not_attained_are_distinguished_from_exact_ones(capsys, monkeypatch):
    for limit in ("MAX_TABLE", "SMALL_TABLE", "TINY_TABLE"):
        monkeypatch.setattr(elimination, limit, 1)
    held = compiled(capsys, "spaces/autortnet.ssr")
    for cost in ("macs", "parameters"):
        assert held[cost].keys() == {"lower_bound", "least_found", "upper_bound", "greatest_found"}
        assert held[cost]["lower_bound"] < held[cost]["least_found"] < held[cost]["greatest_found"]
        assert held[cost]["greatest_found"] < held[cost]["upper_bound"]
    assert main(["compile", "spaces/autortnet.ssr"]) == 0
    out = capsys.readouterr().out
    assert "between 1.49 and 10.88 G" in out
    assert "proved bounds; found: " in out


def test_bounds_on_costs_that_are_kept_one_by_one_but_not_together(tmp_path, capsys):
    path = tmp_path / "both.ssr"
    path.write_text(
        "use std\nspace both() {\n  input x: 3, 12, 12\n"
        "  pick = choose { maxpool(4) -> conv(64, 3) -> resize((12, 12)) | conv(8, 3) }\n"
        "  output x -> pick\n  require parameters <= 300\n  require macs <= 20000\n}\n"
    )
    assert main(["compile", str(path)]) == 2
    printed = capsys.readouterr().err
    assert "error[E0801]: no architecture meets all bounds on costs" in printed
    assert "the nearest architecture found has 31,104 MACs and 224 parameters" in printed
    path.write_text(path.read_text().replace("20000", "40000"))
    assert compiled(capsys, path)["found_to_keep_all_costs"] is True
    assert main(["compile", str(path)]) == 0
    assert "together" not in capsys.readouterr().out


def test_bounds_on_costs_of_a_network_without_decisions(tmp_path, capsys):
    path = tmp_path / "fixed.ssr"
    path.write_text(
        "space fixed {\n  input x: 3, 12, 12\n  output x -> conv(8, 3)\n"
        "  require macs <= 40000\n  require parameters <= 300\n}\n"
    )
    assert compiled(capsys, path)["found_to_keep_all_costs"] is True


def test_numbers_with_powers():
    assert scientific(9_999) == "9999"
    assert scientific(10_000) == "1.00 x 10^4"
    assert scientific(99_949) == "9.99 x 10^4"
    assert scientific(99_951) == "1.00 x 10^5"
    assert scientific(10**300) == "1.00 x 10^300"
    assert scientific(10**300 - 1) == "1.00 x 10^300"
    assert scientific(40 * 810**111) == "2.78 x 10^324"
    assert scientific(3**20_000) == "2.66 x 10^9542"


def test_lists_of_a_file_are_shown_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "s.ssr").write_text("""space s {
  input image: 3, 8, 8
  kinds = [{0..1} for i in [0..2]]
  output image -> chain([[relu, skip][o] for o in kinds])
  require sum([o == 1 for o in kinds]) <= 2
}
""")
    assert main(["compile", str(tmp_path / "s.ssr")]) == 0
    assert "require sum([o == 1 for o in kinds]) <= 2" in capsys.readouterr().out
