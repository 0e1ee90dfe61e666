"""A class of the emitted file: how it is called, and what it consists of."""

from __future__ import annotations

from dataclasses import dataclass

from ssrdsl.emission.drafts.signature import Signature
from ssrdsl.emission.instances.network import Network
from ssrdsl.emission.plans.blueprint import Blueprint
from ssrdsl.language import syntax


@dataclass(slots=True)
class BlockClass:
    """The class of the instances of a block, or of the network."""

    blueprint: Blueprint
    signature: Signature

    @property
    def definition(self) -> syntax.Block | syntax.Space:
        """What it is the class of."""
        return self.blueprint.draft.definition

    @property
    def network(self) -> Network:
        """The network that holds its instances."""
        return self.blueprint.draft.network

    @property
    def scopes(self) -> list[str]:
        """The scopes of its instances."""
        return [body.scope for body in self.blueprint.draft.template.members]

    def reads_like(self, other: BlockClass) -> bool:
        """Whether another class has the same text, so that one of them can stand for both."""
        if other.definition is not self.definition or other.blueprint.text() != self.blueprint.text():
            return False
        own, others = ([(p.name, p.default) for p in made.signature.parameters] for made in (self, other))
        return own == others
