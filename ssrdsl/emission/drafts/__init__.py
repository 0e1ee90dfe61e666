"""A class in the making: one draft for all instances, with parameters for what differs between them.

The expressions of the source are read again as symbols over these parameters; each operator becomes a unit of code.
"""
