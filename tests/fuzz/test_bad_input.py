"""Inputs that break careless programs, one by one."""

import io
import json
from pathlib import Path

import pytest

from ssrdsl import files
from ssrdsl.cli import main
from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.source import Source
from ssrdsl.space.check import check
from ssrdsl.space.elaborate import builder

SPACE = "use std\nspace s {{\n  input image: 3, 32, 64\n  {}\n}}\n"
GOOD = SPACE.format("c = {8, 16}\n  output image -> conv(c, 3)")


def first(text: str) -> Diagnostic:
    found = check(Source("s.ssr", text))
    assert found, "no diagnostic"
    return found[0]


def inside(statements: str) -> str:
    return first(SPACE.format(statements)).code


@pytest.mark.parametrize("bracket", ["()", "[]", "{}"])
@pytest.mark.parametrize("depth", [150, 2_000])
def test_deep_brackets(bracket: str, depth: int) -> None:
    assert inside(f"output {bracket[0] * depth}image{bracket[1] * depth}") in {"E0110", "E0113", "E0101", "E0104"}
    assert inside(f"output {bracket[0] * depth}").startswith("E01")


@pytest.mark.parametrize("link", ["1 + ", "- ", "1 * ", "true and ", "1 if true else ", "1 < "])
def test_long_expressions(link: str) -> None:
    text = SPACE.format(f"c = {link * 3000}1\n  output image -> relu")
    for found in check(Source("s.ssr", text)):
        assert found.code.startswith("E")


def test_long_pipe_and_deep_calls() -> None:
    assert check(Source("s.ssr", SPACE.format("output image" + " -> relu" * 3000))) == ()
    assert inside("output image -> " + "residual(" * 300 + "relu" + ")" * 300) == "E0110"


def test_deep_blocks() -> None:
    blocks = "block b0 = relu\n" + "".join(f"block b{n} = b{n - 1}\n" for n in range(1, 400))
    assert first(blocks + SPACE.format("output image -> b399").removeprefix("use std\n")).code == "E0602"


def test_expansion_beyond_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "MAX_NODES", 5_000)  # the same as the real limit, only sooner
    blocks = "block b0 = relu -> relu\n" + "".join(f"block b{n} = b{n - 1} -> b{n - 1}\n" for n in range(1, 40))
    assert first(blocks + SPACE.format("output image -> b39").removeprefix("use std\n")).code == "E0601"
    doubling = "xs = [1]\n  for i in [1..60] {\n    xs = xs + xs\n  }\n  output image -> conv(len(xs))"
    assert inside(doubling) == "E0601"


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("output image -> conv({1..1000000000})", "E0601"),
        ("xs = [0..1000000000000]\n  output image -> conv(len(xs))", "E0601"),
        ("output image -> conv({1..1000000})", "E0601"),
        ("output image -> repeat(relu, {1..1000000})", "E0601"),
        ("output image -> repeat(relu, 100000000)", "E0601"),
        ("xs = [1] * 1000000000000\n  output image -> conv(len(xs))", "E0601"),
        ("a, b = split(1000000, 2)\n  output image -> conv(a) -> conv(b)", "E0604"),
        ("output select(10, [image -> conv(8) for i in [1..30]])", "E0604"),
        ("p = permutation([1..2000])\n  output image -> conv(p[0])", "E0604"),
        ("output image -> choose a in {1..200}, b in {1..200} { conv(a * b) }", "E0604"),
    ],
)
def test_huge_ranges(statements: str, code: str) -> None:
    assert inside(statements) == code


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (f"output image -> conv({'9' * 5000})", "E0111"),
        ("output image -> conv(1e39 * 1e39)", "E0603"),
        ("output image -> conv(1e-39 / 1e39)", "E0603"),
        ("output image -> conv(1e999999999)", "E0111"),
        ("output image -> conv(9999999999999999999)", "E0603"),
        ("c = {1000000000, 2000000000}\n  output image -> conv(c * c * c)", "E0603"),
        ("output image -> maxpool(99999999999999)", "E0201"),
        ("output image -> upsample(999999999999) -> upsample(999999999999)", "E0603"),
    ],
)
def test_enormous_numbers(statements: str, code: str) -> None:
    assert inside(statements) == code


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("output image -> conv(8, 3, dilation=1/10)", "E0407"),
        ("output image -> conv(8, 10%)", "E0202"),
        ("output image -> conv({upsample(2), 32})", "E0404"),
        ("output image -> conv({relu, relu})", "E0503"),
        ("output image -> conv({(1, relu), 3})", "E0404"),
        ("output image -> conv({image, 8})", "E0404"),
        ("output image -> conv({[1], [1]})", "E0404"),
        ("output image -> resize(scale={1/2..1 step 1/16000})", "E0604"),
    ],
)
def test_values_of_the_wrong_kind(statements: str, code: str) -> None:
    assert inside(statements) == code


