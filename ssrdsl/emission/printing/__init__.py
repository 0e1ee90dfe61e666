"""The text of an emitted file: docstring, imports, functions, classes, timing."""
