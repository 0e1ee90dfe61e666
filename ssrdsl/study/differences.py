"""What differs between the networks found and the random ones, by decision and by dimension."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import Any

from ssrdsl.space.decisions import Decision
from ssrdsl.space.restrict import source
from ssrdsl.study.records import NetworkRecord, Records
from ssrdsl.study.settings import RANDOM

OTHERS = (RANDOM, "matched", "equal cost")


def differences(records: Records) -> list[dict[str, Any]]:
    """For each part of a decision that has a value: its mean in each arm, and the shift of the found ones.

    A decision such as `(d,s)` has the parts `d` and `s`. Names of decisions are taken together where they differ only
    in the instance of a block: `quarter.joint[0].mid` and `quarter.joint[1].mid`. The shift is the difference from the
    random networks in standard deviations of these.
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
            if arm not in OTHERS and values and deviation
        }
        rows.append(row)
    return rows


Part = tuple[Decision, int | None]
"""A decision and the place of the part of its value, None where the value has no parts."""


def _groups(records: Records) -> dict[tuple[str, str], list[Part]]:
    """The parts of decisions by dimension and name without instances."""
    found: dict[tuple[str, str], list[Part]] = {}
    for decision in source(records.graph).decisions.values():
        for name, place in _parts(decision):
            found.setdefault((decision.dimension.value, name), []).append((decision, place))
    return found


def _parts(decision: Decision) -> list[tuple[str, int | None]]:
    """The names of a decision's parts that have numbers as values, with their places."""
    short = _without_instances(decision.name)
    head, dot, last = short.rpartition(".")
    names = last[1:-1].split(",") if last.startswith("(") and last.endswith(")") else []
    if names:
        return [(f"{head}{dot}{name}", place) for place, name in enumerate(names) if _numbers(decision, place)]
    return [(short, None)] if _numbers(decision, None) else []


def _without_instances(name: str) -> str:
    """`quarter.joint[0].(d,s)=(1,2).mid` as `quarter.joint.mid`."""
    words = [re.sub(r"\[\d+\]", "", word) for word in _words(name)]
    return ".".join(word for word in words if "=" not in word)


def _words(text: str) -> list[str]:
    """The words between dots that are not inside brackets."""
    words, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "." and depth == 0:
            words.append("")
        else:
            words[-1] += sign
    return words


def _numbers(decision: Decision, place: int | None) -> bool:
    return all(_number(label, place) is not None for label in decision.labels.values())


def _number(label: str, place: int | None) -> float | None:
    """The number of a label, or that of a part of it."""
    text = label if place is None else label.strip("()").split(",")[place : place + 1]
    word = text if isinstance(text, str) else (text[0] if text else "")
    try:
        return float(word)
    except ValueError:
        return None


def _mean(network: NetworkRecord, members: Sequence[Part]) -> float | None:
    """The mean value over the decisions that are active in a network, None where none is."""
    values = []
    for decision, place in members:
        index = network.assignment.get(decision.name)
        if index is not None:
            value = _number(decision.labels[index], place)
            if value is not None:
                values.append(value)
    return fmean(values) if values else None
