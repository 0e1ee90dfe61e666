"""Data sets: read from directories or generated, held in memory, cut into batches."""
