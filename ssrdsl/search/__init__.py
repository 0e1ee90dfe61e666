"""The search: gates and weights are trained alternately and options are dropped until one network is left.

Nothing is imported here, so that errors of the command line are reported before torch is loaded.
"""
