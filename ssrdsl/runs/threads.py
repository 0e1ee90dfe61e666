"""The number of CPU threads: recorded with a run, since the order of sums changes results."""

from __future__ import annotations

LARGEST = 1024
"""More than the cores of any machine; far above this, threads cannot be started."""


def set_threads(number: int | None) -> int:
    """Set the number of threads of torch, by default its own default, and return it."""
    import torch

    threads = min(number or torch.get_num_threads(), LARGEST)
    torch.set_num_threads(threads)
    return threads
