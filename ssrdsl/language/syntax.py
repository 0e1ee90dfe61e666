"""The nodes of the syntax tree: one class for each rule of the grammar, every node with its span.

Spans are ignored in comparisons, so that texts which only differ in layout have equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ssrdsl.language.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The base class of all nodes, with the span of their text."""

    span: Span = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedNode(Node):
    """A node that names what it makes, with the span of that name."""

    name_span: Span = field(repr=False, compare=False)


# Expressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(Node):
    """The base class of the nodes that have a value; the span of a `grouped` one includes its parentheses."""

    grouped: bool = field(default=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A number, exact; `text` keeps its spelling (`7.8G`, `1e-3`)."""

    value: int | Fraction
    text: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class String(Expression):
    """A string in double quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Expression):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """The use of a name."""

    name: str

    @property
    def name_span(self) -> Span:
        """The span of the name, as in a `NamedNode`."""
        return self.span


@dataclass(frozen=True, slots=True)
class Tuple(Expression):
    """`(a, b)`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Range(Expression):
    """`start..stop step step`, ends included; without `stop` only in a slice."""

    start: Expression
    stop: Expression | None = None
    step: Expression | None = None


@dataclass(frozen=True, slots=True)
class List(Expression):
    """`[a, 1..4]`: data, not a decision."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Expression):
    """`[element for names in values if condition]`."""

    element: Expression
    names: tuple[Name, ...]
    values: Expression
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Set(Expression):
    """`{a, b, 8..16 step 4}`: one layer, several values of an attribute, weights shared."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ChooseAlternatives(Expression):
    """`choose { f | g }`: sub-networks, each with its own weights and decisions."""

    alternatives: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Domain(Node):
    """`names in values`, in a `choose`."""

    names: tuple[Name, ...]
    values: Expression


@dataclass(frozen=True, slots=True)
class ChooseOver(Expression):
    """`choose d in {1, 2}, s in {1, 2} { ... }`: one decision over the product of the domains."""

    domains: tuple[Domain, ...]
    body: Suite


@dataclass(frozen=True, slots=True)
class Argument(NamedNode):
    """An argument of a call, by keyword, or by position if it has no name; `name_span` is only valid with a name."""

    value: Expression
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """`function(arguments)`."""

    function: Expression
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Attribute(Expression):
    """`value.name`: an extent of a tensor."""

    value: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Expression):
    """`value[index]`, where a `Range` makes a slice."""

    value: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Negation(Expression):
    """`-operand`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic(Expression):
    """`left operator right`, where the operator is one of `+ - * /`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison(Expression):
    """`a < b <= c`: all adjacent comparisons must hold."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Junction(Expression):
    """`a and b`, `a or b`: evaluated from the left with short circuit."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """`then if condition else otherwise`, the condition the same for all decisions."""

    then: Expression
    condition: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Pipe(Expression):
    """`a -> b -> c`: applies layers to a tensor, or composes layers."""

    stages: tuple[Expression, ...]


# Statements


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """`names = value`; `tied` makes the decisions inside once per enclosing scope."""

    names: tuple[Name, ...]
    value: Expression
    tied: bool = False


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for names in values { ... }`; what the body rebinds outlives the loop."""

    names: tuple[Name, ...]
    values: Expression
    body: Suite


@dataclass(frozen=True, slots=True)
class Suite(Node):
    """`{ ... }`: statements, then the value, which a space and a loop do not have."""

    statements: tuple[Statement, ...]
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Parameter(NamedNode):
    """A parameter of a block or of a space."""

    name: str
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Block(NamedNode):
    """`block name(parameters) of inputs { ... }`; `inputs` is empty if the body is a layer."""

    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[Name, ...]
    body: Suite
    tied: bool = False
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Input(NamedNode):
    """`input name: channels, height, width`."""

    name: str
    extents: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Output(NamedNode):
    """`output name: value`, `output value`, or `auxiliary name: value`, a head for training only.

    `name_span` is only valid with a name.
    """

    value: Expression
    name: str | None = None
    auxiliary: bool = False


@dataclass(frozen=True, slots=True)
class Require(Node):
    """`require condition`: a bound on the architectures of the space."""

    condition: Expression


Statement = Binding | For | Block | Input | Output | Require


# Files


@dataclass(frozen=True, slots=True)
class Rebinding(NamedNode):
    """`name = value` after `with`."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use std with bn = bn(eps=1e-3)` or `use "blocks.ssr"`; `library` is true of the first."""

    target: str
    library: bool
    rebindings: tuple[Rebinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Space(NamedNode):
    """`space name(parameters) { ... }`."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Suite
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """`ssr.depth = 0.3`, in a `search`."""

    path: tuple[str, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Search(Node):
    """`search { ... }`: how the space is searched."""

    settings: tuple[Setting, ...]


Item = Use | Block | Binding | Space | Search


@dataclass(frozen=True, slots=True)
class File(Node):
    """A whole file; `comment` is its header."""

    items: tuple[Item, ...]
    comment: str = field(default="", compare=False)
