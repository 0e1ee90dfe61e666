"""Out-of-memory errors, on the CPU and on the GPU."""

from __future__ import annotations

_NO_MEMORY = ("can't allocate memory", "out of memory", "Cannot allocate memory", "bad allocation")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: `MemoryError`, `torch.OutOfMemoryError`, or the `RuntimeError` of torch on the CPU."""
    if isinstance(error, MemoryError):
        return True
    # On the CPU torch raises a plain RuntimeError.
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)
