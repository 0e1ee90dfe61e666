"""Which blocks become classes, and which instances share one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ssrdsl.emission.classes.order import ordered_groups
from ssrdsl.emission.classes.written_out import is_wrapper, is_written_out
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.equalities import merge_equal, name_only_width
from ssrdsl.emission.drafts.objects import write_object
from ssrdsl.emission.drafts.operators import write_operator
from ssrdsl.emission.drafts.optional import make_optional
from ssrdsl.emission.drafts.templates import Template, laid_over
from ssrdsl.emission.drafts.unify import Unfit
from ssrdsl.emission.instances.bodies import Body, Ends, body
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.emission.plans.planner import planned
from ssrdsl.emission.plans.repeated import name_repeated
from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.graph import Scope

MAX_WORK = 220_000
"""Limit on the tensors read by pieces of bodies that are merged or drafted, plus `WORK_OF_A_PIECE` for each piece: some
seconds. Large networks need 10,000."""
WORK_OF_A_PIECE = 10
MANY = 3
"""A chain of other blocks with more differences than this is not a class: it is inlined."""


@dataclass(slots=True)
class Grouping:
    """The classes of a network, created from the innermost blocks outwards.

    Raises `TooWide` if this takes more than `MAX_WORK`.
    """

    network: IndexedNetwork
    classes: dict[str, BlockClass] = field(default_factory=dict)
    """The class of every scope that has one."""
    ends: dict[str, Ends] = field(default_factory=dict)
    made: list[BlockClass] = field(default_factory=list)
    work: Budget = field(default_factory=lambda: Budget(MAX_WORK))
    wrappers: dict[str, list[str]] = field(default_factory=dict)
    """The blocks that only consist of one instance of another block, by the scope of that instance, innermost first."""

    def run(self) -> None:
        """Make the classes of all blocks."""
        for scopes in ordered_groups(self.network):
            self._group(scopes)

    def space(self, exposed: frozenset[str]) -> BlockClass:
        """The class of the network itself; `exposed` are the space's parameters that its constructor takes."""
        (template,) = self._templates([""])
        heads = [node.name if node.auxiliary else None for node in self.network.graph.outputs]
        made = planned(self._drafted(template, exposed), self.classes, heads)
        made.sign()
        return made

    def _templates(self, scopes: Iterable[str]) -> list[Template]:
        return self._laid_over([body(self.network, scope, self.ends) for scope in scopes])

    def _laid_over(self, bodies: list[Body]) -> list[Template]:
        self._spend(bodies)
        return laid_over(bodies)

    def _spend(self, bodies: Iterable[Body]) -> None:
        work = sum(WORK_OF_A_PIECE + len(piece.reads) for each in bodies for piece in each.pieces)
        count = len(self.network.operators)
        self.work.spend(work, f"emitting a network of {count:,} operators takes too long")

    def _drafted(self, template: Template, exposed: frozenset[str] | None = None) -> Draft:
        """The draft of a template. Raises `Unfit` if the members differ in more than numbers."""
        self._spend(template.members)
        draft = Draft(self.network, template, exposed)
        for unit in template.units:
            if unit.node is None:
                write_object(draft, unit, self.classes)
            else:
                write_operator(draft, unit)
        make_optional(draft)
        merge_equal(draft)
        if not draft.is_network:
            name_only_width(draft)
        return draft

    def _group(self, scopes: list[Scope]) -> None:
        templates = self._templates(scope.id for scope in scopes)
        if len(templates) > 1 and all(template.is_chain_of_blocks for template in templates):
            return
        for template in templates:
            if is_wrapper(template):
                for member in template.members:
                    self._note_wrapper(member)
            elif not is_written_out(self.network, template):
                self._add(template)

    def _note_wrapper(self, member: Body) -> None:
        child = member.pieces[0].children[0]
        definition = self.network.scope(member.scope).definition
        if definition is not None:
            self.wrappers.setdefault(child, []).append(definition.name)

    def _add(self, template: Template) -> None:
        """Make the class of a template, or several where its members do not fit into one."""
        draft = self._fitting(template, MANY if template.is_chain_of_blocks else 2 * MANY)
        if draft is not None:
            self._finish(draft)
        elif not template.is_chain_of_blocks:
            for part, known in self._parts(template):
                self._finish(known or self._drafted(part))

    def _fitting(self, template: Template, most: int) -> Draft | None:
        """The draft of a template, if its members differ in no more than so many numbers, or it has but one."""
        try:
            draft = self._drafted(template)
        except Unfit:
            return None
        return draft if len(template.members) == 1 or draft.parameters.differences <= most else None

    def _parts(self, template: Template) -> list[tuple[Template, Draft | None]]:
        """A template taken apart: equal members stay together, with their draft."""
        parts: list[tuple[Template, Draft | None]] = []
        for member in template.members:
            for index, (part, _) in enumerate(parts):
                joined = self._laid_over([*part.members, member])
                fits = len(joined) == 1 and len(part.members) + 1 < len(template.members)
                if fits and (draft := self._fitting(joined[0], MANY)) is not None:
                    parts[index] = joined[0], draft
                    break
            else:
                parts.append((self._laid_over([member])[0], None))
        return parts

    def _finish(self, draft: Draft) -> None:
        """Makes the class of a draft, which another class stands for if that has the same text."""
        made = planned(draft, self.classes, [None] * len(draft.template.results))
        name_repeated(made)
        made.sign(len(self.made))
        alike = next((other for other in self.made if made.reads_like(other)), None)
        if alike is None:
            self.made.append(made)
        else:
            made.number = alike.number
        self.classes.update(dict.fromkeys(made.scopes, made))
        self.ends.update((scope, draft.template.ends(index)) for index, scope in enumerate(made.scopes))
