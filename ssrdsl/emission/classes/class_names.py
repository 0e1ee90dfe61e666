"""Names of classes: those of their blocks; variants of one block are named by their surroundings or contents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.code.names import BUILTINS, PythonNames, class_name

RESERVED = BUILTINS | {"F", "Any", "Callable", "FlopCounterMode", "Run"}
"""Names that a class cannot have: those used in emitted files, and those of Python builtins."""


def name_classes(space: BlockClass, blocks: Sequence[BlockClass]) -> None:
    """Name all classes, that of the network last."""
    names = PythonNames(RESERVED)
    same = Counter(made.definition.name for made in blocks)
    for made in blocks:
        own = class_name(made.definition.name)
        if same[made.definition.name] > 1:
            own = _wrapped_name(made, blocks) or _option_name(made, blocks) or own
        made.name = names.unique(own)
    own = class_name(space.definition.name)
    space.name = names.unique(own if own not in names.taken else f"{own}Network")


def _wrapped_name(made: BlockClass, blocks: Sequence[BlockClass]) -> str | None:
    """The name of the block around a variant, if it is equal for all its instances and differs from other variants."""
    variants = [block for block in blocks if block.definition is made.definition and block is not made]
    (name, *more), *others = ({instance.wrapper for instance in one.instances} for one in (made, *variants))
    if more or name is None or all(other == {name} for other in others):
        return None
    return class_name(name)


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
