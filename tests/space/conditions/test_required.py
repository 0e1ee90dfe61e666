"""Whether requirements can be met after choosing some options."""

from __future__ import annotations

import pytest

from ssrdsl.errors import UserError
from ssrdsl.space.conditions import diagrams, required
from ssrdsl.space.conditions.required import Conditions
from tests.space.texts import graph_of

WIDTHS = "ws = [" + ", ".join("{3, 11, 20, 45}" for _ in range(8)) + "]"
LAYERS = ("h = x", "for w in ws { h = h -> conv(w, 1) }", "output h")


def test_what_the_least_options_meet_needs_no_diagram(monkeypatch: pytest.MonkeyPatch):
    def unexpected(*_: object) -> None:
        raise AssertionError("a diagram was made")

    monkeypatch.setattr(required, "diagram_of", unexpected)
    graph = graph_of(WIDTHS, "require sum([w * w for w in ws]) <= 2000", *LAYERS)
    assert Conditions(graph).can_hold(dict.fromkeys(graph.decisions, (0, 1)))


def test_conditions_that_contradict_each_other_cannot_hold():
    graph = graph_of(WIDTHS, "require sum(ws) <= 100", "require sum(ws) >= 90", "require ws[0] == ws[1]", *LAYERS)
    first, second, *others = graph.decisions
    conditions = Conditions(graph)
    assert conditions.can_hold({first: (1, 2)})
    assert not conditions.can_hold({first: (0,), second: (1,)})
    assert not conditions.can_hold(dict.fromkeys(others, (0,)))


def test_undetermined_conditions_are_errors_of_the_user(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(diagrams, "MAX_PARTS", 100)
    graph = graph_of(WIDTHS, "require sum([w * w * ws[0] for w in ws]) == 20001", *LAYERS)
    with pytest.raises(UserError, match="whether the requirements can be met: a condition over 8 decisions"):
        Conditions(graph).can_hold({})
