"""Conditions over decisions, as decision diagrams: when a node is alive, a decision active, a requirement met."""
