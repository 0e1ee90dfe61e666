"""How networks are timed: `ssrdsl.timing.protocol`, which is also written, as text, at the end of every emitted file.

Nothing is imported here, since emission reads that text and shall not need torch.
"""
