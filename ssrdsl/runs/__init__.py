"""Run directories, shared by `ssrdsl search` and `ssrdsl train`: start, lock, sources, events, checkpoints, resuming.

A run starts empty and is locked while a process writes to it. Until its first checkpoint is saved it holds nothing of
value: a process that fails before removes what it wrote, and what a killed process left is replaced by the next start.
"""
