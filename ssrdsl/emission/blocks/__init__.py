"""The class of a block: its instances laid over each other, with parameters for their differences.

The expressions of the source are evaluated as symbols over these parameters; each operator becomes a unit of code.
"""
