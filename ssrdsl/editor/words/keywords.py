"""The words of the language itself, and what each is for."""

from __future__ import annotations

ABOUT: dict[str, str] = {
    "and": "Both conditions hold. The second is looked at only where the first holds.",
    "auxiliary": "`auxiliary name: expression` declares a head for training only; it does not count in costs.",
    "block": "`block name(parameters) of inputs { ... }` defines a block. Without `of` its body is a layer; with it, "
    "the body ends in the tensors that the block gives.",
    "choose": "`choose { f | g }` or `choose d in {1, 2} { ... }`: one of several sub-networks, each with weights and "
    "decisions of its own.",
    "else": "`a if condition else b`, where the condition has one value over all decisions.",
    "false": "A condition that does not hold.",
    "for": "`for names in list { ... }` runs its body for every element, with new weights each time. What the body "
    "binds outlives the loop. `[f(x) for x in list]` makes a list.",
    "if": "`a if condition else b`, where the condition has one value over all decisions.",
    "in": "Behind it stands what a loop or a `choose` runs over.",
    "input": "`input name: channels, height, width` declares an input of the network.",
    "of": "`block name(...) of a, b` names the tensors that the block is applied to.",
    "or": "One of the conditions holds. The second is looked at only where the first does not.",
    "output": "`output expression` or `output name: expression` declares a result of the network.",
    "require": "`require macs <= 11G` bounds a cost, `require n1 + n2 == 4` admits only some assignments of decisions.",
    "search": "`search { ... }` says how the space is to be searched.",
    "space": "`space name(parameters) { ... }`: the network with its holes. A file has one.",
    "step": "`8..16 step 4`: every fourth number, both ends included.",
    "tied": "In front of a binding or a block: the decisions inside are made once for all uses, the weights still for "
    "each.",
    "true": "A condition that holds.",
    "use": '`use std` brings in the prelude, `use "blocks.ssr"` the definitions of a file beside this one.',
    "with": "`use std with bn = bn(eps=1e-3)` rebinds a name in what is used, and binds it here.",
}
