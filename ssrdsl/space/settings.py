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
"""The names of `ssrdsl.search.strategies.registry.STRATEGIES`, repeated so that checking does not load the search."""


class _Section(BaseModel):
    # Strict: `true` and "3" are not numbers.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Target(_Section):
    """Target costs of the network; None: no target."""

    macs: float | None = Field(default=None, gt=0, description="Target MACs of the network.")
    parameters: float | None = Field(default=None, gt=0, description="Target number of parameters of the network.")
    weight: float = Field(default=1.0, ge=0, description="Weight of the squared relative distance from the target.")


class Ssr(_Section):
    """Weights of the SSR loss for each dimension; the task loss has weight one."""

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


class WeightSettings(_Section):
    """The optimizer of the weights: Adam with a poly schedule of power 0.9; `rate` None: scaled to the steps."""

    rate: float | None = Field(
        default=None,
        gt=0,
        description="Peak learning rate of the weights (Adam). Default: scaled to the number of steps.",
    )
    decay: float = Field(default=1e-4, ge=0, description="Weight decay of the weights.")


class ArchitectureSettings(_Section):
    """The optimizer of the architecture parameters: Adam without decay.

    `rate` None: scaled to the number of steps. `warm_up` is the share of steps without architecture updates.
    """

    rate: float | None = Field(
        default=None,
        gt=0,
        description="Learning rate of the architecture parameters (Adam). Default: scaled to the number of steps.",
    )
    warm_up: float = Field(default=0.2, ge=0, lt=1, description="Share of steps without architecture updates.")


class Selection(_Section):
    """Selection of architectures."""

    held_out: float = Field(
        default=0.2, ge=0, lt=1, description="Share of the training images held out to select architectures."
    )
    capacity: float = Field(
        default=0.01,
        ge=0,
        description="Weight of the logarithm of the number of parameters in scores of the supernet (paths, sandwich).",
    )
    finalists: int = Field(
        default=32,
        gt=0,
        description="Maximum number of architectures trained alone before one is chosen, for paths; a search of 128 "
        "epochs has 16, one of 320 has 32.",
    )


class SearchSettings(_Section):
    """All settings of a search."""

    strategy: StrategyName | None = Field(
        default=None,
        description="Search strategy. Default: paths, or ssr if the space decides the size of its input.",
    )
    epochs: int | None = Field(
        default=None, gt=0, description="Maximum number of passes over the training data. Default: 128."
    )
    batch: int | None = Field(default=None, gt=0, description="Batch size. Default: 8.")
    target: Target = Target()
    ssr: Ssr = Ssr()
    shrink: Shrink = Shrink()
    sdarts: Sdarts = Sdarts()
    selection: Selection = Selection()
    weights: WeightSettings = WeightSettings()
    architecture: ArchitectureSettings = ArchitectureSettings()


def setting_fields(
    section: type[BaseModel] = SearchSettings, prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], FieldInfo, type[BaseModel]]]:
    """The settings in the order of their definition: path, field and section of each."""
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from setting_fields(inner, (*prefix, name))
        else:
            yield (*prefix, name), field, section


GivenSetting = tuple[tuple[str, ...], Any, Span]
"""A setting of the file: its dotted path, its value, its place."""


def search_settings(given: Iterable[GivenSetting]) -> SearchSettings:
    """The settings of a file, validated. Raises `DiagnosticError` with all that is wrong, each at its place."""
    tree: dict[str, Any] = {}
    places: dict[tuple[str, ...], Span] = {}
    found: list[Diagnostic] = []
    for path, value, span in given:
        if (unknown := _unknown(path, span)) is not None:
            found.append(unknown)
            continue
        if path in places:
            first = (Label(places[path], "first set here"),)
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
    """The diagnostic for an unknown setting."""
    known = [setting for setting, *_ in setting_fields()]
    if path in known:
        return None
    written = ".".join(path)
    inside = [".".join(setting) for setting in known if setting[: len(path)] == path]
    if inside:
        return _fault(f"`{written}` is a group of settings", span, help=f"its settings: {', '.join(inside)}")
    single = next((".".join(setting) for setting in known if setting == path[: len(setting)]), None)
    help = _nearest(path, known) if single is None else f"`{single}` is a setting itself"
    return _fault(f"unknown setting `{written}`", span, help=help)


def _nearest(path: tuple[str, ...], known: list[tuple[str, ...]]) -> str:
    """A hint for an unknown setting: the nearest one, or all known ones of the innermost group that it names."""
    names = [".".join(setting) for setting in known]
    depth = max(depth for depth in range(len(path)) if any(setting[:depth] == path[:depth] for setting in known))
    siblings = {s[depth]: ".".join(s[: depth + 1]) for s in known if s[:depth] == path[:depth]}
    if depth + 1 < len(path):
        near = suggest(".".join(path), names)
    else:
        meant = [name for name in names if name.rpartition(".")[2] == path[-1]]
        meant = meant or [siblings[match] for match in get_close_matches(path[-1], siblings, n=1)]
        near = "did you mean " + " or ".join(f"`{name}`" for name in meant) + "?" if meant else None
    return near or f"known settings: {', '.join(siblings.values())}"


def _impossible(error: dict[str, Any], places: dict[tuple[str, ...], Span]) -> Diagnostic:
    """The diagnostic for an invalid value of a setting."""
    path = tuple(map(str, error["loc"]))
    item = next(field for name, field, _ in setting_fields() if name == path)
    choices = [f'"{choice}"' for choice in _literals(item.annotation)]
    wanted = "one of " + ", ".join(choices) if choices else _number(item)
    value = error["input"]
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"{value:g}"
    near = suggest(str(value), [choice.strip('"') for choice in choices])
    default = "the default of the search" if item.default is None else item.default
    help = near or f"omit it for {default}"
    return _fault(f"`{'.'.join(path)}` takes {wanted}, not {shown}", places[path], help=help)


def _literals(annotation: Any) -> Iterator[str]:
    """The strings that an annotation allows: `Literal[...]` or a union with it."""
    for inner in get_args(annotation):
        yield from [inner] if isinstance(inner, str) else _literals(inner)


def _number(item: FieldInfo) -> str:
    """The values of a numeric setting, in words."""
    kinds = {item.annotation, *get_args(item.annotation)}
    signs = (("gt", "above"), ("ge", "from"), ("lt", "below"))
    bounds = [f"{word} {getattr(it, name):g}" for name, word in signs for it in item.metadata if hasattr(it, name)]
    return " ".join(["an integer" if int in kinds else "a number", " and ".join(bounds)]).strip()


def _fault(message: str, span: Span, secondary: tuple[Label, ...] = (), help: str | None = None) -> Diagnostic:
    return Diagnostic("E0705", message, Label(span), secondary, help=help)
