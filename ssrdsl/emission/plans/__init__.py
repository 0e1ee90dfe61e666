"""The plan of a class: its units as named attributes, and the statements of `forward`."""
