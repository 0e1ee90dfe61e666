"""The language server: the open documents, their analyses, and the messages of the protocol."""
