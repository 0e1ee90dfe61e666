"""Names of classes: those of their blocks; variants of one block are named by their surroundings or contents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.code.names import BUILTINS, PythonNames, class_name

RESERVED = BUILTINS | {"F", "Any", "Callable", "FlopCounterMode", "Run"}
"""Names that a class cannot have: those used in emitted files, and those of Python builtins."""


def name_classes(space: BlockClass, blocks: Sequence[BlockClass], wrappers: Mapping[str, Sequence[str]]) -> None:
    """Name all classes, that of the network last. `wrappers` has the blocks that only consist of a scope, by scope."""
    names = PythonNames(RESERVED)
    same = Counter(made.definition.name for made in blocks)
    for made in blocks:
        own = class_name(made.definition.name)
        if same[made.definition.name] > 1:
            own = _wrapped_name(made, blocks, wrappers) or _option_name(made, blocks) or own
        made.name = names.unique(own)
    own = class_name(space.definition.name)
    space.name = names.unique(own if own not in names.taken else f"{own}Network")


def _wrapped_name(made: BlockClass, blocks: Sequence[BlockClass], wrappers: Mapping[str, Sequence[str]]) -> str | None:
    """The name of the block around a variant, if it is equal for all its instances and differs from other variants."""

    def around(one: BlockClass) -> set[str]:
        return {wrapper for own in one.instances for wrapper in wrappers.get(own.scope, ["?"])[:1]}

    own = around(made)
    others = [around(o) for o in blocks if o is not made and o.definition is made.definition]
    if len(own) != 1 or "?" in own or all(own == other for other in others):
        return None
    return class_name(next(iter(own)))


def _option_name(made: BlockClass, blocks: Sequence[BlockClass]) -> str | None:
    """The name of a variant by the option of a `choose` chosen in all its instances, if unique among variants."""
    variants = [block for block in blocks if block.definition is made.definition]
    labels = [_option(block) for block in variants]
    if None in labels or len(set(labels)) < len(labels):
        return None
    return class_name(f"{made.definition.name}_{labels[variants.index(made)]}")


def _option(made: BlockClass) -> str | None:
    """The label of the option that contains all instances."""
    network, found = made.network, set()
    for outer in (instance.scope for instance in made.instances):
        options = [child for child in network.children.get(outer, ()) if network.scope(child).kind == "option"]
        inside = [scopes for scopes in network.ancestors.values() if outer in scopes]
        if len(options) != 1 or any(options[0] not in scopes for scopes in inside):
            return None
        found.add(network.scope(options[0]).label.partition("=")[2])
    label = found.pop() if len(found) == 1 else ""
    return label if label.isidentifier() else None
