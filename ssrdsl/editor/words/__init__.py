"""What there is to say, in words: of keywords, settings, operators and blocks, values and decisions."""
