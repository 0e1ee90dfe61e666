"""What is written in other languages, or nearly right, leads on to what is right."""

import pytest

from ssrdsl.language.diagnostics import Diagnostic
from ssrdsl.language.source import Source
from ssrdsl.space.check import check

PLAIN = "output image -> conv(4)"


def checked(*lines: str, tail: str = "") -> tuple[Diagnostic, ...]:
    inside = "\n".join(f"  {line}" for line in lines)
    return check(Source("s.ssr", f"use std\nspace s {{\n  input image: 3, 32, 32\n{inside}\n}}\n{tail}"))


@pytest.mark.parametrize(
    ("line", "code", "help"),
    [
        ("for i in range(3) { y = i }", "E0301", "write `[0..2]`"),
        ("xs = [i for i in range(1, 4)]", "E0301", "write `[0..2]` for `range(3)`"),
        ("y = image -> conv(4, bias=True)", "E0301", "write `true`"),
        ("y = image -> conv(4) -> batchnorm", "E0301", "write `bn`"),
        ("y = image -> Conv2d(3, 16)", "E0301", "input channels are inferred"),
        ("y = add(image, conv(image, 16, 3))", "E0404", "`image -> conv(16, 3)`"),
        ("require latency <= 5ms", "E0301", "bound `macs` or `parameters`"),
        ("require params <= 5M", "E0301", "require macs <= 10G"),
        ("y = image -> conv({8..32 by 8})", "E0109", "write `step 8`"),
        ("y = image -> conv(4, stride=auto)", "E0407", "listed with `=auto`"),
        ("y = image -> mbconv(8, 3, {1, 3})", "E0504", "`choose v in {1, 3} { mbconv(8, 3, v) }`"),
        ("y = image -> mbconv(8, expand={1, 3})", "E0504", "`choose v in {1, 3} { mbconv(8, expand=v) }`"),
    ],
)
def test_what_is_nearly_right_is_led_on(line: str, code: str, help: str) -> None:
    (found,) = checked(line, PLAIN)
    assert (found.code, found.severity, found.label.span.line) == (code, "error", 4)
    assert help in (found.help or "")


@pytest.mark.parametrize(
    ("layer", "message", "help"),
    [
        ("leaky_relu(0.2)", "`leaky_relu` takes no arguments by position", "pass them by name: slope=..."),
        ("relu(1)", "`relu` takes no arguments by position", None),
        ("dropout(0.1, 1)", "`dropout` takes at most one argument by position", None),
        ("linear(4, true)", "`linear` takes at most one argument by position", "pass the others by name: bias=..."),
    ],
)
def test_surplus_arguments_lead_to_their_names(layer: str, message: str, help: str | None) -> None:
    (found,) = checked(f"output image -> {layer}")
    assert (found.code, found.message, found.help) == ("E0401", message, help)


def test_a_tensor_given_to_a_layer_is_underlined() -> None:
    (found,) = checked("output conv(image, 16, 3)")
    assert (found.label.span.text, found.help) == ("image", "apply the layer to it: `image -> conv(16, 3)`")


def test_the_help_on_a_decided_condition_is_right() -> None:
    assert checked("output image -> choose v in {1, 3} { mbconv(8, 3, v) }") == ()


@pytest.mark.parametrize("name", ["latency", "fps"])
def test_times_are_no_targets(name: str) -> None:
    (found,) = checked(PLAIN, tail=f"search {{\n  target.{name} = 5ms\n}}\n")
    assert (found.code, found.label.span.line) == ("E0705", 7)
    assert "target.macs" in (found.help or "")


def test_settings_are_not_separated_by_commas() -> None:
    (found,) = checked(PLAIN, tail="search { batch=8, epochs=3 }\n")
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0101", 6, 17)
    assert "its own line" in (found.help or "")


@pytest.mark.parametrize("layer", ["conv(4, 3, padding=auto, bias=auto)", "maxpool(2, stride=auto)"])
def test_automatic_values_can_be_written(layer: str) -> None:
    assert checked(f"output image -> {layer}") == ()


def test_auto_is_a_name_like_any_other_where_it_is_bound() -> None:
    assert checked("auto = 1", "output image -> conv(4, 3, padding=auto)") == ()


def test_a_constant_range_that_runs_down_is_warned_of() -> None:
    (found,) = checked("xs = [3..0]", PLAIN)
    assert (found.code, found.severity, found.label.span.text) == ("E0503", "warning", "3..0")
    assert found.help == "write `[0..3]`, or `[3..0 step -1]` to count down"


@pytest.mark.parametrize("range_", ["3..0 step -1", "1..n", "0..0"])
def test_other_ranges_are_not(range_: str) -> None:
    assert checked("n = 0", f"xs = [{range_}]", PLAIN) == ()
