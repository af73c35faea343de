"""Trials: how people fare with whom `auto` decides in another way, beside the others, and what halts that."""
