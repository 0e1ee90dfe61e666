"""The nodes of the syntax tree: one class for each rule of the grammar, every node with its span.

Spans take no part in comparison, so that two texts which differ in layout alone have equal trees.
"""

from __future__ import annotations

from dataclasses import field
from fractions import Fraction

from ssrdsl.language.source import Span
from ssrdsl.records import record


@record(kw_only=True)
class Node:
    """What every node of the tree has: the stretch of text that it was read from."""

    span: Span = field(repr=False, compare=False)


# Expressions


@record
class Number(Node):
    """A number, exact; `text` keeps its spelling (`7.8G`, `1e-3`)."""

    value: int | Fraction
    text: str
    unit: str | None = None


@record
class String(Node):
    """A text between double quotes."""

    value: str


@record
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@record
class Name(Node):
    """The use of a name."""

    name: str


@record
class Tuple(Node):
    """`(a, b)`."""

    items: tuple[Expression, ...]


@record
class Range(Node):
    """`start..stop step step`, ends included; without `stop` only in a slice."""

    start: Expression
    stop: Expression | None = None
    step: Expression | None = None


@record
class List(Node):
    """`[a, 1..4]`: data, not a decision."""

    items: tuple[Expression, ...]


@record
class Comprehension(Node):
    """`[element for names in values if condition]`."""

    element: Expression
    names: tuple[Name, ...]
    values: Expression
    condition: Expression | None = None


@record
class Set(Node):
    """`{a, b, 8..16 step 4}`: one layer, several values of an attribute, weights shared."""

    items: tuple[Expression, ...]


@record
class ChooseAlternatives(Node):
    """`choose { f | g }`: sub-networks, each with weights and decisions of its own."""

    alternatives: tuple[Expression, ...]


@record
class Domain(Node):
    """`names in values`, in a `choose`."""

    names: tuple[Name, ...]
    values: Expression


@record
class ChooseOver(Node):
    """`choose d in {1, 2}, s in {1, 2} { ... }`: one decision over the product of the domains."""

    domains: tuple[Domain, ...]
    body: Suite


@record
class Argument(Node):
    """An argument of a call, by position or, where `name` is given, by keyword."""

    value: Expression
    name: str | None = None


@record
class Call(Node):
    """`function(arguments)`."""

    function: Expression
    arguments: tuple[Argument, ...]


@record
class Attribute(Node):
    """`value.name`: an extent of a tensor."""

    value: Expression
    name: str


@record
class Index(Node):
    """`value[index]`, where a `Range` makes a slice."""

    value: Expression
    index: Expression


@record
class Negation(Node):
    """`-operand`."""

    operand: Expression


@record
class Arithmetic(Node):
    """`left operator right`, where the operator is one of `+ - * /`."""

    operator: str
    left: Expression
    right: Expression


@record
class Comparison(Node):
    """`a < b <= c`: neighbours compared, all of them to hold."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]


@record
class Junction(Node):
    """`a and b`, `a or b`: evaluated from the left, no further than needed."""

    operator: str
    operands: tuple[Expression, ...]


@record
class Conditional(Node):
    """`then if condition else otherwise`, the condition the same for all decisions."""

    then: Expression
    condition: Expression
    otherwise: Expression


@record
class Pipe(Node):
    """`a -> b -> c`: applies layers to a tensor, or composes layers."""

    stages: tuple[Expression, ...]


Expression = (
    Number
    | String
    | Boolean
    | Name
    | Tuple
    | Range
    | List
    | Comprehension
    | Set
    | ChooseAlternatives
    | ChooseOver
    | Call
    | Attribute
    | Index
    | Negation
    | Arithmetic
    | Comparison
    | Junction
    | Conditional
    | Pipe
)


# Statements


@record
class Binding(Node):
    """`names = value`; `tied` makes the decisions inside once per enclosing scope."""

    names: tuple[Name, ...]
    value: Expression
    tied: bool = False


@record
class For(Node):
    """`for names in values { ... }`; what the body rebinds outlives the loop."""

    names: tuple[Name, ...]
    values: Expression
    body: Suite


@record
class Suite(Node):
    """`{ ... }`: statements, then, where there is one, the value."""

    statements: tuple[Statement, ...]
    value: Expression | None


@record
class Parameter(Node):
    """A parameter of a block or of a space."""

    name: str
    default: Expression | None = None


@record
class Block(Node):
    """`block name(parameters) of inputs { ... }`; `inputs` is empty where the body is a layer."""

    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[Name, ...]
    body: Suite
    tied: bool = False
    comment: str = field(default="", compare=False)
    name_span: Span | None = field(default=None, repr=False, compare=False)


@record
class Input(Node):
    """`input name: channels, height, width`."""

    name: str
    extents: tuple[Expression, ...]


@record
class Output(Node):
    """`output value` or `output name: value`."""

    value: Expression
    name: str | None = None


@record
class Auxiliary(Node):
    """`auxiliary name: value`: a head for training only."""

    name: str
    value: Expression


@record
class Require(Node):
    """`require condition`: a bound on the architectures of the space."""

    condition: Expression


Statement = Binding | For | Block | Input | Output | Auxiliary | Require


# Files


@record
class Rebinding(Node):
    """`name = value` behind `with`."""

    name: str
    value: Expression


@record
class Use(Node):
    """`use std with bn = bn(eps=1e-3)` or `use "blocks.ssr"`; `library` tells the first from the second."""

    target: str
    library: bool
    rebindings: tuple[Rebinding, ...] = ()


@record
class Space(Node):
    """`space name(parameters) { ... }`."""

    name: str
    parameters: tuple[Parameter, ...]
    statements: tuple[Statement, ...]
    comment: str = field(default="", compare=False)


@record
class Setting(Node):
    """`ssr.depth = 0.3`, in a `search`."""

    path: tuple[str, ...]
    value: Expression


@record
class Search(Node):
    """`search { ... }`: how the space is to be searched."""

    settings: tuple[Setting, ...]


Item = Use | Block | Binding | Space | Search


@record
class File(Node):
    """A whole file; `comment` is its header."""

    items: tuple[Item, ...]
    comment: str = field(default="", compare=False)
