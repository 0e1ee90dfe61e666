"""Timing of networks: `ssrdsl.timing.protocol`, whose source is also copied to the end of every emitted file.

Nothing is imported here, since emission reads that source and must not import torch.
"""
