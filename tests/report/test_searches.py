"""The HTML report of a search."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ssrdsl.report.searches import RunContent, TrainedNetwork, search_report


def step(number: int) -> dict[str, Any]:
    return {"kind": "step", "step": number, "loss": 2.0 - 0.01 * number}


def epoch(number: int, gate: float, open_decisions: int) -> dict[str, Any]:
    return {
        "kind": "epoch", "epoch": number, "step": 10 * (number + 1), "gates": {"d": {"0": gate, "1": 1 - gate}},
        "expected_macs": 2e6 - 1e5 * number, "decisions": {"depth": open_decisions},
        "options": {"depth": 2 * open_decisions}, "architectures": 2**open_decisions, "parameters": 1_000 - number,
        "step_seconds": 0.25,
    }  # fmt: skip


RECORD = RunContent(
    name="tiny",
    text="space tiny() {}  # <comment>",
    picture="<svg></svg>",
    facts={"decisions": "1"},
    events=[*map(step, range(1, 21)), epoch(0, 0.6, 1), epoch(1, 0.95, 0)],
    gap={"supernet": 0.25, "discretized": 0.25, "recalibrated": 0.26},
    command_line="ssrdsl search tiny.ssr",
    labels={"d": {"0": "1", "1": "2"}},
    architecture={"d": "2"},
)
OWN = TrainedNetwork("searched", {"parameters": 990, "macs": 1.5e6, "miou": 0.5, "epochs": 12, "size": "16x32"})


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def rows(page: str) -> list[list[str]]:
    cells = (re.findall(r"<td.*?>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL))
    return [found for found in cells if found]


def test_the_page_has_progress_options_scores_and_source() -> None:
    page = search_report(RECORD)
    assert headings(page) == [
        "Space", "Progress of the search", "Remaining options", "Network found", "Scores", "Source of the space",
    ]  # fmt: skip
    assert page.count("<svg") == 1 + 2 + 2
    assert "&lt;comment&gt;" in page
    assert rows(page)[:3] == [
        ["1", "1 (2)", "2", "1,000", "0.25 s"], ["2", "0 (0)", "1", "999", "0.25 s"], ["d", "2"],
    ]  # fmt: skip
    assert [row[1] for row in rows(page)[3:]] == ["25.00 %", "25.00 %", "26.00 %"]


def test_gates_that_do_not_move_have_no_chart() -> None:
    still = replace(RECORD, events=[*map(step, range(1, 21)), epoch(0, 0.5, 1), epoch(1, 0.5, 1)])
    assert search_report(still).count("<svg") == search_report(RECORD).count("<svg") - 1


def test_trained_networks_are_compared() -> None:
    alone = search_report(RECORD, [OWN])
    assert rows(alone)[-1] == ["(d) retrained from scratch", "50.00 %"]
    assert "Comparison with other networks" not in headings(alone)
    picture = (Path(__file__).parents[2] / "examples/demo/predictions.png").read_bytes()
    other = TrainedNetwork("random", {"parameters": 1_200, "macs": 1.6e6, "miou": None}, picture)
    both = search_report(RECORD, [OWN, other])
    assert rows(both)[-2] == ["searched", "12", "16x32", "990", "0.002", "50.00 %", "no score"]
    assert rows(both)[-1][0] == "random"
    assert headings(both)[-3:] == ["Comparison with other networks", "Predictions of random", "Source of the space"]
    assert "data:image/png;base64," in both
