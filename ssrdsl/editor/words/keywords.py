"""The keywords of the language, each with a description."""

from __future__ import annotations

ABOUT: dict[str, str] = {
    "and": "True if both conditions are true. The second one is only evaluated if the first one is true.",
    "auxiliary": "`auxiliary name: expression` declares an output for training only. It is excluded from costs.",
    "block": "`block name(parameters) of inputs { ... }` defines a block. With `of`, the body ends with the result "
    "tensors; without it, the body is a layer.",
    "choose": "`choose { f | g }` or `choose d in {1, 2} { ... }`: one of several sub-networks, each with its own "
    "weights and decisions.",
    "else": "`a if condition else b`. The condition must have the same value for the whole space.",
    "false": "Boolean value.",
    "for": "`for names in list { ... }` runs its body for every element, with new weights each time. Names that the "
    "body binds keep their values after the loop. `[f(x) for x in list]` creates a list.",
    "if": "`a if condition else b`. The condition must have the same value for the whole space.",
    "in": "Precedes the list of a loop or the values of a `choose`.",
    "input": "`input name: channels, height, width` declares an input of the network.",
    "of": "`block name(...) of a, b` names the input tensors of a block.",
    "or": "True if one of the conditions is true. The second one is only evaluated if the first one is false.",
    "output": "`output expression` or `output name: expression` declares an output of the network.",
    "require": "`require macs <= 11G` bounds a cost. `require n1 + n2 == 4` restricts the decisions.",
    "search": "`search { ... }` contains the settings of the search.",
    "space": "`space name(parameters) { ... }` defines a search space. A file has at most one.",
    "step": "`8..16 step 4`: every fourth number, including both ends.",
    "tied": "Before a binding or a block: its decisions are made once for all uses. Weights are separate for each use.",
    "true": "Boolean value.",
    "use": '`use std` imports the prelude, `use "blocks.ssr"` the definitions of another file.',
    "with": "`use std with bn = bn(eps=1e-3)` replaces a name in the imported definitions and in this file.",
}
