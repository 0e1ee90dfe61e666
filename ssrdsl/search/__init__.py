"""The search: gates and weights learn in turn, options fall away, until one network is left.

Nothing is imported here: mistakes on a command line are told by what is light, before torch is loaded.
"""
