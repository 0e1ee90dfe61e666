"""Differences between the networks found and the random ones, by decision and dimension."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev
from typing import Any

from ssrdsl.report.calls import split_outside_brackets
from ssrdsl.space.decisions import Decision
from ssrdsl.space.restrict import source
from ssrdsl.study.records import NetworkRecord, Records
from ssrdsl.study.settings import RANDOM


def differences(records: Records) -> list[dict[str, Any]]:
    """For each part of a decision: its mean in each arm, and the shift of the found ones.

    A decision such as `(d,s)` has the parts `d` and `s`. For a part without numbers each option has its own row, with
    the share of the decisions that choose it. Decisions are grouped if their names differ only in the instance of a
    block: `quarter.joint[0].mid` and `quarter.joint[1].mid`. The shift is the difference from the random networks in
    standard deviations of the random networks.
    """
    rows = []
    groups = _groups(records)
    for (dimension, name), members in groups.items():
        means = {arm: [_mean(network, members) for network in records.of_arm(arm)] for arm in records.arms}
        known = {arm: [value for value in values if value is not None] for arm, values in means.items()}
        row = {"dimension": dimension, "name": name, "means": {arm: fmean(v) for arm, v in known.items() if v}}
        random = known.get(RANDOM, [])
        deviation = pstdev(random) if len(random) > 1 else 0.0
        row["shifts"] = {
            arm: (fmean(values) - fmean(random)) / deviation
            for arm, values in known.items()
            if arm in records.found_arms and values and deviation
        }
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a decision: its place in the labels, None if they have no parts; `option` if options are counted."""

    decision: Decision
    place: int | None
    option: str | None = None

    def text(self, label: str) -> str:
        """The part of a label."""
        return label if self.place is None else label.strip("()").split(",")[self.place].strip()

    def value(self, label: str) -> float | None:
        """The number of a label, or whether it is the option; None for other labels."""
        if self.option is not None:
            return float(self.text(label) == self.option)
        try:
            return float(self.text(label))
        except ValueError:
            return None


def _groups(records: Records) -> dict[tuple[str, str], list[_Part]]:
    """The parts of decisions by dimension and name without instances."""
    found: dict[tuple[str, str], list[_Part]] = {}
    for decision in source(records.graph).decisions.values():
        for name, part in _parts(decision):
            found.setdefault((decision.dimension.value, name), []).append(part)
    return found


def _parts(decision: Decision) -> Iterator[tuple[str, _Part]]:
    """The parts of a decision by name; every option for parts without numbers."""
    short = _without_instances(decision.name)
    head, dot, last = short.rpartition(".")
    names = last[1:-1].split(",") if last.startswith("(") and last.endswith(")") else []
    known = [(f"{head}{dot}{name}", _Part(decision, place)) for place, name in enumerate(names)]
    for name, part in known or [(short, _Part(decision, None))]:
        labels = decision.labels.values()
        if all(part.value(label) is not None for label in labels):
            yield name, part
        else:
            for option in dict.fromkeys(map(part.text, labels)):
                yield f"{name} = {option}", replace(part, option=option)


def _without_instances(name: str) -> str:
    """`quarter.joint[0].(d,s)=(1,2).mid` as `quarter.joint.mid`."""
    words = [re.sub(r"\[\d+\]", "", word) for word in split_outside_brackets(name, ".")]
    return ".".join(word for word in words if "=" not in word)


def _mean(network: NetworkRecord, members: Sequence[_Part]) -> float | None:
    """The mean value over the decisions that are active in a network, None if none is."""
    taken = ((part, network.assignment.get(part.decision.name)) for part in members)
    values = [part.value(part.decision.labels[index]) for part, index in taken if index is not None]
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
