"""Names in emitted files: of classes, attributes, parameters and variables."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

# Members of `nn.Module`: an attribute with one of these names would break it (`half` breaks `.half()`).
MODULE_MEMBERS = frozenset(
    re.findall(
        r"\w+",
        """
        T_destination add_module append apply bfloat16 buffers call_super_init children compile cpu cuda double
        dump_patches eval extend extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half
        insert ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
        pop register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
        register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
        register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
        register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty
        train training type xpu zero_grad
        """,
    )
)
TAKEN = frozenset({"torch", "nn", "F", "norm", "match", "resize", "round_to", "partial", "self", "super", "range"})
BUILTINS = frozenset(dir(builtins))


class PythonNames:
    """Creates valid and unique names; a second `conv` is `conv2`."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*taken}

    def unique(self, wanted: str) -> str:
        """The name, with a number appended if needed."""
        name, number = wanted, 2
        while name in self.taken:
            name = f"{wanted}_{number}" if wanted[-1:].isdigit() else f"{wanted}{number}"
            number += 1
        self.taken.add(name)
        return name


def variable(wanted: str) -> str:
    """A valid name of a variable or parameter, close to the requested one."""
    name = re.sub(r"\W+", "_", wanted).strip("_").lower() or "x"
    name = f"x{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN or name in BUILTINS else name


def attribute(wanted: str) -> str:
    """A valid name of an attribute of a module."""
    name = variable(wanted).rstrip("_")
    if keyword.iskeyword(name):
        return f"{name}_"
    return f"to_{name}" if name in MODULE_MEMBERS or name.startswith("_") else name


def class_name(block: str) -> str:
    """`non_bottleneck` as NonBottleneck."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"_+", block) if part)
    return name if name.isidentifier() and name not in {"F", "T", "True", "False", "None"} else f"Block{name}"
