"""Emission: the graph of one network becomes a Python file that reads as if written by hand.

Every block of the source becomes a class; the arguments of its constructor are the parameters of the block and the
options chosen inside it. Blocks of the prelude are inlined. Nothing here imports torch.

A graph goes through the packages in this order; `code` and `ssrdsl.space.expressions` are what they write with.

- `instances`: the network as nested instances of blocks; the elaborator evaluates the expressions of an `Instance`
  once more, with names bound to symbols;
- `blocks`: instances laid over each other in a `BlockClass`, with one `Unit` of code for each operator or inner
  instance, and parameters for their differences;
- `plans`: the members of a class and the statements of its `forward`, from units in a `Chain` or a `Fold`;
- `classes`: which blocks become classes, the names of these, and the path of every operator in them;
- `printing`: the text of the file.
"""

from ssrdsl.emission.classes.model import Model, model, parameter_names
from ssrdsl.emission.printing.file import ExpectedInput, Heading, emit, figures, is_as_emitted

__all__ = ["ExpectedInput", "Heading", "Model", "emit", "figures", "is_as_emitted", "model", "parameter_names"]
