"""Architectures as JSON files: the label of the chosen option of every active decision."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from ssrdsl.errors import UserError
from ssrdsl.files import read_json, write_atomically
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import suggest
from ssrdsl.language.parse import parse
from ssrdsl.space import activity
from ssrdsl.space.arguments import argument_values, written
from ssrdsl.space.binding import read_source
from ssrdsl.space.conditions.required import Conditions
from ssrdsl.space.decisions import Decision, only
from ssrdsl.space.graph import Graph
from ssrdsl.space.program import Program, open_source
from ssrdsl.space.restrict import options_left, restrict, source

SHOWN = 8
"""The largest number of names in a hint."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """One architecture of a space: decision names mapped to the labels of their options.

    `sha256` is the hash of the text of the space, `parameters` the values of its parameters.
    """

    space: str
    sha256: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)


def labels(graph: Graph, assignment: Mapping[str, int]) -> dict[str, str]:
    """The labels of option indices, in the order of the decisions of the space."""
    named = {}
    for decision in source(graph).decisions.values():
        if decision.name in assignment:
            named[decision.name] = decision.labels[assignment[decision.name]]
    return named


def describe(program: Program, assignment: Mapping[str, int]) -> Architecture:
    """The architecture of a program's space with these options."""
    parameters = argument_values(program.graph)
    return Architecture(program.name, program.sha256, parameters, labels(program.graph, assignment))


def write_architecture(path: str | os.PathLike[str], architecture: Architecture) -> None:
    """Write an architecture as JSON. Raises `UserError`."""
    write_atomically(path, json.dumps(asdict(architecture), indent=2, ensure_ascii=False) + "\n")


def read_architecture(path: str | os.PathLike[str]) -> Architecture:
    """Read an architecture file. Raises `UserError` if it is missing or invalid."""
    held = read_json(path)
    match {"sha256": "", "parameters": {}, **held} if isinstance(held, dict) else held:
        case {"space": str(space), "sha256": str(text), "parameters": dict(values), "decisions": dict(taken)}:
            if all(map(_is_value, values.values())) and all(isinstance(label, str) for label in taken.values()):
                return Architecture(space, text, values, taken)
    raise UserError(
        f"{os.fspath(path)} is not an architecture file",
        help='expected {"space": "...", "decisions": {"name": "label"}}',
    )


def _is_value(held: Any) -> bool:
    """Whether a value of JSON can be one of the language."""
    return all(map(_is_value, held)) if isinstance(held, list) else isinstance(held, (bool, int, float, str))


def resolve(graph: Graph, architecture: Architecture) -> dict[str, int]:
    """The option index of every decision that is active in an architecture.

    Decisions that are not active are ignored. Raises `UserError` if the architecture belongs to another space, has an
    unknown decision or option, lacks an active decision or violates a `require` over decisions. Bounds on costs are not
    checked.
    """
    if architecture.space != graph.name:
        raise UserError(
            f"the architecture belongs to the space `{architecture.space}`, not to `{graph.name}`",
            help="use the file of that space",
        )
    taken = {name: _option(graph, name, label) for name, label in architecture.decisions.items()}

    def choose(decision: Decision) -> int:
        if decision.name in taken:
            return taken[decision.name]
        left = options_left(graph, decision)
        if len(left) > 1:
            raise UserError(
                f"the architecture has no option for `{decision.name}`",
                help=f"use one of {_listed(decision.labels[index] for index in left)}",
            )
        return left[0]

    assignment = activity.walk(source(graph), choose).assignment
    if not Conditions(graph).admit(assignment):
        required = " and ".join(f"`{r.span.text}`" for r in graph.conditions)
        raise UserError(f"the architecture does not meet {required}", help="use other options")
    return assignment


def _option(graph: Graph, name: str, label: str) -> int:
    decision = source(graph).decisions.get(name)
    if decision is None:
        raise UserError(
            f"`{graph.name}` has no decision `{name}`", help=_nearest(name, source(graph).decisions, "decisions")
        )
    labelled = (option.index for option in decision.options if option.label == label)
    numbered = (option.index for option in decision.options if option.value == label)  # in older files: `conv_2`
    found = next(chain(labelled, numbered), None)
    if found is None:
        known = decision.labels.values()
        raise UserError(f"decision `{name}` has no option `{label}`", help=_nearest(label, known, "options"))
    if found not in options_left(graph, decision):
        raise UserError(
            f"option `{label}` of decision `{name}` was removed", help="it was removed by an earlier restriction"
        )
    return found


def _nearest(name: str, known: Collection[str], what: str) -> str:
    return suggest(name, known) or f"the {what} are {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:SHOWN]) + more


def open_recorded(path: str | Path, overrides: Mapping[str, str], architecture: Architecture) -> Program:
    """The space of a file with the parameters that an architecture was written for; `overrides` take precedence.

    Parameters that the space no longer has are ignored, and all of them if the architecture belongs to a space of
    another name. Raises what `open_space` does.
    """
    text = read_source(str(path))
    spaces = [item for item in parse(text).items if isinstance(item, syntax.Space)]
    if not any(space.name == architecture.space for space in spaces):
        return open_source(text, overrides)
    needed = {p.name for space in spaces for p in space.parameters if p.default is None}
    recorded = {name: value for name, value in architecture.parameters.items() if name not in overrides}
    # Without them the space could not be opened at all.
    given = {name: written(value, None) for name, value in recorded.items() if name in needed}
    program = open_source(text, {**given, **overrides})
    arguments, now = program.graph.scopes[""].arguments, argument_values(program.graph)
    more = {
        name: written(value, arguments[name].value)
        for name, value in recorded.items()
        if name in arguments and name not in needed and now[name] != value
    }
    return open_source(text, {**given, **more, **overrides}) if more else program


def apply(graph: Graph, architecture: Architecture) -> Graph:
    """The graph of one architecture, without open decisions. Raises `UserError` as `resolve` does."""
    return restrict(graph, only(resolve(graph, architecture)))
