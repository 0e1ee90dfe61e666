"""The block of a class: one block for all instances, with parameters for their differences.

The expressions of the source are evaluated as symbols over these parameters; each operator becomes a unit of code.
"""
