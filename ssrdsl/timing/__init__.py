"""How networks are timed. The protocol is also written, as text, at the end of every emitted file."""
