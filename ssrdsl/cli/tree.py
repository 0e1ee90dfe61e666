"""A space graph as a tree for the terminal: its parts, their decisions, and the shapes of their results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.text import Text
from rich.tree import Tree

from ssrdsl.report.diagram import call_text, how_often
from ssrdsl.report.structure import open_decision
from ssrdsl.space.arguments import argument_texts
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph
from ssrdsl.space.listing import listed, names
from ssrdsl.space.outline import NetworkPart, Outline
from ssrdsl.space.program import Program
from ssrdsl.space.ranges.extremes import Extremes

MARK = "◆"
MANY = 6
"""Lines of decisions below a folded part."""
CONTAINERS = ("binding", "block", "repeat", "choose")


def space_tree(program: Program, graph: Graph, *, unfold: bool = False) -> Tree:
    """The tree of a graph. If folded, blocks are closed and list the decisions inside."""
    return _TreeBuilder(graph, unfold).tree(program)


class _TreeBuilder:
    def __init__(self, graph: Graph, unfold: bool) -> None:
        self.graph = graph
        self.unfold = unfold
        self.outline = Outline(graph)
        self.extremes = Extremes(graph)

    def tree(self, program: Program) -> Tree:
        given = ", ".join(f"{name}={text}" for name, text in argument_texts(program.graph).items())
        tree = Tree(Text.assemble((program.name, "bold"), f"({given})" if given else ""))
        parts = self.outline.parts()
        # Parts bound outside of all blocks have no node of their own.
        shown = {decision.name for part in parts for decision in self.own(part)}
        self.decided(tree, [d for d in self.graph.open_decisions if d.made_in == "" and d.name not in shown])
        for part in parts:
            self.part(tree, part)
        return tree

    def part(self, tree: Tree, part: NetworkPart) -> None:
        branch = tree.add(self.head(part))
        if part.kind not in CONTAINERS:
            return
        if part.kind == "binding" or self.unfold:
            self.opened(branch, part)
        else:
            self.decided(branch, self.inside(part))

    def opened(self, branch: Tree, part: NetworkPart) -> None:
        """Draw the parts inside a part, and its decisions that none of them lists."""
        if part.kind == "choose":
            self.options(branch, part)
            return
        if part.kind == "repeat":  # its first iteration represents all
            self.decided(branch, self.own(part))
        else:
            shown = {d.name for inner in part.parts if inner.kind in CONTAINERS for d in self.inside(inner)}
            self.decided(branch, [decision for decision in self.inside(part) if decision.name not in shown])
        for inner in part.parts:
            self.part(branch, inner)

    def options(self, branch: Tree, part: NetworkPart) -> None:
        self.decided(branch, self.own(part))
        for scope in part.scopes:
            option = branch.add(Text(self.graph.scopes[scope].label, style="cyan"))
            made_here = [d for d in self.outline.decisions([scope]) if d.made_in == scope]
            self.decided(option, made_here)
            for inner in self.outline.parts(scope):
                self.part(option, inner)

    @staticmethod
    def own(part: NetworkPart) -> list[Decision]:
        """The decision of a choice or repeat, if it is open."""
        decision = open_decision(part)
        return [] if decision is None else [decision]

    def inside(self, part: NetworkPart) -> list[Decision]:
        """The open decisions of a part and of all that is in it, each once."""
        decisions = [*self.own(part), *self.outline.decisions(part.scopes)]
        return list({decision.name: decision for decision in decisions}.values())

    def decided(self, branch: Tree, decisions: Sequence[Decision]) -> None:
        """A line for every kind of decision: what it varies, its options, and their number."""
        kinds = Counter((_varied(d), listed(d), d.dimension.value) for d in decisions)
        lines = list(kinds.items())
        shown = lines if len(lines) <= MANY else lines[: MANY - 1]
        for (varied, options, dimension), count in shown:
            times = f"{count} x " if count > 1 else ""
            text = Text.assemble((f"{MARK} {times}{varied}", "magenta"), f" {options} ", (dimension, "dim"))
            branch.add(text)
        if len(shown) < len(lines):
            left = sum(count for _, count in lines[len(shown) :])
            branch.add(Text(f"{MARK} {left} more decisions", style="magenta"))

    def head(self, part: NetworkPart) -> Text:
        """The name of a part, its number of repetitions, and the shape of its result."""
        text = Text()
        if part.kind == "repeat":
            text.append(f"{how_often(part)} x ", "cyan")
        if part.kind in {"input", "output"} and part.label != part.kind:
            text.append(f"{part.kind} ", "cyan")
        if part.kind == "binding" and any(inner.kind == "output" for inner in part.parts):
            text.append("auxiliary ", "cyan")
        text.append(call_text(self.graph, part), "bold" if part.kind in CONTAINERS else "")
        shape = self.outline.result(part)
        if shape is not None:
            text.append(f"   {' x '.join(map(self.extremes.text, shape))}", "dim")
        return text


def _varied(decision: Decision) -> str:
    parts = names(decision)
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
