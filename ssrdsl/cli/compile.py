"""`ssrdsl compile`: prove a space and print its summary; with -o also write its graph and picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.collection import pause_collection
from ssrdsl.cli.options import PATH, read_overrides, set_option

if TYPE_CHECKING:
    from ssrdsl.space.architecture import Architecture
    from ssrdsl.space.graph import Graph
    from ssrdsl.space.program import Program
    from ssrdsl.space.summary import Summary


@click.command()
@click.argument("file", type=PATH)
@set_option
@click.option("--architecture", type=PATH, metavar="FILE", help="Check one architecture of the space.")
@click.option("-o", "--out", type=PATH, metavar="DIR", help="Write the graph and its picture to DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compile(file: Path, settings: tuple[str, ...], architecture: Path | None, out: Path | None, as_json: bool) -> None:
    """Prove that every architecture of the space in FILE is valid, and print its decisions, exact size and costs.

    With -o, also write graph.json (node-link format), graph.graphml and space.svg to DIR.

    \b
    ssrdsl compile spaces/realtime.ssr --set classes=11 --set height=360 --set width=480
    ssrdsl compile spaces/realtime.ssr -o build/realtime
    """
    import sys

    from ssrdsl.cli.opening import open_with

    pause_collection()
    sys.set_int_max_str_digits(0)
    program, named = open_with(file, read_overrides(settings), architecture)
    graph = _proved(program, named)
    summary = _summary(program, graph)
    if out is not None:
        _write(graph, out)
    _print(program, graph, summary, as_json)
    if out is not None and not as_json:
        from ssrdsl.cli.printing import echo

        echo(f"\nwrote graph.json, graph.graphml and space.svg to {out}")


def _proved(program: Program, architecture: Architecture | None) -> Graph:
    """The graph, or that of one of its architectures. Raises `DiagnosticError` and `UserError`."""
    from ssrdsl.cli.console import show_diagnostics
    from ssrdsl.space.prove import prove

    findings = prove(program.graph)
    findings.raise_errors()
    show_diagnostics((*program.warnings, *findings.found))
    if architecture is None:
        return program.graph
    from ssrdsl.space.architecture import apply
    from ssrdsl.space.restrict import computed

    return computed(apply(program.graph, architecture))


def _summary(program: Program, graph: Graph) -> Summary:
    from ssrdsl.cli.console import show_diagnostics
    from ssrdsl.errors import UserError
    from ssrdsl.language.diagnostics import DiagnosticError
    from ssrdsl.space.prove.costs import check_costs
    from ssrdsl.space.ranges.bounds import Unsatisfiable
    from ssrdsl.space.summary import summarise
    from ssrdsl.space.windows.targets import target_warnings

    try:
        summary = summarise(graph)
    except Unsatisfiable as error:
        raise UserError(f"no architecture of `{program.name}` meets its requirements", "relax a `require`") from error
    if summary.bounds is None:
        return summary
    if "none" in summary.kept or summary.together is False:
        errors = tuple(check_costs(graph, summary.bounds))
        if errors:
            raise DiagnosticError(errors)
    if graph is program.graph:
        show_diagnostics(tuple(target_warnings(graph, program.given, summary.bounds)))
    return summary


def _print(program: Program, graph: Graph, summary: Summary, as_json: bool) -> None:
    from ssrdsl.space.architecture import describe

    named = describe(program, {})
    if as_json:
        import json

        from ssrdsl.cli.printing import echo_json
        from ssrdsl.space.summary import as_object

        head: dict[str, Any] = {"space": named.space, "sha256": named.sha256, "arguments": named.parameters}
        echo_json(json.dumps(as_object(graph, summary, head), indent=2, ensure_ascii=False))
        return
    from ssrdsl.cli.console import stdout_console
    from ssrdsl.cli.summary import show_summary

    show_summary(stdout_console(), named, graph, summary)


def _write(graph: Graph, folder: Path) -> None:
    from ssrdsl.files import make_folder, write_atomically
    from ssrdsl.report.picture import space_svg
    from ssrdsl.space.export import graphml, node_link_json

    contents = {"graph.json": node_link_json(graph), "graph.graphml": graphml(graph), "space.svg": space_svg(graph)}
    make_folder(folder)
    for name, content in contents.items():
        write_atomically(folder / name, content)
