"""Judges the answer of a model in the house before a dearer one is asked; see docs/operator/routing.md."""
