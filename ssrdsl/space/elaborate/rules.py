"""The rules of the language: the functions for each class of syntax nodes and values."""

from __future__ import annotations

from ssrdsl.language import syntax
from ssrdsl.space.elaborate import choices, elements, layers, lists, scalars, statements
from ssrdsl.space.elaborate.context import Rules
from ssrdsl.space.elaborate.values import BlockValue, LayerValue, OperatorValue, PickedLayer

RULES = Rules(
    evaluate={
        syntax.Tuple: lists.evaluate_tuple,
        syntax.List: lists.items,
        syntax.Comprehension: lists.comprehension,
        syntax.Index: elements.index,
        syntax.Set: choices.decide_set,
        syntax.ChooseAlternatives: choices.choose,
        syntax.ChooseOver: choices.choose,
        syntax.Pipe: layers.pipe,
        syntax.Call: layers.call,
        syntax.Attribute: layers.attribute,
        syntax.Arithmetic: scalars.arithmetic,
        syntax.Negation: scalars.negation,
        syntax.Comparison: scalars.comparison,
        syntax.Junction: scalars.junction,
        syntax.Conditional: scalars.conditional,
    },
    apply={
        syntax.Pipe: layers.apply_pipe,
        syntax.Call: layers.apply_call,
        syntax.Conditional: layers.apply_conditional,
        syntax.ChooseAlternatives: choices.apply_choose,
        syntax.ChooseOver: choices.apply_choose,
    },
    apply_value={
        LayerValue: layers.apply_layer,
        PickedLayer: elements.pick,
        BlockValue: layers.instantiate,
        OperatorValue: layers.apply_operator,
    },
    run={
        syntax.Binding: statements.bind,
        syntax.Block: statements.define,
        syntax.For: statements.loop,
        syntax.Require: statements.require,
    },
)
