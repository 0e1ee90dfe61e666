"""Run directories, shared by `ssrdsl search` and `ssrdsl train`: start, lock, sources, events, checkpoints, resuming.

A run starts empty and is locked while a process writes to it. Before its first checkpoint a run can be discarded: a
process that fails removes its files, and files left by a killed process are replaced at the next start.
"""
