"""The formatter's parts: comments, expressions, statements, and columns of bindings."""
