"""The `search { ... }` block: how a space is to be searched, with its defaults.

Weights and thresholds are those of SSR (Ye et al., IJCV 2022); what depends on the length of a search is left None and
scaled to the number of steps when the search begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label, suggest
from ssrdsl.language.source import Span
from ssrdsl.space.decisions import Dimension


class _Section(BaseModel):
    # Strict: neither `true` nor "3" passes for a number.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Target(_Section):
    """What the cost of the network is drawn to; None: no target."""

    macs: float | None = Field(default=None, gt=0, description="The MACs that the network is drawn to.")
    parameters: float | None = Field(default=None, gt=0, description="The parameters that the network is drawn to.")
    weight: float = Field(default=1.0, ge=0, description="Weight of the squared relative distance from the target.")


class Ssr(_Section):
    """Weights of the SSR loss for each dimension, beside a task loss of weight one."""

    input: float = Field(default=0.3, ge=0)
    depth: float = Field(default=0.3, ge=0)
    topology: float = Field(default=0.3, ge=0)
    operator: float = Field(default=0.3, ge=0)
    resolution: float = Field(default=0.3, ge=0)
    dilation: float = Field(default=0.3, ge=0)
    kernel: float = Field(default=0.3, ge=0)
    channel: float = Field(default=0.15, ge=0)

    def weight(self, dimension: Dimension) -> float:
        """The weight of a dimension."""
        return float(getattr(self, dimension.value))


class Shrink(_Section):
    """Progressive shrinking: after an epoch, options with a gate of at most `below` times the largest are dropped."""

    below: float = Field(default=0.1, gt=0, lt=1)


class Weights(_Section):
    """The optimizer of the weights: Adam with a poly schedule of power 0.9; `rate` None: scaled to the steps."""

    rate: float | None = Field(
        default=None, gt=0, description="Highest rate of the weights' optimizer, Adam; else scaled to the steps."
    )
    decay: float = Field(default=1e-4, ge=0, description="How much the weights decay.")


class Architecture(_Section):
    """The optimizer of the architecture parameters: Adam without decay.

    `rate` None: scaled to the number of steps. `warm_up` is the share of steps without architecture updates.
    """

    rate: float | None = Field(
        default=None, gt=0, description="Rate of the architecture's optimizer, Adam; else scaled to the steps."
    )
    warm_up: float = Field(default=0.2, ge=0, lt=1, description="Share of steps without architecture updates.")


class SearchSettings(_Section):
    """All settings of a search."""

    strategy: str = Field(default="ssr", description="How weights and gates are learned together.")
    epochs: int | None = Field(default=None, gt=0, description="Passes over the training data, at most; else 60.")
    batch: int | None = Field(default=None, gt=0, description="Images per step; else 8.")
    target: Target = Target()
    ssr: Ssr = Ssr()
    shrink: Shrink = Shrink()
    weights: Weights = Weights()
    architecture: Architecture = Architecture()


Given = tuple[tuple[str, ...], Any, Span]
"""A setting of the file: its dotted path, its value, its place."""


def search_settings(given: Iterable[Given]) -> SearchSettings:
    """The settings of a file, validated. Raises `DiagnosticError` with all that is wrong, each at its place."""
    tree: dict[str, Any] = {}
    places: dict[tuple[str, ...], Span] = {}
    found: list[Diagnostic] = []
    for path, value, span in given:
        if path in places:
            found.append(_fault(f"`{'.'.join(path)}` is set twice", span, (Label(places[path], "first here"),)))
        places[path] = span
        _put(tree, path, float(value) if isinstance(value, Fraction) else value)
    try:
        settings = SearchSettings.model_validate(tree)
    except ValidationError as error:
        found += [_located(dict(item), places) for item in error.errors()]
    if found:
        raise DiagnosticError(tuple(found))
    return settings


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        inner = tree.setdefault(name, {})
        tree = inner if isinstance(inner, dict) else {}
    tree[path[-1]] = value


def _located(error: dict[str, Any], places: dict[tuple[str, ...], Span]) -> Diagnostic:
    path = tuple(map(str, error["loc"]))
    span = next((span for known, span in places.items() if known[: len(path)] == path), next(iter(places.values())))
    if error["type"] == "extra_forbidden":
        known = _known(path[:-1])
        help = suggest(path[-1], known) or f"known here: {', '.join(known)}"
        return _fault(f"there is no setting `{'.'.join(path)}`", span, help=help)
    if error["type"] in {"model_type", "dict_type"}:
        help = "known in it: " + ", ".join(".".join((*path, name)) for name in _known(path))
        return _fault(f"`{'.'.join(path)}` is a group of settings", span, help=help)
    return _fault(f"`{'.'.join(path)}`: {error['msg'][0].lower()}{error['msg'][1:]}", span)


def _known(section: tuple[str, ...]) -> list[str]:
    model: Any = SearchSettings
    for name in section:
        model = model.model_fields[name].annotation
    return list(model.model_fields)


def _fault(message: str, span: Span, secondary: tuple[Label, ...] = (), help: str | None = None) -> Diagnostic:
    return Diagnostic("E0705", message, Label(span), secondary, help=help)
