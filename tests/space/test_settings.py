"""Errors in `search { ... }`: each is reported at its setting, with valid values or the nearest setting."""

from typing import get_args

import pytest

from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.check import check
from ssrdsl.space.settings import StrategyName

SPACE = "space s {\n  input image: 3, 32, 64\n  output image -> conv({8, 16}, 3)\n}\n"


def searched(*lines: str) -> Source:
    """A space with these settings, on from line 6."""
    return Source("s.ssr", SPACE + "\n".join(["search {", *(f"  {line}" for line in lines), "}", ""]))


STRATEGIES = ", ".join(f'"{name}"' for name in get_args(StrategyName))


@pytest.mark.parametrize(
    ("line", "message", "help"),
    [
        ('strategy = "srr"', f'`strategy` takes one of {STRATEGIES}, not "srr"', "did you mean `ssr`?"),
        ('strategy = "dart"', f'`strategy` takes one of {STRATEGIES}, not "dart"', "did you mean `darts`?"),
        ("strategy = 3", f"`strategy` takes one of {STRATEGIES}, not 3", "omit it for the default of the search"),
        ('sdarts.perturbation = "loud"', '`sdarts.perturbation` takes one of "random", "adversarial", not "loud"', ""),
        ('epochs = "many"', '`epochs` takes an integer above 0, not "many"', "omit it"),
        ("epochs = true", "`epochs` takes an integer above 0, not true", "omit it"),
        ("epochs = 1.5", "`epochs` takes an integer above 0, not 1.5", "omit it"),
        ("batch = -1", "`batch` takes an integer above 0, not -1", "omit it"),
        ("shrink.below = 2", "`shrink.below` takes a number above 0 and below 1, not 2", "0.1"),
        ("architecture.warm_up = 100%", "`architecture.warm_up` takes a number from 0 and below 1, not 1", "0.2"),
        ("weights.decay = -1e-4", "`weights.decay` takes a number from 0, not -0.0001", "0.0001"),
        ("epoch = 3", "unknown setting `epoch`", "`epochs`"),
        ("targt.macs = 1G", "unknown setting `targt.macs`", "`target.macs`"),
        ("ssr.dept = 0.3", "unknown setting `ssr.dept`", "`ssr.depth`"),
        ("macs = 1G", "unknown setting `macs`", "`target.macs`"),
        ("ssr.below = 0.1", "unknown setting `ssr.below`", "`shrink.below`"),
        ("rate = 1", "unknown setting `rate`", "`weights.rate` or `architecture.rate`"),
        ("banana = 1", "unknown setting `banana`", "known settings: strategy, epochs"),
        (
            "target.banana = 1",
            "unknown setting `target.banana`",
            "target.macs, target.parameters, target.weight",
        ),
        ("ssr = 0.3", "`ssr` is a group of settings", "ssr.depth"),
        ("ssr.depth.x = 0.3", "unknown setting `ssr.depth.x`", "`ssr.depth` is a setting itself"),
    ],
)
def test_a_setting_that_is_not_possible(line: str, message: str, help: str) -> None:
    (found,) = check(searched(line))
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0705", 6, 3)
    assert found.message == message
    assert help in (found.help or "")


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("target.macs = 5ms", "E0705", 17),
        ("epochs = 3 * 2s", "E0705", 16),
        ("epochs = [1, 2]", "E0705", 12),
        ("epochs = relu", "E0705", 12),
        ("epochs = {1, 2}", "E0504", 12),
        ("epochs = n", "E0301", 12),
    ],
)
def test_a_value_that_no_setting_takes(line: str, code: str, column: int) -> None:
    (found,) = check(searched(line))
    assert (found.code, found.label.span.line, found.label.span.column) == (code, 6, column)
    assert found.help


def test_a_setting_may_occur_only_once() -> None:
    found = check(searched("epochs = 3", "ssr.depth = 1", "epochs = -4", "epochs.x = 1"))
    assert [(one.code, one.label.span.line) for one in found] == [("E0705", 8), ("E0705", 9), ("E0705", 8)]
    assert found[0].secondary[0].span.line == 6


def test_mistakes_of_settings_do_not_hide_others() -> None:
    found = check(Source("s.ssr", searched("epochs = [1]", "batch = n").text.replace("conv(", "cnv(")))
    assert [(one.code, one.label.span.line) for one in found] == [("E0301", 3), ("E0705", 6), ("E0301", 7)]


def test_a_setting_may_be_reckoned() -> None:
    settings = open_source(searched("epochs = 2 * 3", 'strategy = "ssr"', "target.macs = 1.5M")).settings
    assert (settings.epochs, settings.strategy, settings.target.macs) == (6, "ssr", 1_500_000)


def test_the_names_of_strategies_are_those_of_the_search() -> None:
    from ssrdsl.search.strategies import registry

    assert get_args(StrategyName) == tuple(registry.STRATEGIES)
