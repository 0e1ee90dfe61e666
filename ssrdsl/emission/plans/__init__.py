"""The plan of a class: its units gathered to attributes with names, and the statements of `forward`."""
