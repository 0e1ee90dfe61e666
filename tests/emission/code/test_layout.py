"""Code is split into lines as ruff does."""

import subprocess
import sys
from pathlib import Path

import pytest

from ssrdsl.emission.code.layout import laid_out, signature
from ssrdsl.emission.code.trees import Each, Mapped, Raw, Starred, Ternary
from ssrdsl.operators.construction import Called, Code, Infix, Leaf, Listed
from ssrdsl.space.expressions.symbols import named


def conv(count: int) -> Called:
    channels = Leaf(named(8, "in_channels"))
    return Called("nn.Conv2d", (channels,) * count, (("padding", Leaf((1, 0))), ("bias", Leaf(False))))


STRIDED = Infix(">", (Raw("stride"), Leaf(1)))
POOLED = Infix(">", (Raw("s"), Leaf(1)))
PROJECTED = Infix("or", (Infix("!=", (Raw("stride"), Leaf(1))), Infix("!=", (Raw("in_channels"), Raw("c")))))

SAMPLES: list[Code] = [
    conv(2),
    conv(8),
    Called("nn.Sequential", (conv(2),) * 2),
    Called("nn.Sequential", (conv(2), conv(9), conv(2))),
    Called("nn.Sequential", (Ternary(conv(3), STRIDED, Called("nn.Identity")),) * 2),
    Called("nn.Sequential", (Ternary(Called("nn.Sequential", (conv(4),) * 3), POOLED, Called("nn.Identity")), conv(2))),
    Ternary(Called("nn.Sequential", (conv(3),) * 2), PROJECTED, Called("nn.Identity")),
    Ternary(conv(4), PROJECTED, Called("nn.Identity")),
    Called("nn.ModuleList", (Each(conv(3), "g", Raw("grids")),)),
    Called("nn.ModuleList", (Each(Called("nn.Sequential", (conv(3),) * 3), "g", Leaf((1, 2, 3))),)),
    Called("nn.ModuleList", (Each(conv(4), "g", Leaf(tuple(range(40)))),)),
    Called("nn.Sequential", (conv(3), Starred(Each(conv(5), "_", Called("range", (Leaf(7),)), "()")))),
    Called("nn.Sequential", (Starred(Each(conv(5), "_", Called("range", (Leaf(7),)), "()")),)),
    Called("torch.cat", (Listed((conv(4), conv(4), Raw("x"))),), (("dim", Leaf(1)),)),
    Called("torch.cat", (Listed(tuple(Raw(f"branch{i}") for i in range(20))),), (("dim", Leaf(1)),)),
    Mapped(tuple((f"head{i}", Called(f"self.head{i}", (Raw("x"),))) for i in range(6))),
    Called("Pyramid", (Leaf(3), Leaf(4)), (("grids", Leaf(tuple(range(50)))),)),
    Infix("+", (Raw("x"), Called("self.body", (Raw("x"),)))),
    Infix("*", (Infix("+", (Raw("x"), Raw("y"))), Raw("z"))),
]


def test_the_formatter_finds_nothing_to_change(tmp_path: Path):
    lines = []
    for index, code in enumerate(SAMPLES):
        for indent, before in (("        ", "self.attribute = "), ("        ", f"self.{'longer_' * 6}name{index} = ")):
            lines += laid_out(code, indent, before)
        lines += laid_out(code, "        ", "return ") if index % 3 == 0 else []
    names = [f"parameter{i}=1" for i in range(12)]
    body = ["class Sample:", *signature("    ", "__init__", ["self", "in_channels", *names[:3]]), *lines]
    for count in (7, 12):
        body += ["", *signature("    ", f"method{count}", ["self", *names[:count]]), "        pass"]
    path = tmp_path / "sample.py"
    path.write_text("\n".join(body) + "\n")
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--diff", str(path)]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("code", SAMPLES)
def test_no_line_is_too_long(code: Code):
    assert all(len(line) <= 120 for line in laid_out(code, "        ", "self.attribute = "))


def test_a_call_that_fits_is_one_line_and_one_that_does_not_is_opened():
    assert laid_out(Called("f", (Raw("x"),)), "    ", "y = ") == ["    y = f(x)"]
    first, second, third = laid_out(Called("f", (Raw("x" * 60), Raw("y" * 50))), "    ", "y = ")
    assert (first, second.strip(), third) == ("    y = f(", f"{'x' * 60}, {'y' * 50}", "    )")
