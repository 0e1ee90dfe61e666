"""Semantic segmentation: data, training and scores of networks, in PyTorch.

Nothing is imported here: mistakes on a command line are told by what is light, before torch is loaded.
"""
