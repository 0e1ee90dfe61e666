"""Strategies of search, one a file."""
