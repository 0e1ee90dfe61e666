"""A search rejects a target that no architecture meets before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssrdsl.cli import main

TEXT = """use std

space searched(classes=8, height=32, width=48) {
  input image: 3, height, width
  x = image -> conv_bn_relu({4, 8}, 3, stride=2) -> conv_bn_relu({4, 8}, 3)
  output x -> conv(classes, 1) -> resize(image)
}

search { target.macs = TARGET }
"""


@pytest.mark.parametrize(("target", "nearest"), [("1k", "least"), ("1T", "greatest")])
def test_a_target_out_of_reach(target: str, nearest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "searched.ssr"
    path.write_text(TEXT.replace("TARGET", target))
    data = ["--data", "streets:4", "--size", "32x48", "--batch", "2", "--epochs", "1"]
    assert main(["search", str(path), *data, "--out", str(tmp_path / "run")]) == 2
    error = " ".join(capsys.readouterr().err.split())
    # 16 * 24 positions: c * 27 + c * d * 9 + d * 8
    value = {"least": 384 * (4 * 27 + 16 * 9 + 4 * 8), "greatest": 384 * (8 * 27 + 64 * 9 + 8 * 8)}[nearest]
    assert "target.macs: no architecture has about" in error
    assert f"the nearest value is {value:,}" in error
    assert not (tmp_path / "run").exists()


def test_a_target_between_the_steps_of_a_cost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "searched.ssr"
    path.write_text(TEXT.replace("TARGET", "270k"))
    data = ["--data", "streets:4", "--size", "32x48", "--batch", "2", "--epochs", "1", "--threads", "1"]
    assert main(["search", str(path), *data, "--out", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr()
    message = "no architecture has about 270,000 MACs; the nearest one has 328,704 MACs, which is used as target.macs"
    assert f"warning: {message}" in " ".join(printed.err.split())
    assert "328,704 MACs" in printed.out
