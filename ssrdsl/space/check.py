"""Checking: the errors of a text as diagnostics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from ssrdsl.errors import UserError
from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, DiagnosticError, Label
from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space.binding.primitives import installed_operators
from ssrdsl.space.cost import Costs
from ssrdsl.space.elaborate import Elaborated, check_definitions, elaborate
from ssrdsl.space.expressions import ExpressionLimit
from ssrdsl.space.faults import head
from ssrdsl.space.graph import Graph
from ssrdsl.space.prove import prove


def check(source: Source, overrides: Mapping[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """The diagnostics of a text: syntax, semantics, search settings, and the proof of its space.

    Files with definitions only are checked as far as possible without uses. Errors in the text are never raised;
    `overrides` are texts for the parameters of the space. Raises `UserError` if an operator of an installed package
    cannot be loaded.
    """
    installed_operators()  # outside of the try: the text is not the cause of an operator that cannot be loaded
    try:
        file = parse(source)
        if holds_definitions_only(file):
            check_definitions(file, source.name)
            return ()
        elaborated = elaborate(file, source.name, overrides)
    except DiagnosticError as error:
        return error.diagnostics
    except UserError as error:  # a parameter without a value, or one that the space does not have
        return (about_parameter(error, file),)
    return check_elaborated(elaborated)


def check_elaborated(elaborated: Elaborated) -> tuple[Diagnostic, ...]:
    """The diagnostics of an elaborated space: its settings, its architectures, its bounds on costs."""
    found = [*elaborated.warnings, *_settings(elaborated), *prove(elaborated.graph).found]
    return tuple(found if any(d.severity == "error" for d in found) else [*found, *_bounds(elaborated.graph)])


def about_parameter(error: UserError, file: syntax.File) -> Diagnostic:
    """The diagnostic for a parameter of the space without a value, or for a value without a parameter."""
    spaces = (item.span for item in file.items if isinstance(item, syntax.Space))
    return Diagnostic("E0706", error.message, Label(head(next(spaces, file.span))), help=error.help)


def holds_definitions_only(file: syntax.File) -> bool:
    """Whether a file is only for imports: it has definitions, but no space or search block."""
    kinds = {type(item) for item in file.items}
    return bool(kinds) and kinds <= {syntax.Use, syntax.Block, syntax.Binding}


def _settings(elaborated: Elaborated) -> tuple[Diagnostic, ...]:
    if not elaborated.settings:
        return ()
    # Imported here, since pydantic takes longer to load than most spaces to check.
    from ssrdsl.space.settings import search_settings

    try:
        search_settings(elaborated.settings)
    except DiagnosticError as error:
        return error.diagnostics
    return ()


def _bounds(graph: Graph) -> Iterator[Diagnostic]:
    """The diagnostics of bounds on costs; exact extremes are only computed if there is no simple witness."""
    with suppress(UserError):
        if _are_witnessed(graph):
            return
    from ssrdsl.space.conditions.budget import TooWide
    from ssrdsl.space.prove.costs import check_costs
    from ssrdsl.space.ranges.bounds import Unsatisfiable, bounds

    try:
        yield from check_costs(graph, bounds(graph))
    except (TooWide, ExpressionLimit, Unsatisfiable):  # what cannot be determined is not an error; the last is reported
        return


def _are_witnessed(graph: Graph) -> bool:
    """Whether the architecture of all first or of all last options meets all bounds on costs.

    Requirements over decisions are not checked here: only sampling can determine whether all are met together.
    """
    costs, bounded = Costs(graph), graph.cost_bounds
    for position in (0, -1) if bounded else ():
        assignment = {name: indices[position] for name, indices in graph.domains.items()}
        if all(requirement.is_met_by(costs(str(requirement.cost), assignment)) for requirement in bounded):
            return True
    return not bounded
