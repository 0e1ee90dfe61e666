"""The results of the steps of a study, read back."""

import json
from pathlib import Path

import pytest

from ssrdsl.cli import main
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.study.plan import Network, Plan
from ssrdsl.study.records import read_records

TEXT = "space small { input image: 3, 8, 8\n output image -> conv({4, 8}, 3) -> conv(2, 1) }"


def architecture(path: Path, label: str) -> Path:
    (name,) = open_source(Source("small.ssr", TEXT)).graph.decisions
    path.write_text(json.dumps({"space": "small", "decisions": {name: label}}))
    return path


def result(run: Path, miou: float | None) -> Path:
    run.mkdir()
    (run / "result.json").write_text(json.dumps({"miou": miou}))
    return run


def test_a_training_without_a_score_is_left_out(tmp_path: Path) -> None:
    runs = {(1, 0): result(tmp_path / "a", None), (1, 1): result(tmp_path / "b", 0.25), (2, 0): tmp_path / "none"}
    network = Network("ssr-0", "ssr", 0, architecture(tmp_path / "net.json", "8"), runs)
    records = read_records(Plan((), networks=(network,)), open_source(Source("small.ssr", TEXT)).graph, [])
    assert records.networks[0].scores == {1: {1: 0.25}}
    assert records.unscored == (str(tmp_path / "a"),)


def test_events_whose_last_line_was_cut_short_are_read(tmp_path: Path) -> None:
    gap = {"converged": True, "steps": 4, "seconds": 1.5, "supernet": 0.1, "discretized": 0.1, "recalibrated": 0.2}
    (tmp_path / "gap.json").write_text(json.dumps(gap))
    (tmp_path / "events.jsonl").write_text('{"step": 4, "kind": "epoch", "gates": {}}\n{"step": 8, "ki')
    plan = Plan((), (Network("ssr-0", "ssr", 0, tmp_path / "architecture.json", {}),))
    (search,) = read_records(plan, open_source(Source("small.ssr", TEXT)).graph, []).searches
    assert [event["step"] for event in search.epochs] == [4]


def test_pick_leaves_out_a_training_without_a_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [architecture(tmp_path / f"{label}.json", label) for label in ("4", "8")]
    pairs = [f"{files[0]}={result(tmp_path / 'a', None)}", f"{files[1]}={result(tmp_path / 'b', 0.5)}"]
    assert main(["pick", *pairs, "-o", str(tmp_path / "best.json")]) == 0
    assert f"{tmp_path / 'a'} has no mean IoU" in " ".join(capsys.readouterr().err.split())
    assert (
        json.loads((tmp_path / "best.json").read_text())["decisions"] == json.loads(files[1].read_text())["decisions"]
    )
    assert main(["pick", pairs[0], "-o", str(tmp_path / "best.json")]) == 2
    assert "none of the trainings has finished with a score" in capsys.readouterr().err