@pytest.mark.parametrize("extent", ["conv({1, 2}, 3)", "[1, 2]", "(1, 2)", '"large"', "true", "relu"])
def test_extents_that_are_no_numbers(extent: str) -> None:
    assert first(f"space s {{\n  input image: 3, 32, {extent}\n  output image -> relu\n}}\n").code == "E0404"


def test_long_permutation() -> None:
    text = SPACE.format("p = permutation([1..24])\n  output image -> chain([conv(4 * p[i]) for i in [0..23]])")
    assert check(Source("s.ssr", text)) == ()


def test_clashing_names() -> None:
    assert first("block f = relu\nblock f = bn\n").code == "E0304"
    assert first("f = 1\nblock f = bn\n").code == "E0304"
    # A name of the prelude is changed by `with`; one of an operator may be rebound: the nearest binding counts.
    defined = "use std\nblock conv_bn(c) = conv(c, 5)\n" + GOOD.removeprefix("use std\n")
    assert first(defined).code == "E0304"
    shadowed = "use std\nblock shift(c) = conv(c, 5)\n" + GOOD.removeprefix("use std\n").replace(
        "conv(c, 3)", "shift(c)"
    )
    assert check(Source("s.ssr", shadowed)) == ()
    assert check(Source("s.ssr", SPACE.format("image = image -> relu\n  output image"))) == ()
    assert check(Source("s.ssr", SPACE.format("relu = 3\n  output image -> conv(relu)"))) == ()


def test_inputs_and_outputs_of_one_name() -> None:
    text = SPACE.format("input image: 3, 32, 64\n  output y: image -> relu\n  output y: image -> bn")
    for found in check(Source("s.ssr", text)):
        assert found.code.startswith("E")


def test_layout_does_not_matter() -> None:
    for text in (
        GOOD.replace("  ", "\t"),
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD.replace("\n", "\n\n\n") + "\n# end",
        GOOD.replace("\n", " # a comment: é → 𝒙\n"),
        GOOD.replace("\n", " \t\f\n"),
    ):
        assert check(Source("s.ssr", text)) == (), repr(text)


def test_tabs_and_wide_signs_count_as_characters() -> None:
    found = first(SPACE.format('m = "日本"\n\toutput imag -> relu'))
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0301", 5, 9)


@pytest.mark.parametrize("sign", ["é", "日", "→", "\x00", "\u2028", "\u00a0", "\x1b", "\U0001f600", "\ud800"])
def test_signs_that_mean_nothing(sign: str) -> None:
    assert inside(f"output image {sign} relu") == "E0102"


