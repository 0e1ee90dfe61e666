"""The report of a search: the space, the progress, the network found, and its scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssrdsl.report.charts import Series, line_chart
from ssrdsl.report.page import Page, image
from ssrdsl.space.summary import count_text

Event = Mapping[str, Any]

GATE_STEP = 1e-4
"""Changes of gates up to this are due to rounding."""
LEVELS = (
    ("supernet", "(a) supernet"),
    ("discretized", "(b) discretized, inherited weights"),
    ("recalibrated", "(c) batch norms recalibrated"),
)
"""The scores of `gap.json`, and their names in tables."""
RETRAINED = "(d) retrained from scratch"
SHRINKING = {"step time": "step_seconds", "weights": "parameters"}


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """A trained network: its name, the content of `result.json`, its picture."""

    name: str
    result: Mapping[str, Any]
    predictions: bytes | None = None


@dataclass(frozen=True, slots=True)
class RunContent:
    """The content of a run directory: events in order, scores of `gap.json`, the space and its picture.

    `labels` are those of the options of decisions by original index; `facts` are figures of the whole space.
    """

    name: str
    text: str
    picture: str
    facts: Mapping[str, str]
    events: Sequence[Event]
    gap: Mapping[str, Any]
    command_line: str
    labels: Mapping[str, Mapping[str, str]]
    architecture: Mapping[str, str]

    def of_kind(self, kind: str) -> list[Event]:
        """The events of a kind, `step` or `epoch`."""
        return [event for event in self.events if event.get("kind") == kind]


def search_report(record: RunContent, trained: Sequence[TrainedNetwork] = ()) -> str:
    """The report as one HTML page."""
    page = Page(f"{record.name}: a search", lead=record.command_line)
    page.facts(record.facts)
    page.heading("Space", "Colours show the dimension of a decision. Stacks are repeated layers.")
    page.figure((record.picture, ""))
    _progress(page, record)
    _survivors(page, record)
    _gap(page, record, trained)
    _pictures(page, trained)
    page.heading("Source of the space")
    page.code(record.text)
    return page.html()


def _progress(page: Page, record: RunContent) -> None:
    page.heading("Progress of the search")
    losses = line_chart(_losses(record.of_kind("step")), horizontal="step", vertical="task loss")
    charts = [(losses, "Task loss of the steps that train weights, moving average over 20 steps.")]
    gates = gate_lines(record.of_kind("epoch"), record.labels)
    if are_moving(gates):
        caption = "Gates, the weights of the options, after each epoch. Options with small gates are dropped."
        charts.append((line_chart(gates, horizontal="step", vertical="gate", faint=True), caption))
    page.figure(*charts)
    epochs = record.of_kind("epoch")
    steps = [event["step"] for event in epochs]
    page.figure(
        (
            line_chart(
                {name: (steps, _relative(epochs, key)) for name, key in SHRINKING.items()},
                horizontal="step",
                vertical="relative to the first epoch",
            ),
            "Size of the supernet and time per step, which fall as options are dropped.",
        ),
        (
            line_chart(_costs(record), horizontal="step", vertical="MMACs"),
            "Expected cost of the network at the input size of the space.",
        ),
    )  # fmt: skip


def _losses(events: Sequence[Event], width: int = 20) -> Series:
    values = [event["loss"] for event in events]
    means = [sum(part) / len(part) for part in (values[max(0, i - width + 1) : i + 1] for i in range(len(values)))]
    return {"loss": ([event["step"] for event in events], means)}


def gate_lines(epochs: Iterable[Event], labels: Mapping[str, Mapping[str, str]] | None = None) -> Series:
    """A line for every gate, at the end of every epoch; with the labels of the options also before the first step."""
    lines: dict[str, tuple[list[float], list[float]]] = {}
    for event in epochs:
        for decision, gates in event["gates"].items():
            start = [] if labels is None else [1 / max(1, len(labels.get(decision, gates)))]
            for index, gate in gates.items():
                x, y = lines.setdefault(f"{decision}={index}", ([0.0] * len(start), [*start]))
                x.append(event["step"])
                y.append(gate)
    return lines


def are_moving(gates: Series) -> bool:
    """Whether any gate changes by more than rounding; strategies without gates keep them as they are."""
    return any(max(values) - min(values) > GATE_STEP for _, values in gates.values())


def _relative(events: Sequence[Event], name: str) -> list[float]:
    return [event[name] / events[0][name] for event in events]


def _costs(record: RunContent) -> Series:
    events = [event for event in record.of_kind("epoch") if event.get("expected_macs")]
    return {"expected": ([event["step"] for event in events], [event["expected_macs"] / 1e6 for event in events])}


def _survivors(page: Page, record: RunContent) -> None:
    page.heading("Remaining options", "Open decisions and, in parentheses, their options after each epoch.")
    epochs = record.of_kind("epoch")
    dimensions = list(dict.fromkeys(name for event in epochs for name in event["decisions"]))
    rows = [
        [
            str(event["epoch"] + 1),
            *(f"{event['decisions'].get(name, 0)} ({event['options'].get(name, 0)})" for name in dimensions),
            count_text(event["architectures"]),
            f"{event['parameters']:,}",
            f"{event['step_seconds']:.2f} s",
        ]
        for event in epochs
    ]
    page.table(["epoch", *dimensions, "architectures", "weights", "step"], rows)
    page.heading("Network found")
    page.table(["decision", "option"], list(record.architecture.items()))


def _gap(page: Page, record: RunContent, trained: Sequence[TrainedNetwork]) -> None:
    page.heading("Scores", "Mean IoU on the validation split, from the supernet to the final network.")
    rows = [[name, _percent(record.gap[key])] for key, name in LEVELS if record.gap.get(key) is not None]
    if trained:
        rows.append([RETRAINED, _percent(trained[0].result.get("miou"))])
    page.table(["network", "mIoU"], rows)
    if len(trained) > 1:
        page.heading("Comparison with other networks", "Scores of the last epoch of each training.")
        page.table(
            ["network", "epochs", "size", "parameters", "GMACs", "mIoU", "pixel accuracy"],
            [
                [
                    network.name,
                    str(network.result.get("epochs", "")),
                    str(network.result.get("size", "")),
                    f"{network.result['parameters']:,}",
                    f"{network.result['macs'] / 1e9:.3f}",
                    _percent(network.result.get("miou")),
                    _percent(network.result.get("pixel_accuracy")),
                ]
                for network in trained
            ],
        )


def _pictures(page: Page, trained: Sequence[TrainedNetwork]) -> None:
    for network in trained:
        if network.predictions is not None:
            page.heading(f"Predictions of {network.name}", "Image, label, prediction, on the validation split.")
            page.figure((image(network.predictions, "image, label, prediction"), ""))


def _percent(share: float | None) -> str:
    return "no score" if share is None else f"{100 * share:.2f} %"
