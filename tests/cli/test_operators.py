"""`ssrdsl operators`: the list and the descriptions."""

import pytest

from ssrdsl.cli import main
from ssrdsl.operators import OPERATORS


def test_list_names_every_operator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators"]) == 0
    starts = [line.split("(")[0].split(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert {*OPERATORS} <= {*starts}


def test_description_shows_the_signature_and_which_arguments_take_sets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "depthwise"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "depthwise(kernel, stride=1, dilation=1, padding=auto, bias=auto)"
    rows = {line.split()[0]: line.split()[-1] for line in lines if line}
    assert rows["kernel"] == "kernel"
    assert rows["padding"] == "auto"


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("relu", "relu"),
        ("skip", "skip"),
        ("bn", "bn(eps=1e-5, momentum=0.1)"),
        ("concat", "concat(tensors)"),
        ("match", "match(x, like)"),
        ("resize", 'resize(target, scale=..., mode="bilinear", align_corners=false)'),
    ],
)
def test_signatures(name: str, signature: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", name]) == 0
    assert capsys.readouterr().out.splitlines()[0] == signature


def test_unknown_operator_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "maxpol"]) == 2
    assert capsys.readouterr().err == "error: unknown operator `maxpol`\nhelp: did you mean `maxpool`?\n"


def test_functions_and_the_prelude_are_listed_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators"]) == 0
    shown = capsys.readouterr().out
    for words in (
        "select(k, tensors)",
        "residual(f) of x",
        "upsample(factor",
        "Blocks of the prelude (`use std`)",
    ):
        assert words in shown
    assert main(["operators", "repeat"]) == 0
    assert capsys.readouterr().out.startswith("repeat(layer, depth)\nApply a layer")
    assert main(["operators", "residual"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("residual(f) of x\nx + f(x)")
    assert "\n\nblock residual(f) of x {\n" in shown
    assert main(["operators", "residul"]) == 2
    assert "did you mean `residual`?" in capsys.readouterr().err