@pytest.mark.parametrize("text", ["", "\n", "   \t", "# only a comment", "\ufeff", "\r\n\r\n"])
def test_empty_files(text: str) -> None:
    assert first(text).code == "E0703"


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 2), (b"\xef\xbb\xbf" + GOOD.encode(), 0), (b"\xff\xfe\x00", 2), (GOOD.replace("\n", "\r\n").encode(), 0)],
)
def test_files_of_odd_bytes(tmp_path: Path, content: bytes, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.ssr"
    path.write_bytes(content)
    assert main(["check", str(path)]) == status
    assert "Traceback" not in capsys.readouterr().err


def test_odd_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop.ssr").symlink_to("loop.ssr")
    for name in ("loop.ssr", "none/none.ssr", "x" * 300):
        assert main(["check", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.startswith("error: cannot ")
    (tmp_path / "a.ssr").write_text('use "b.ssr"\n' + GOOD)
    (tmp_path / "b.ssr").write_text('use "a.ssr"\n')
    assert main(["check", str(tmp_path / "a.ssr"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out.splitlines()[0])["code"] in {"E0702", "E0704"}


@pytest.mark.parametrize("name", ["loop.ssr", "\0.ssr", ".", "x" * 5000, "odd.ssr", "endless.ssr"])
def test_files_that_cannot_be_used(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(Source("s.ssr", GOOD)) == ()  # reads the library, which is longer than the limit below
    monkeypatch.setattr(files, "LARGEST_TEXT", 1000)
    (tmp_path / "loop.ssr").symlink_to("loop.ssr")
    (tmp_path / "odd.ssr").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "endless.ssr").write_bytes(b"\n" * 1001)
    found = check(Source(str(tmp_path / "s.ssr"), f'use "{name}"\n{GOOD}'))
    assert [(diagnostic.code, diagnostic.label.span.line) for diagnostic in found] == [("E0701", 1)]


def test_an_endless_file_and_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_TEXT", 1000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n" * 1001)))
    for name in ("/dev/zero", "-"):
        assert main(["check", name]) == 2
        assert "too large for a text file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "value", ["9" * 5000, "1e999", "(" * 5000, "{1..1000000000}", "[1..100000000]", "é", "\ufeff8"]
)
def test_bad_values_of_parameters(tmp_path: Path, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.ssr"
    path.write_text(GOOD.replace("space s {", "space s(n=3) {").replace("conv(c, 3)", "conv(c, n)"))
    assert main(["check", str(path), "--set", f"n={value}"]) == 2
    assert "--> --set n:1:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "setting",
    [
        "epochs = " + "9" * 5000,
        "epochs = " + "(" * 5000 + ")" * 5000,
        "epochs = [1..1000000000]",
        "é = 3",
        "epochs = 1/0",
    ],
)
def test_bad_settings(setting: str) -> None:
    assert first(GOOD + f"search {{\n  {setting}\n}}\n").label.span.line == 8


@pytest.mark.parametrize("name", ["é日本.ssr", "a\nb.ssr", "[red]x.ssr", "a b.ssr", "😀.ssr", "%s.ssr"])
def test_odd_names(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.write_text(GOOD, encoding="utf-8")
    for command in ("check", "compile", "show", "sample"):
        assert main([command, str(path)]) == 0
    path.write_text(GOOD.replace("conv(", "cnv("), encoding="utf-8")
    assert main(["check", str(path)]) == 2
    assert name.splitlines()[-1] in capsys.readouterr().err


@pytest.mark.parametrize("held", [b"", b"[" * 100_000, b"\xff", b'{"space": "s", "decisions": {"c": 1e999}}'])
def test_bad_architectures(tmp_path: Path, held: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.ssr").write_text(GOOD)
    (tmp_path / "a.json").write_bytes(held)
    assert main(["compile", str(tmp_path / "s.ssr"), "--architecture", str(tmp_path / "a.json")]) == 2
    assert "a.json" in capsys.readouterr().err


def test_too_long_a_file() -> None:
    assert first("# " + "x" * 300_000).code == "E0112"


def test_growing_loops_are_given_up_soon_and_once() -> None:
    loop = "for i in [1..3000] {\n    xs = xs + [add([x -> conv(8) for x in xs])]\n  }"
    text = SPACE.format(f"xs = [image]\n  {loop}\n  output xs[0]") + "search { epochs = 3 }\n"
    assert [found.code for found in check(Source("s.ssr", text))] == ["E0601"]


@pytest.mark.parametrize("reading", ["c = sum(ns)", "c = max(ns)", "x = add([x, add(xs)])", "x = concat(xs)"])
def test_reading_long_lists_often_is_work(reading: str) -> None:
    lists = "x = image -> relu\n  ns = [1..2000]\n  xs = [image -> relu] * 2000\n  "
    assert inside(f"{lists}for i in [1..1000] {{\n    {reading}\n  }}\n  output x") == "E0601"


@pytest.mark.parametrize(
    "layer", ["repeat(repeat(conv({4, 8}), {1..100}), {1..100})", "repeat(choose { relu | bn }, 4000)"]
)
def test_many_decisions_are_work(layer: str) -> None:
    assert inside(f"output image -> conv(8) -> {layer}") == "E0601"


def test_the_largest_space() -> None:
    # An input, an output and three nodes for every block.
    assert check(Source("s.ssr", SPACE.format("output image -> repeat(conv_bn_relu(3, 3), 6666)"))) == ()
    found = first(SPACE.format("output image -> repeat(conv_bn_relu(3, 3), 6667)"))
    assert (found.code, found.message) == ("E0601", "the space is too large: more than 20,000 nodes")
    assert found.label.span.text == "conv_bn_relu(3, 3)"


def test_costs_beyond_measure() -> None:
    assert inside("output image -> adaptive_avgpool(1000000000000) -> conv({8, 16}, 1)") == "E0603"
