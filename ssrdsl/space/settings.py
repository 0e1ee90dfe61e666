"""The `search { ... }` block: how a space is to be searched, with its defaults.

Weights and thresholds are those of SSR (Ye et al., IJCV 2022); what depends on the length of a search is left None and
scaled to the number of steps when the search begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label, suggest
from ssrdsl.language.source import Span
from ssrdsl.space.decisions import Dimension

StrategyName = Literal["ssr", "darts", "snas", "fair_darts", "pdarts", "sdarts", "sgas", "sandwich", "paths", "random"]
"""The names of `ssrdsl.search.strategies.registry.STRATEGIES`, repeated here since checking a file loads no search."""


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


class Sdarts(_Section):
    """The perturbation of the gates' parameters in the strategy `sdarts`."""

    perturbation: Literal["random", "adversarial"] = Field(
        default="random", description="Perturbation of the gates, for sdarts; adversarial takes four times as long."
    )
    radius: float = Field(default=0.3, ge=0, description="Largest perturbation of a parameter, for sdarts.")


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


class Selection(_Section):
    """How architectures are chosen."""

    held_out: float = Field(
        default=0.2, ge=0, lt=1, description="Share of the training images that architectures are chosen on."
    )
    capacity: float = Field(
        default=0.01,
        ge=0,
        description="Score that e times as many parameters are worth at equal cost, for paths and sandwich.",
    )
    finalists: int = Field(
        default=5, gt=0, description="Architectures that are trained alone before one is chosen, for paths."
    )


class SearchSettings(_Section):
    """All settings of a search."""

    strategy: StrategyName | None = Field(
        default=None,
        description="How the space is searched; else paths, or ssr where the space decides the size of its input.",
    )
    epochs: int | None = Field(default=None, gt=0, description="Passes over the training data, at most; else 60.")
    batch: int | None = Field(default=None, gt=0, description="Images per step; else 8.")
    target: Target = Target()
    ssr: Ssr = Ssr()
    shrink: Shrink = Shrink()
    sdarts: Sdarts = Sdarts()
    selection: Selection = Selection()
    weights: Weights = Weights()
    architecture: Architecture = Architecture()


def setting_fields(
    section: type[BaseModel] = SearchSettings, prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], FieldInfo, type[BaseModel]]]:
    """The settings in the order of their definition: the path of each, its field, the section that it stands in."""
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from setting_fields(inner, (*prefix, name))
        else:
            yield (*prefix, name), field, section


Given = tuple[tuple[str, ...], Any, Span]
"""A setting of the file: its dotted path, its value, its place."""


def search_settings(given: Iterable[Given]) -> SearchSettings:
    """The settings of a file, validated. Raises `DiagnosticError` with all that is wrong, each at its place."""
    tree: dict[str, Any] = {}
    places: dict[tuple[str, ...], Span] = {}
    found: list[Diagnostic] = []
    for path, value, span in given:
        if (unknown := _unknown(path, span)) is not None:
            found.append(unknown)
            continue
        if path in places:
            first = (Label(places[path], "first here"),)
            found.append(_fault(f"`{'.'.join(path)}` is set twice", span, first, help="omit one of them"))
        places[path] = span
        section = tree
        for name in path[:-1]:
            section = section.setdefault(name, {})
        section[path[-1]] = float(value) if isinstance(value, Fraction) else value
    try:
        settings = SearchSettings.model_validate(tree)
    except ValidationError as error:
        found += [_impossible(dict(item), places) for item in error.errors()]
    if found:
        raise DiagnosticError(tuple(found))
    return settings


def _unknown(path: tuple[str, ...], span: Span) -> Diagnostic | None:
    """What is wrong with the name of a setting."""
    section: type[BaseModel] = SearchSettings
    written = ".".join(path)
    for depth, name in enumerate(path):
        if name not in section.model_fields:
            return _fault(f"there is no setting `{written}`", span, help=_nearest(path, section, depth))
        inner = section.model_fields[name].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
        elif depth + 1 < len(path):
            single = ".".join(path[: depth + 1])
            return _fault(f"there is no setting `{written}`", span, help=f"`{single}` is a setting itself")
        else:
            return None
    known = ", ".join(f"{written}.{name}" for name in section.model_fields)
    return _fault(f"`{written}` is a group of settings", span, help=f"known in it: {known}")


def _nearest(path: tuple[str, ...], section: type[BaseModel], depth: int) -> str:
    """A line that names the setting that was meant where `section` has no `path[depth]`, or those that there are."""
    names = [".".join(name) for name in _fields()]
    siblings = {name: ".".join((*path[:depth], name)) for name in section.model_fields}
    if depth + 1 < len(path):
        near = suggest(".".join(path), names)
    else:
        meant = [name for name in names if name.rpartition(".")[2] == path[-1]]
        meant = meant or [siblings[match] for match in get_close_matches(path[-1], siblings, n=1)]
        near = "did you mean " + " or ".join(f"`{name}`" for name in meant) + "?" if meant else None
    return near or f"known here: {', '.join(siblings.values())}"


def _fields() -> dict[tuple[str, ...], FieldInfo]:
    return {path: field for path, field, _ in setting_fields()}


def _impossible(error: dict[str, Any], places: dict[tuple[str, ...], Span]) -> Diagnostic:
    """What is wrong with the value of a setting."""
    path = tuple(map(str, error["loc"]))
    item = _fields()[path]
    choices = [f'"{choice}"' for choice in _literals(item.annotation)]
    wanted = "one of " + ", ".join(choices) if choices else _number(item)
    value = error["input"]
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"{value:g}"
    near = suggest(str(value), [choice.strip('"') for choice in choices])
    default = "the default of the search" if item.default is None else item.default
    help = near or f"omit it for {default}"
    return _fault(f"`{'.'.join(path)}` takes {wanted}, not {shown}", places[path], help=help)


def _literals(annotation: Any) -> Iterator[str]:
    """The strings that an annotation admits, `Literal[...]` or a union with it."""
    for inner in get_args(annotation):
        yield from [inner] if isinstance(inner, str) else _literals(inner)


def _number(item: FieldInfo) -> str:
    """What a setting that is a number takes, in words."""
    kinds = {item.annotation, *get_args(item.annotation)}
    signs = (("gt", "above"), ("ge", "from"), ("lt", "below"))
    bounds = [f"{word} {getattr(it, name):g}" for name, word in signs for it in item.metadata if hasattr(it, name)]
    return " ".join(["a whole number" if int in kinds else "a number", " and ".join(bounds)]).strip()


def _fault(message: str, span: Span, secondary: tuple[Label, ...] = (), help: str | None = None) -> Diagnostic:
    return Diagnostic("E0705", message, Label(span), secondary, help=help)
