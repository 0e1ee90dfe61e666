"""`ssrdsl show`: the tree, folded and open, one architecture, the picture."""

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ssrdsl.cli import main

TEXT = """use std
block wide(c) = residual(conv({c / 2..c step c / 4}, 3) -> bn -> relu -> conv(c, 3) -> bn) -> relu
block context(c) {
  choose d in {1, 2}, s in {1, 2} {
    maxpool(s) -> conv({c / 2, c}, 3, dilation=d) -> upsample(s)
  }
}
space small(classes=4) {
  input image: 3, 16, 32
  c = {8, 16}
  half = image -> conv_bn_relu(16, 3, stride=2) -> repeat(wide(16), {1..3})
  output half -> context(16) -> conv(c, 1) -> conv(classes, 1)
}
"""

FOLDED = """small(classes=4)
├── ◆ c {8, 16} channel
├── input image   3 x 16 x 32
├── half   16 x 8 x 16
│   ├── conv_bn_relu(16, 3, stride=2)   16 x 8 x 16
│   └── 1..3 x wide(16)   16 x 8 x 16
│       ├── ◆ depth {1..3} depth
│       └── ◆ 3 x channels {8..16 step 4} channel
├── context(16)   8..16 x 8 x 16
│   ├── ◆ (d, s) {1, 2} x {1, 2} operator
│   └── ◆ 4 x channels {8, 16} channel
├── conv(c, 1)   8..16 x 8 x 16
├── conv(classes, 1)   4 x 8 x 16
└── output   4 x 8 x 16
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.ssr"
    path.write_text(TEXT)
    return path


def test_folded_tree(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(file)]) == 0
    assert "".join(line.rstrip() + "\n" for line in capsys.readouterr().out.splitlines()) == FOLDED


def test_unfolded_tree_opens_blocks_and_options(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(file), "--unfold", "--set", "classes=7"]) == 0
    shown = capsys.readouterr().out
    for label in ("(d,s)=(1,1)", "(d,s)=(2,2)", "conv({c / 2..c step c / 4}, 3)   8..16 x 8 x 16", "upsample(s)"):
        assert label in shown
    assert "7 x 8 x 16" in shown


def test_architecture_has_no_decisions_left(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", str(file), "-n", "1", "-o", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["show", str(file), "--unfold", "--architecture", str(tmp_path / "small-0.json")]) == 0
    shown = capsys.readouterr().out
    assert "◆" not in shown
    assert ".." not in "".join(line.rpartition("   ")[2] for line in shown.splitlines())


def test_an_output_without_a_name_and_a_space_without_parameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "bare.ssr"
    path.write_text("space bare { input x: 3, 8, 8\n output x -> relu\n output edges: x -> sigmoid }\n")
    assert main(["show", str(path)]) == 0
    shown = [line.lstrip("├└─ ") for line in capsys.readouterr().out.splitlines()]
    assert shown[0] == "bare"
    assert {"input x   3 x 8 x 8", "output   3 x 8 x 8", "output edges   3 x 8 x 8"} < set(shown)


def test_a_choice_at_the_level_of_the_space_is_printed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.ssr"
    path.write_text("space s { input x: 3, 8, 8\n c = {4, 8}\n output x -> conv(c) -> choose { relu | sigmoid } }\n")
    assert main(["show", str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("◆ choose {relu, sigmoid}") == shown.count("◆ c {4, 8}") == 1


def test_an_auxiliary_head_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "spaces/bisenetv2.ssr"]) == 0
    shown = capsys.readouterr().out
    assert "├── auxiliary " in shown
    assert "output" in shown


def test_a_parameter_may_be_a_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "layers.ssr"
    path.write_text("block b(c) = conv(c)\nspace s(act=b, on=true) { input x: 3, 8, 8\n output x -> act(3) }\n")
    for command in ("show", "compile"):
        assert main([command, str(path)]) == 0
        assert capsys.readouterr().out.startswith("s(act=b, on=true)")
    assert main(["sample", str(path), "-n", "1", "--json"]) == 0
    assert '"parameters": {"act": "b", "on": true}' in capsys.readouterr().out


def test_picture(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "small.svg"
    assert main(["show", str(file), "-o", str(picture)]) == 0
    assert ElementTree.fromstring(picture.read_text()).tag.endswith("svg")
    assert main(["show", str(file), "-o", str(tmp_path / "small.png")]) == 2
    assert "small.svg" in capsys.readouterr().err
    assert not (tmp_path / "small.png").exists()


def test_a_picture_is_written_to_a_pipe_without_reading_it(file: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)
    with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as output:
        assert main(["show", str(file), "-o", str(pipe)]) == 0
        assert ElementTree.fromstring(output.read()).tag.endswith("svg")


def test_mistakes_are_reported(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(TEXT.replace("repeat(wide(16)", "repeat(wide(15)"))
    assert main(["show", str(file)]) == 2
    assert "E0" in capsys.readouterr().err


def test_a_merging_operator_has_the_names_of_what_it_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "skip.ssr"
    path.write_text(
        "use std\nspace skip() {\n  input image: 3, 16, 16\n  a = image -> conv(8, 3, stride=2)\n"
        "  output concat(a -> deconv(8, 2), image) -> conv(4)\n}\n"
    )
    assert main(["show", str(path)]) == 0
    assert "concat(·, image)   11 x 16 x 16" in capsys.readouterr().out
