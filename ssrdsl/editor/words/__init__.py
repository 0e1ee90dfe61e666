"""Texts of hovers and completions: keywords, settings, operators and blocks, values and decisions."""
