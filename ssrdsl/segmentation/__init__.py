"""Semantic segmentation: data, training and scores of networks, in PyTorch.

Nothing is imported here, so that errors of the command line are reported before torch is loaded.
"""
